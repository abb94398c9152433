//! The server's side of [`leptos_sse`](https://docs.rs/leptos_sse): the hub, and streams of server-sent events.
//!
//! An app adds `leptos_sse`, which re-exports this crate with its features `axum`, `actix`, `ssr` and `metrics`.
//!
//! - [`SseHub`]: signals and feeds that are written anywhere on the server, and [`SseRequest`]: who may see what.
//! - [`ServerWrite`]: a write to the hub, and what is certain of it when.
//! - [`ServerSentEvents`]: any stream of values, or a [channel](ServerSentEvents::channel), as the events of one signal.
//! - [`events`]: plain streams of events, written by a closure.
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
pub mod events;
mod heartbeat;
mod hub;
#[cfg(feature = "metrics")]
pub mod metrics;
mod send_error;
mod sink;
mod stream;

pub use channel::{ServerChannel, ServerSender};
#[doc(hidden)]
pub use hub::engine;
pub use hub::{
    ServerFeed, ServerSignal, ServerWrite, SseHub, SseHubOptions, SseHubStats, SseRefusal, SseRequest, SseSubscription,
    Written,
};
pub use leptos_sse_core::{BoxError, Cursor, Document, Epoch, Error, IntoKey, Key};
pub use send_error::SseSendError;
pub use stream::ServerSentEvents;
