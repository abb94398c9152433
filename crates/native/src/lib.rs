//! Server-sent events and the signals of [`leptos_sse`](https://docs.rs/leptos_sse) for programs without a browser: on tokio, and
//! without Leptos.
//!
//! - [`SseClient`]: the signals and feeds of a server, as a page follows them.
//! - [`EventSource`]: any stream of server-sent events, as a browser follows it.
//! - [`Http`]: what sends the requests; [`Reqwest`] by default, and anything else in its place, as in tests.

mod attempt;
mod client;
mod event_source;
mod http;
mod options;
mod transport;
mod url;

pub use client::{
    SseClient, SseClientClosed, SseClientFeed, SseClientFeedItem, SseClientSignal, SseClientStatuses, SseClientValues,
};
pub use event_source::{Event, EventSource, EventSourceOptions, Events, Listener, ReadyState};
pub use http::{Body, FinalUrl, Http, Reqwest};
pub use leptos_sse_client::{SseClosed, SseErrorReport, SseSignalStatus, SseStatus};
pub use leptos_sse_core::{BoxError, Cursor, Error, IntoKey, Key};
pub use options::SseClientOptions;
