//! Clients that are no browsers: on tokio, and without Leptos.
//!
//! - [`SseClient`]: the signals and feeds of a server, as a page follows them.
//! - [`EventSource`]: any stream of server-sent events, as a browser follows it.
//! - [`Http`]: what sends the requests; [`Reqwest`] by default, and anything else in its place, as in tests.

mod attempt;
mod client;
mod event_source;
mod http;
pub(crate) mod url;

pub use client::{Closed, Feed, FeedItem, Signal, SseClient, Statuses, Values};
pub use event_source::{Event, EventSource, EventSourceOptions, Events, Listener, ReadyState};
pub use http::{Body, BoxError, FinalUrl, Http, Reqwest};
