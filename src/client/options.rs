use super::{
    error::SseError,
    hooks::Hooks,
    machine::Pace,
    status::SseClosed,
    transport::{Over, Ways},
};
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
    pub(super) access: Access,
    pub(super) base_url: Option<String>,
    pub(super) pace: Pace,
    pub(super) hooks: Hooks,
    // A page has none.
    #[allow(dead_code)]
    pub(super) over: Over,
}

/// How the server is asked.
#[derive(Clone, Default)]
pub(super) struct Access {
    pub(super) with_credentials: bool,
    /// Whether what is too long for a URL goes by POST.
    pub(super) posts: bool,
    /// Whether the tabs of one origin share what the server is asked for.
    pub(super) shares_tabs: bool,
    pub(super) headers: Vec<(String, String)>,
    more_headers: Option<Arc<FreshHeaders>>,
    pub(super) ways: Ways,
}

type FreshHeaders = dyn Fn() -> Vec<(String, String)> + Send + Sync;

impl Access {
    pub(super) fn has_headers(&self) -> bool {
        !self.headers.is_empty() || self.more_headers.is_some()
    }

    /// Those of an attempt that is made now; it runs code of the user.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.extend(self.more_headers.as_ref().map(|more| more()).unwrap_or_default());
        headers
    }

    /// A number that tells those from each other whose headers differ, as different users' do, and that names none of them;
    /// 0 without any. Those that are made for each attempt do not count, as a token that is fresh is none of another user.
    ///
    /// FNV-1a, 64 bits.
    pub(super) fn fingerprint(&self) -> u64 {
        let texts = self.headers.iter().flat_map(|(name, value)| [name, value]);
        // Neither has that byte in it.
        let mut bytes = texts.flat_map(|text| text.bytes().chain([0xff])).peekable();
        if bytes.peek().is_none() {
            return 0;
        }
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl SseOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether cookies go to another origin too. Default is false; to the page's own origin they always go. It means nothing
    /// to a client that is no browser, whose HTTP client has the say.
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.access.with_credentials = with_credentials;
        self
    }

    /// Adds a header to each request. Default is none.
    ///
    /// The browser's `EventSource` sends no headers of one's own, so that from the first one on the stream is read with
    /// `fetch`, and [`SseContext::event_source`](crate::SseContext::event_source) gives none. A server of another origin must
    /// allow the header in its answer to a preflight request. A header that no browser sends, as for its name, is logged and
    /// left out.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.access.ways.add_fetch();
        self.access.headers.push((name.into(), value.into()));
        self
    }

    /// Adds the headers that `headers` gives at each attempt, as one with a token that is fresh then. Default is none.
    ///
    /// As for [`header`](Self::header); of two with one name the last counts. It is the function of the first provider that is
    /// asked, for as long as the connection lives: what it reads should live as long, and not only until its component goes.
    pub fn headers(mut self, headers: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        self.access.ways.add_fetch();
        self.access.more_headers = Some(Arc::new(headers));
        self
    }

    /// Sets whether the keys are sent by POST when they are too many for a URL. Default is false: those that have no room
    /// within 7 KiB are left out, and logged, until others are let go.
    ///
    /// The server's route must take POST beside GET, as `get(sse).post(sse)` does in axum, and its hub as many keys: see
    /// [`max_keys`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.SseHubOptions.html#method.max_keys). Such a stream is
    /// read with `fetch`.
    pub fn post(mut self, posts: bool) -> Self {
        self.access.ways.add_fetch();
        self.access.posts = posts;
        self
    }

    /// Sets the URL that a relative one starts from. Default is the page's own; a client that is no browser has none.
    ///
    /// It is for pages that do not come from the server: an app of the browser alone, a desktop shell. It begins with
    /// `http://` or `https://`, and counts as the base of a link does: from `https://host/api/` the URL `sse` is
    /// `https://host/api/sse`, and `/sse` is `https://host/sse`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the longest first wait between two attempts; each further one may be twice as long. Default is 1 second.
    ///
    /// The waits are random below that bound, so that a server that comes back is not asked by everyone at once.
    pub fn reconnect_base(mut self, base: Duration) -> Self {
        self.pace.backoff.base = base;
        self
    }

    /// Sets the bound that the waits between two attempts never exceed. Default is 30 seconds.
    ///
    /// Where the server refuses with a `Retry-After` of up to 10 minutes, the wait comes on top of it.
    pub fn reconnect_max(mut self, max: Duration) -> Self {
        self.pace.backoff.max = max;
        self
    }

    /// Sets after how many heartbeats of silence the connection counts as lost. Default is 2.5; what is below 1.5 is 1.5.
    pub fn heartbeat_factor(mut self, factor: f64) -> Self {
        // Also of what is no number the other one is the larger.
        self.pace.heartbeat_factor = factor.max(1.5);
        self
    }

    /// Sets how long the connection, and the server's signals on it, are kept when the last component that used them has
    /// gone. Default is 1 second, so that a change of route does not drop and reopen them.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.pace.linger = linger;
        self
    }

    /// Sets how long the page may be out of sight, as in a tab behind another, before its connection is closed. Default is
    /// never.
    ///
    /// The signals keep their values, and the connection is opened again the moment the page can be seen. It means nothing to a
    /// client that is no browser.
    pub fn close_when_hidden(mut self, after: Duration) -> Self {
        self.pace.close_when_hidden = Some(after);
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
    /// It means nothing to a client that is no browser. It needs the browser's Web Locks, which there are in secure contexts alone (`https`, and `localhost`), and
    /// `BroadcastChannel`. Where they are missing each tab has its own stream, and a warning is logged.
    pub fn share_tabs(mut self, shares_tabs: bool) -> Self {
        self.access.ways.add_tabs();
        self.access.shares_tabs = shares_tabs;
        self
    }

    /// Calls a function each time that the connection is open. Default is none.
    pub fn on_open(mut self, on_open: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.on_open = Some(Arc::new(on_open));
        self
    }

    /// Calls a function each time that the connection is closed and none is tried, with the reason. Default is none.
    pub fn on_close(mut self, on_close: impl Fn(SseClosed) + Send + Sync + 'static) -> Self {
        self.hooks.on_close = Some(Arc::new(on_close));
        self
    }

    /// Calls a function with the number of each attempt to come, from 1, when the connection was lost or an attempt has
    /// failed. Default is none.
    pub fn on_reconnect(mut self, on_reconnect: impl Fn(u32) + Send + Sync + 'static) -> Self {
        self.hooks.on_reconnect = Some(Arc::new(on_reconnect));
        self
    }

    /// Calls a function with each error of the connection and of the signals and feeds on it. Default is none; they are
    /// logged in any case.
    ///
    /// Where the server refuses the whole connection, [`Error::status`](leptos_sse_core::Error::status) has the HTTP status.
    pub fn on_error(mut self, on_error: impl Fn(&SseError) + Send + Sync + 'static) -> Self {
        self.hooks.on_error = Some(Arc::new(on_error));
        self
    }
}

