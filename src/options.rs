//! How a page's connection is made and kept.

use crate::browser::Ways;
use leptos_sse_client::Options;
use std::{fmt, sync::Arc, time::Duration};

/// How a connection is made and kept.
///
/// A page has one connection to a URL, however many components provide it: the options of the first one count, but for the
/// functions `on_open`, `on_close`, `on_reconnect` and `on_error`, of which those of every provider are called for as long
/// as its component lives. With another [`header`](Self::header) or other [credentials](Self::with_credentials) it is another
/// connection, as it may be another user's.
///
/// ```
/// use leptos_sse::SseOptions;
/// use std::time::Duration;
///
/// # fn token() -> String { String::new() }
/// let options = SseOptions::new()
///     .base_url("https://api.example.com")
///     .headers(|| vec![("authorization".to_owned(), format!("Bearer {}", token()))])
///     .reconnect_max(Duration::from_secs(10))
///     .on_error(|error| leptos::logging::warn!("{error}"));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct SseOptions {
    pub(crate) options: Options,
    pub(crate) ways: Ways,
}

impl SseOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether cookies go to another origin too. Default is false; to the page's own origin they always go.
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.options.access.with_credentials = with_credentials;
        self
    }

    /// Adds a header to each request. Default is none.
    ///
    /// The browser's `EventSource` sends no headers of one's own, so that from the first one on the stream is read with
    /// `fetch`, and [`SseContext::event_source`](crate::SseContext::event_source) gives none. A server of another origin must
    /// allow the header in its answer to a preflight request. A header that no browser sends, as for its name, is logged and
    /// left out.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.ways.add_fetch();
        self.options.access.headers.push((name.into(), value.into()));
        self
    }

    /// Adds the headers that `headers` gives at each attempt, as one with a token that is fresh then. Default is none.
    ///
    /// As for [`header`](Self::header); of two with one name the last counts. It is the function of the first provider that is
    /// asked, for as long as the connection lives: what it reads should live as long, and not only until its component goes.
    pub fn headers(mut self, headers: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        self.ways.add_fetch();
        self.options.access.more_headers = Some(Arc::new(headers));
        self
    }

    /// Sets whether the keys are sent by POST when they are too many for a URL. Default is false: those that have no room
    /// within 7 KiB are left out, and logged, until others are dropped.
    ///
    /// The server's route must take POST beside GET, as `get(sse).post(sse)` does in axum, and its hub as many keys: see
    /// [`max_keys`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.SseHubOptions.html#method.max_keys). Such a stream is
    /// read with `fetch`.
    pub fn post(mut self, posts: bool) -> Self {
        self.ways.add_fetch();
        self.options.access.posts = posts;
        self
    }

    /// Sets the URL that a relative one starts from. Default is the page's own.
    ///
    /// It is for pages that do not come from the server: an app of the browser alone, a desktop shell. It begins with
    /// `http://` or `https://`, and counts as the base of a link does: from `https://host/api/` the URL `sse` is
    /// `https://host/api/sse`, and `/sse` is `https://host/sse`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.options.base_url = Some(base_url.into());
        self
    }

    /// Sets how long the page may be out of sight, as in a tab behind another, before its connection is closed. Default is
    /// never.
    ///
    /// The signals keep their values, and the connection is opened again the moment the page can be seen.
    pub fn close_when_hidden(mut self, after: Duration) -> Self {
        self.options.pace.close_when_hidden = Some(after);
        self
    }

    /// Sets whether the tabs of this origin that follow the same URL share one stream. Default is false: each tab has a
    /// stream of its own.
    ///
    /// Over HTTP/1.1 a browser opens six connections to one server, so that the seventh tab, and every other request of the
    /// six, would wait for good. With HTTP/2 there is no such limit, and one stream for all spares the server the others.
    ///
    /// One tab reads the stream and hands on what comes; when it is closed or crashes, another one takes its place at once.
    /// Every tab keeps its own values, so that none is lost or doubled. The server sees one connection, with the keys of all
    /// tabs: it shares the cookies that the tabs share. Tabs whose [`header`](Self::header)s differ share none, but those of
    /// [`headers`](Self::headers) are the ones of the tab that reads it: tabs in which they are of different users must not
    /// share. [`SseContext::event_source`](crate::SseContext::event_source) gives none.
    ///
    /// It needs the browser's Web Locks, which there are in secure contexts alone (`https`, and `localhost`), and
    /// `BroadcastChannel`. Where they are missing each tab has its own stream, and a warning is logged.
    pub fn share_tabs(mut self, shares_tabs: bool) -> Self {
        self.ways.add_tabs();
        self.options.access.shares_tabs = shares_tabs;
        self
    }

    leptos_sse_client::option_setters!();
}

impl fmt::Debug for SseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SseOptions").field(&self.options).finish()
    }
}
