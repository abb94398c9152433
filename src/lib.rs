//! Live server state for Leptos: server signals kept in step over Server-Sent Events.
//!
//! The server owns a value; every browser shows it. A stream of values becomes JSON patches on one plain HTTP stream, and a
//! read-only signal in the browser follows them, through lost connections, restarts and bad data.
//!
//! In a component, on both sides:
//!
//! ```
//! use leptos::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Default, Serialize, Deserialize)]
//! pub struct Count {
//!     pub value: i32,
//! }
//!
//! #[component]
//! pub fn App() -> impl IntoView {
//!     leptos_sse::provide_sse("/sse").unwrap();
//!     let count = leptos_sse::create_sse_signal::<Count>();
//!     view! { <h1>"Count: " {move || count.get().value}</h1> }
//! }
//! ```
//!
//! On the server, a hub whose signals everyone follows, or a stream of values for each connection; the modules `axum` and
//! `actix` have the handlers. The README starts an app from nothing, `PROTOCOL.md` is the wire.
//!
//! # Where to look
//!
//! - [`provide_sse`], [`create_sse_signal`]: a connection, and a signal on it.
//! - [`use_sse`]: any value of the server (by its type, a name, or an id that may change) in any form: a signal, an option, a memo,
//!   a part, a store, a feed of events, or its status.
//! - [`Rebuild`]: the derived trait for values that are rebuilt in place, and for stores; [`store::ByKey`] for a store's lists.
//! - [`on_sse_error`]: each error, and what it was about.
//! - [`use_sse_status`]: the state of the connection; [`SseContext`]: its raw `EventSource`.
//! - `provide_sse_hub` and `provide_sse_hub_allowing`, with the feature `ssr`: pages that begin with the hub's values;
//!   [`provide_sse_value`]: a first value that no hub has.
//! - `SseHub`, with the feature `ssr`: signals and feeds that are written anywhere on the server, and `SseRequest`: who may
//!   see what.
//! - `ServerSentEvents`, with the feature `ssr`: any stream, or a channel, as events.
//! - `events`, with the feature `ssr`: plain streams of events that are no signals, written by a closure.
//! - The crate [`leptos_sse_native`](https://docs.rs/leptos_sse_native): the same signals and feeds, and any event stream, in a
//!   program without a browser.
//! - [`document`]: from one value to the next as a JSON Patch, and back; what all of the above runs on.
//! - [`prelude`]: what most apps use, in one import.
//!
//! # Features
//!
//! `hydrate` and `csr` are the browser's side, `axum` and `actix` the server's, `ssr` the server's without a web framework.
//! `metrics` publishes a hub's numbers, and `testing` tests components without a server. None is on by default. Features only add,
//! and any mix of them builds on the host and on wasm32. On the server the signals exist and stay as they start. A build for
//! wasm32 with no side is a compile error, and a page that was built with the server's side alone says so in the console, as
//! nothing would ever connect.
#![cfg_attr(docsrs, feature(doc_cfg))]

// A test of components may do without a side.
#[cfg(all(
    target_arch = "wasm32",
    not(any(feature = "hydrate", feature = "csr", feature = "ssr", feature = "testing"))
))]
compile_error!(
    "leptos_sse is built for wasm32 without any of its sides, so that nothing would ever connect: add `leptos_sse/hydrate` to \
     the feature `hydrate` of your package, or `leptos_sse/csr` where the browser alone renders it"
);

// The derive macro names this crate, in the tests of the crate too.
#[cfg(test)]
extern crate self as leptos_sse;

#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
mod browser;
pub mod document;
// Its examples need all of the features, and are run with those of the documentation.
#[cfg(all(any(doc, doctest), feature = "axum", feature = "actix", feature = "metrics", unix))]
pub mod guide;
mod hydration;
#[cfg(all(target_arch = "wasm32", not(any(feature = "csr", feature = "hydrate"))))]
mod misbuilt;
mod options;
pub mod prelude;
mod reactive;
mod status_signal;
pub mod store;
#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
mod stub;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(all(target_arch = "wasm32", not(any(feature = "csr", feature = "hydrate"))))]
use misbuilt as browser;
#[cfg(not(target_arch = "wasm32"))]
use stub as browser;

pub use hydration::{provide_sse_value, provide_sse_value_for};
pub use leptos_sse_client::{SseClosed, SseErrorReport, SseSignalStatus, SseStatus};
pub use leptos_sse_core::{Cursor, Epoch, Error, IntoKey, Key, Rebuild, ServerSignalUpdate};
pub use options::SseOptions;
pub use reactive::{
    ArcSseSignal, SseContext, SseFeed, SseId, UseSse, create_sse_signal, on_sse_error, provide_sse, provide_sse_with,
    use_sse, use_sse_status,
};

/// What the code of the derive macro names.
#[doc(hidden)]
pub use leptos_sse_core::__private;

#[cfg(feature = "ssr")]
pub use hydration::{provide_sse_hub, provide_sse_hub_allowing};
#[cfg(all(feature = "actix", not(target_arch = "wasm32")))]
pub use leptos_sse_hub::actix;
#[cfg(feature = "axum")]
pub use leptos_sse_hub::axum;
#[cfg(feature = "metrics")]
pub use leptos_sse_hub::metrics;
#[cfg(feature = "ssr")]
pub use leptos_sse_hub::{
    BoxError, ServerChannel, ServerFeed, ServerSender, ServerSentEvents, ServerSignal, ServerWrite, SseHub,
    SseHubOptions, SseHubStats, SseRefusal, SseRequest, SseSendError, SseSubscription, Written, events,
};