impl fmt::Debug for SseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, base_url, pace, hooks: _, over: _ } = self;
        // What a header holds may be a secret.
        f.debug_struct("SseOptions")
            .field("with_credentials", &access.with_credentials)
            .field("has_headers", &access.has_headers())
            .field("post", &access.posts)
            .field("share_tabs", &access.shares_tabs)
            .field("base_url", base_url)
            .field("pace", pace)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_asked_for_anew_and_are_no_part_of_what_is_shown() {
        let count = std::sync::atomic::AtomicU32::new(0);
        let options = SseOptions::new().header("x-app", "1").headers(move || {
            let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![("authorization".to_owned(), format!("secret {count}"))]
        });
        let second = || options.access.headers().swap_remove(1).1;
        assert_eq!((second(), second()), ("secret 0".to_owned(), "secret 1".to_owned()));
        assert!(!format!("{options:?}").contains("secret"));
    }

    #[test]
    fn other_headers_have_another_fingerprint() {
        let of = |headers: &[(&str, &str)]| {
            let options =
                headers.iter().fold(SseOptions::new(), |options, (name, value)| options.header(*name, *value));
            options.headers(Vec::new).access.fingerprint()
        };
        let all = [of(&[]), of(&[("a", "bc")]), of(&[("ab", "c")]), of(&[("a", "b"), ("c", "")]), of(&[("a", "d")])];
        assert!(all.iter().enumerate().all(|(at, one)| !all[..at].contains(one)), "{all:?}");
        assert_eq!((of(&[]), of(&[("a", "d")])), (0, all[4]));
    }

    #[test]
    fn a_heartbeat_factor_without_sense_is_the_least_one() {
        for (factor, expected) in [(3.0, 3.0), (0.0, 1.5), (f64::NAN, 1.5), (-1.0, 1.5)] {
            assert!((SseOptions::new().heartbeat_factor(factor).pace.heartbeat_factor - expected).abs() < 1e-9);
        }
    }
}
