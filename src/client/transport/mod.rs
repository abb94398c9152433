//! What a connection needs of the world around it: the one place that knows the target.

use std::time::Duration;

#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
mod browser;
#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
pub(crate) use browser::{is_hydrating, log_error, log_warning, page_connection, recall, remember};

#[cfg(any(feature = "hydrate", feature = "ssr"))]
mod hydration;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
#[path = "no_hydration.rs"]
mod hydration;
pub(crate) use hydration::shares_values;

#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
mod inert;
#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
pub(crate) use inert::{is_hydrating, log_error, log_warning, page_connection, recall, remember};

/// The world as one connection sees it. What comes of it is told to the connection by
/// `Connection::handle` and `Connection::receive`, never within a call to these.
pub(crate) trait Transport: Send + Sync {
    /// Whether a connection may be opened now.
    fn is_ready(&self) -> bool;
    /// Closes what is open and opens a new `EventSource`.
    fn open(&self);
    /// Closes what is open.
    fn close(&self);
    /// Closes what is open and asks the URL by a plain request.
    fn probe(&self);
    /// Sets the one timer, in place of what it was set to.
    fn wake_in(&self, wait: Duration);
    /// The time since some fixed point.
    fn now(&self) -> Duration;
    /// A random number in 0..1.
    fn random(&self) -> f64;
    /// The `EventSource` of now.
    fn event_source(&self) -> Option<web_sys::EventSource>;
}

/// What to connect to.
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) with_credentials: bool,
}
