//! How a client without a browser connects.

use crate::http::{Http, Reqwest};
use leptos_sse_client::Options;
use leptos_sse_core::Error;
use std::{fmt, sync::Arc};

/// How a client without a browser connects, and how the connection is kept.
///
/// ```
/// use leptos_sse_native::SseClientOptions;
/// use std::time::Duration;
///
/// # fn token() -> String { String::new() }
/// let options = SseClientOptions::new()
///     .headers(|| vec![("authorization".to_owned(), format!("Bearer {}", token()))])
///     .reconnect_max(Duration::from_secs(10))
///     .on_error(|error| eprintln!("{error}"));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct SseClientOptions {
    pub(crate) options: Options,
    /// `None`: the default `reqwest` client.
    http: Option<Arc<dyn Http>>,
}

impl SseClientOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header to each request. Default is none.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.access.headers.push((name.into(), value.into()));
        self
    }

    /// Adds the headers that `headers` gives at each attempt, as one with a token that is fresh then. Default is none.
    ///
    /// Of two headers with one name the last counts.
    pub fn headers(mut self, headers: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        self.options.access.more_headers = Some(Arc::new(headers));
        self
    }

    /// Sets whether the keys are sent by POST when they are too many for a URL. Default is false: those that have no room
    /// within 7 KiB are left out, and logged, until others are let go.
    ///
    /// The server's route must take POST beside GET, as `get(sse).post(sse)` does in axum, and its hub as many keys: see
    /// [`max_keys`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.SseHubOptions.html#method.max_keys).
    pub fn post(mut self, posts: bool) -> Self {
        self.options.access.posts = posts;
        self
    }

    /// Sets the URL that a relative one starts from. Default is none.
    ///
    /// It begins with `http://` or `https://`, and counts as the base of a link does: from `https://host/api/` the URL `sse` is
    /// `https://host/api/sse`, and `/sse` is `https://host/sse`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.options.base_url = Some(base_url.into());
        self
    }

    /// Sets what sends the requests: a `reqwest::Client` with settings of one's own, as proxies, certificates and cookies, or a
    /// server within the process. Default is a `reqwest::Client` with its defaults.
    ///
    /// ```
    /// use leptos_sse_native::{Reqwest, SseClientOptions};
    ///
    /// let client = reqwest::Client::builder().user_agent("tail").build()?;
    /// let options = SseClientOptions::new().http(Reqwest::from(client));
    /// # Ok::<(), reqwest::Error>(())
    /// ```
    pub fn http(mut self, http: impl Http) -> Self {
        self.http = Some(Arc::new(http));
        self
    }

    leptos_sse_client::option_setters!();

    /// # Errors
    ///
    /// When the default client cannot be made.
    pub(crate) fn http_client(&self, url: &str) -> Result<Arc<dyn Http>, Error> {
        match &self.http {
            Some(http) => Ok(http.clone()),
            None => Ok(Arc::new(Reqwest::from(
                reqwest::Client::builder().build().map_err(|error| Error::lost(url, error))?,
            ))),
        }
    }
}

impl fmt::Debug for SseClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SseClientOptions").field(&self.options).finish()
    }
}
