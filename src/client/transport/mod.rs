//! What a connection needs of the world around it: the one place that knows the target.

use leptos_sse_core::protocol::{Ask, Key};
use std::time::Duration;

#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
mod browser;
#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
pub(crate) use browser::{
    Ways, carried_texts, is_hydrating, log_error, log_warning, page_connection, recall, recall_current, remember,
    renders,
};

#[cfg(feature = "leptos")]
pub(crate) use web_sys::EventSource;
#[cfg(not(feature = "leptos"))]
mod no_event_source;
#[cfg(not(feature = "leptos"))]
pub(crate) use no_event_source::EventSource;

#[cfg(all(feature = "leptos", any(feature = "hydrate", feature = "ssr")))]
mod hydration;
#[cfg(not(all(feature = "leptos", any(feature = "hydrate", feature = "ssr"))))]
#[path = "no_hydration.rs"]
mod hydration;
#[cfg(feature = "leptos")]
pub(crate) use hydration::{carry, is_carried};

#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
mod inert;
#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
#[cfg_attr(not(feature = "leptos"), allow(unused_imports))]
pub(crate) use inert::{
    Ways, carried_texts, is_hydrating, log_error, log_warning, page_connection, recall, recall_current, remember,
    renders,
};

#[cfg(all(target_arch = "wasm32", feature = "leptos", not(any(feature = "csr", feature = "hydrate"))))]
mod misbuilt;
#[cfg(not(all(target_arch = "wasm32", feature = "leptos")))]
#[path = "not_misbuilt.rs"]
mod misbuilt;

#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
pub(crate) mod native;
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
pub(super) use native::Over;
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
mod no_native;
#[cfg(not(all(feature = "native", not(target_arch = "wasm32"))))]
pub(super) use no_native::Over;

// The host has no tabs.
#[cfg(any(test, all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
pub(super) mod tabs;

/// The world as one connection sees it. What comes of it is told to the connection by
/// `Connection::handle` and `Connection::receive`, never within a call to these.
pub(crate) trait Transport: Send + Sync {
    /// Whether a connection may be opened now.
    fn is_ready(&self) -> bool;
    /// Closes what is open and opens a new `EventSource` that asks for these keys.
    fn open(&self, ask: &Ask);
    /// Opens a new `EventSource` beside the one that is open; its events are told by `Connection::receive_beside`.
    fn open_beside(&self, ask: &Ask);
    /// Puts the `EventSource` beside in the place of the one that is open, and closes that.
    fn settle(&self);
    /// Closes what is beside the one that is open, which stays.
    fn close_beside(&self);
    /// Closes what is open, and what is beside it.
    fn close(&self);
    /// Closes what is open and asks the URL by a plain request.
    fn probe(&self, ask: &Ask);
    /// The server has sent a document of a signal: the one that came with the page is of the past.
    fn changed(&self, key: &Key);
    /// Sets the one timer, in place of what it was set to.
    fn wake_in(&self, wait: Duration);
    /// The time since some fixed point.
    fn now(&self) -> Duration;
    /// A random number in 0..1.
    fn random(&self) -> f64;
    /// The `EventSource` of now.
    fn event_source(&self) -> Option<EventSource>;
}

/// A URL with what is asked in its query, after a query of its own. A fragment is nothing to a server.
// It is compiled and tested also where nothing asks.
#[allow(dead_code)]
fn url_asking(url: &str, ask: &Ask) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let query = ask.to_query();
    let separator = match url.split_once('?') {
        _ if query.is_empty() => "",
        None => "?",
        Some((_, own)) if own.is_empty() || own.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_sse_core::Key;

    #[test]
    fn what_is_asked_comes_after_the_query_that_a_url_has() {
        let ask = Ask { keys: vec![(Key::named("a b").unwrap(), None)], ..Ask::default() };
        let cases = [
            ("/sse", "/sse?s=a%20b"),
            ("/sse?", "/sse?s=a%20b"),
            ("/sse?room=1", "/sse?room=1&s=a%20b"),
            ("/sse?room=1&", "/sse?room=1&s=a%20b"),
            ("/sse#top", "/sse?s=a%20b"),
            ("https://host/?a?b#c?d", "https://host/?a?b&s=a%20b"),
        ];
        for (url, asking) in cases {
            assert_eq!(url_asking(url, &ask), asking);
        }
        assert_eq!(url_asking("/sse?room=1", &Ask::default()), "/sse?room=1");
    }
}
