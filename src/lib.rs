//! Live server state for Leptos.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;

// Each side of the wire uses its half of these; the other half is compiled and tested there all the same.
#[cfg_attr(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))), allow(dead_code))]
mod client;
#[cfg_attr(not(feature = "ssr"), allow(dead_code))]
mod diff;
#[cfg_attr(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))), allow(dead_code))]
mod patch;
#[cfg_attr(not(feature = "ssr"), allow(dead_code, unused_imports))]
mod protocol;

#[cfg(all(feature = "actix", not(target_arch = "wasm32")))]
pub mod actix;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "ssr")]
mod channel;
#[cfg(feature = "ssr")]
mod stream;

pub use client::{
    SseClosed, SseContext, SseOptions, SseStatus, create_sse_signal, create_sse_signal_named, provide_sse,
    provide_sse_value, provide_sse_value_named, provide_sse_with, use_sse_signal, use_sse_signal_named, use_sse_status,
};
pub use error::Error;
pub use protocol::{Cursor, Epoch, Key, ServerSignalUpdate, SseEvent};

#[cfg(feature = "ssr")]
pub use channel::{BoxError, ChannelStream, SendError, Sender};
#[cfg(feature = "ssr")]
pub use stream::ServerSentEvents;
