//! The client of [`leptos_sse`](https://docs.rs/leptos_sse): one connection to a server's signals and feeds.
//!
//! An app adds `leptos_sse`, and a program without a browser adds `leptos_sse_native`; both drive a [`Connection`]. What they
//! do not re-export may change with any release.
//!
//! - [`connection`]: the driver. It tells the state machine what happened and when, does what that answers, and hands documents
//!   and events to their subscribers.
//! - [`machine`]: when to connect, to wait, to give up. Time and random numbers are arguments.
//! - [`documents`], [`feeds`]: which updates and which events are taken, dropped or refused.
//! - [`transport`]: what a connection is given of the world around it.
//! - [`tabs`]: many tabs of one origin on one stream.
//!
//! The crate has no feature and knows no target, no executor and no Leptos.

// Tests of the derive macro name the core by the name of the crate that re-exports it.
#[cfg(test)]
extern crate leptos_sse_core as leptos_sse;

pub mod connection;
pub mod documents;
pub mod error;
pub mod feed_log;
pub mod feeds;
pub mod hooks;
pub mod keyed;
pub mod machine;
pub mod options;
pub mod registry;
pub mod signal_status;
pub mod status;
pub mod subscriptions;
pub mod tabs;
pub mod transport;
pub mod update;

pub use connection::Connection;
pub use error::SseErrorReport;
pub use options::Options;
pub use signal_status::SseSignalStatus;
pub use status::{SseClosed, SseStatus};
