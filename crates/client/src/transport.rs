//! The seam to the world: what a connection needs of its environment is given to it.

use crate::status::SseStatus;
use leptos_sse_core::{
    Cursor, Document,
    protocol::{Key, SubscribeRequest},
};
use std::{any::Any, fmt, time::Duration};

/// The streams, the timer, the clock and the log of one connection. An implementation reports what happens by
/// `Connection::handle` and `Connection::receive`, never within a call to these methods.
pub trait Transport: Any + Send + Sync {
    /// Whether a connection may be opened now.
    fn is_ready(&self) -> bool;
    /// Closes what is open and opens a new `EventSource` that asks for these keys.
    fn open(&self, request: &SubscribeRequest);
    /// Opens a new `EventSource` beside the one that is open; its events are told by `Connection::receive_beside`.
    fn open_beside(&self, request: &SubscribeRequest);
    /// Puts the `EventSource` beside in the place of the one that is open, and closes that.
    fn settle(&self);
    /// Closes the `EventSource` beside; the open one stays.
    fn close_beside(&self);
    /// Closes the open `EventSource` and the one beside it.
    fn close(&self);
    /// Closes what is open and asks the URL by a plain request.
    fn probe(&self, request: &SubscribeRequest);
    /// The server has sent a document of a signal: the document that came with the page is out of date.
    fn changed(&self, key: &Key);
    /// Sets the one timer; an earlier setting is replaced.
    fn wake_in(&self, wait: Duration);
    /// The time since some fixed point.
    fn now(&self) -> Duration;
    /// A random number in 0..1.
    fn random(&self) -> f64;
    /// The value of a key that came with the page, if the page still shows it.
    fn first_value(&self, key: &Key) -> Option<FirstValue>;
    /// Logs an error.
    fn log_error(&self, message: fmt::Arguments<'_>);
    /// Logs a warning.
    fn log_warning(&self, message: fmt::Arguments<'_>);
}

/// Shows the state of a connection. [`()`](unit) shows nothing.
pub trait View: Any + Send + Sync {
    /// The state has changed.
    fn status(&self, status: SseStatus);
    /// Another stream is open, or none.
    fn stream_replaced(&self);
    /// Runs code of the user; a reactive system must not track what that code reads.
    fn untracked(&self, run: &mut dyn FnMut());
}

impl View for () {
    fn status(&self, _: SseStatus) {}

    fn stream_replaced(&self) {}

    fn untracked(&self, run: &mut dyn FnMut()) {
        run();
    }
}

/// The document that a signal starts with.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstValue {
    /// The document.
    pub document: Document,
    /// The cursor of the hub's write that the document is of; `None` where a value was provided without a hub.
    pub cursor: Option<Cursor>,
}

/// Appends a request to the query of a URL, and drops the fragment, which servers do not get.
#[must_use]
pub fn url_asking(url: &str, request: &SubscribeRequest) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let query = request.to_query();
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
        let request =
            SubscribeRequest { keys: vec![(Key::named("a b").unwrap(), None)], ..SubscribeRequest::default() };
        let cases = [
            ("/sse", "/sse?s=a%20b"),
            ("/sse?", "/sse?s=a%20b"),
            ("/sse?room=1", "/sse?room=1&s=a%20b"),
            ("/sse?room=1&", "/sse?room=1&s=a%20b"),
            ("/sse#top", "/sse?s=a%20b"),
            ("https://host/?a?b#c?d", "https://host/?a?b&s=a%20b"),
        ];
        for (url, asking) in cases {
            assert_eq!(url_asking(url, &request), asking);
        }
        assert_eq!(url_asking("/sse?room=1", &SubscribeRequest::default()), "/sse?room=1");
    }
}
