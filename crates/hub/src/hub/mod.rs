//! The hub: one value, written anywhere on the server, followed by everyone.
//!
//! Knows neither Leptos nor a web framework. A write goes one way, through few files: a [`signal`] or a [`feed`] encodes it
//! ([`encode`]), the one ordered [`log`] gives it its seq, the [`history`] of its [`topic`] keeps it, and each connection, a
//! [`subscription`], reads from there what it has not sent yet.

mod connections;
mod encode;
pub mod engine;
mod eviction;
mod feed;
mod history;
mod idle;
mod log;
mod logouts;
mod options;
mod page;
mod provider;
mod refusal;
mod registry;
mod request;
mod signal;
mod sse_hub;
mod stats;
mod subscription;
mod topic;
mod topic_handle;
mod waiters;
mod write;
mod write_lock;

pub use feed::ServerFeed;
pub use options::SseHubOptions;
pub use refusal::SseRefusal;
pub use request::SseRequest;
pub use signal::ServerSignal;
pub use sse_hub::SseHub;
pub use stats::SseHubStats;
pub use subscription::SseSubscription;
pub use write::{ServerWrite, Written};

#[cfg(test)]
mod tests;
