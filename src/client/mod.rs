//! The browser's side: a connection in context, and read-only signals that follow the server.
//!
//! The state machine and the documents are pure; what they need of the world comes through `transport`, which is inert
//! where there is no browser.

mod asked;
pub(crate) mod connection;
pub(crate) mod documents;
mod error;
pub(crate) mod feed_log;
pub(crate) mod feeds;
pub(crate) mod first;
mod hooks;
mod keyed;
pub(crate) mod machine;
mod options;
#[cfg(feature = "leptos")]
pub(crate) mod reactive;
#[cfg(feature = "leptos")]
mod shown;
#[cfg(not(feature = "leptos"))]
#[path = "not_shown.rs"]
mod shown;
mod signal_status;
pub(crate) mod slots;
mod status;
pub(crate) mod transport;
pub(crate) mod update;

pub use error::SseError;
pub use options::SseOptions;
pub use signal_status::SseSignalStatus;
pub use status::{SseClosed, SseStatus};
