//! What an app of Leptos sees: a connection in context, and read-only signals that follow the server.

mod arc_signal;
pub(crate) mod context;
mod feed;
mod follow;
mod group;
mod id;
mod on_error;
mod option;
mod part;
mod provider;
mod signal;
mod signal_status;
mod status;
mod store;
mod switch;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod use_sse;

pub use arc_signal::ArcSseSignal;
pub use context::SseContext;
pub use feed::SseFeed;
pub use id::SseId;
pub use on_error::on_sse_error;
pub use provider::{provide_sse, provide_sse_with};
pub use status::use_sse_status;
pub use use_sse::{UseSse, create_sse_signal, use_sse};
