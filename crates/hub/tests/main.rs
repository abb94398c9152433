//! The hub, its streams and its adapters, as users and clients see them.

extern crate leptos_sse_hub as leptos_sse;

mod hub;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(all(feature = "axum", feature = "actix"))]
mod recovery;
#[cfg(all(feature = "axum", feature = "actix"))]
mod servers;
#[path = "../src/hub/tests/sse.rs"]
mod sse;
mod stream;
