//! Clients that are no browsers: on tokio, and without Leptos.
//!
//! - [`EventSource`]: any stream of server-sent events, as a browser follows it.
//! - [`Http`]: what sends the requests; [`Reqwest`] by default, and anything else in its place, as in tests.

// The clients that are made of it may be absent.
#[allow(dead_code)]
mod attempt;
mod event_source;
mod http;

pub use event_source::{Event, EventSource, EventSourceOptions, Events, Listener, ReadyState};
pub use http::{Body, BoxError, FinalUrl, Http, Reqwest};
