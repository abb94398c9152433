//! What an app of Leptos sees: a connection in context, and read-only signals that follow the server.

mod arc_signal;
mod context;
mod feed;
mod follow;
pub(crate) mod group;
mod id;
mod on_error;
pub(crate) mod option;
mod part;
pub(crate) mod provided;
mod provider;
pub(crate) mod shared;
pub(crate) mod signal_status;
mod status;
mod store;
mod switch;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod use_sse;
mod value;
#[cfg(feature = "ssr")]
mod written;
#[cfg(not(feature = "ssr"))]
#[path = "not_written.rs"]
mod written;

pub use arc_signal::ArcSseSignal;
pub use context::SseContext;
pub use feed::SseFeed;
pub use id::SseId;
pub use on_error::on_sse_error;
pub use provider::{provide_sse, provide_sse_with};
pub use status::use_sse_status;
pub use use_sse::{UseSse, create_sse_signal, use_sse};
pub use value::{provide_sse_value, provide_sse_value_for};
