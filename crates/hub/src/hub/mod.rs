//! The hub: one value, written anywhere on the server, followed by everyone.
//!
//! Knows neither Leptos nor a web framework. A write passes the one ordered [`log`]; each connection is a
//! [`Subscription`], which reads from there what it has not sent yet.

mod connections;
mod encode;
mod feed;
mod follow;
mod idle;
mod inner;
mod log;
mod options;
mod page;
mod provider;
mod refusal;
mod request;
mod signal;
mod sse_hub;
mod stats;
mod subscription;
mod topic;
mod turn;
mod wake;

pub use feed::ServerFeed;
pub use options::SseHubOptions;
pub use refusal::SseRefusal;
pub use request::SseRequest;
pub use signal::ServerSignal;
pub use sse_hub::SseHub;
pub use stats::HubStats;
pub use subscription::Subscription;

use inner::{Inner, Shared};

#[cfg(test)]
mod tests;
