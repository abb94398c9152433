//! What `rooms-axum` and `rooms-actix` share: a small team chat, without the web framework.
//!
//! [`model`] says what travels, [`app`], [`pages`] and [`components`] show it, [`api`] are the server functions that write,
//! and [`server`] is what stands behind them: the house with its rooms, its sessions, and the hub that all browsers follow.

pub mod api;
pub mod app;
pub mod components;
pub mod model;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;
