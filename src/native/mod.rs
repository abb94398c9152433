//! Clients that are no browsers.

// The clients that are made of it may be absent.
#[allow(dead_code)]
mod attempt;
mod event_source;
mod http;

pub use event_source::{Event, EventSource, EventSourceOptions, Events, Listener, ReadyState};
pub use http::{Body, BoxError, FinalUrl, Http, Reqwest};
