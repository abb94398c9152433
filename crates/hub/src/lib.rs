//! The server's side of [`leptos_sse`](https://docs.rs/leptos_sse): the hub, and streams of server-sent events.
//!
//! An app adds `leptos_sse`, which re-exports this crate with its features `axum`, `actix`, `ssr` and `metrics`.
//!
//! - [`SseHub`]: signals and feeds that are written anywhere on the server, and [`SseRequest`]: who may see what.
//! - [`ServerSentEvents`]: any stream of values, or a [channel](ServerSentEvents::channel), as the events of one signal.
//! - [`SseResponse`] and [`SseEvent`]: plain streams of events, written by a closure.
//! - The modules `axum` and `actix`, with the features of those names: the handlers, extractors and responses.
//!
//! The crate knows no Leptos. All but the two adapters know no web framework.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "actix", not(target_arch = "wasm32")))]
pub mod actix;
#[cfg(feature = "axum")]
pub mod axum;
mod channel;
mod event;
mod heartbeat;
mod hub;
#[cfg(feature = "metrics")]
pub mod metrics;
mod sink;
mod stream;

pub use channel::{BoxError, ChannelStream, SendError, Sender};
pub use event::{SseEvent, SseFields};
pub use hub::{HubStats, ServerFeed, ServerSignal, SseHub, SseHubOptions, SseRefusal, SseRequest, Subscription};
pub use leptos_sse_core::{Cursor, Document, Epoch, Error, IntoKey, Key};
pub use sink::{SseBody, SseEnd, SseResponse, SseSink};
pub use stream::ServerSentEvents;
