use super::{
    event::Event,
    listeners::Listeners,
    request::{FreshHeaders, RequestTemplate},
    waits::Waits,
};
use crate::{
    attempt::{Attempt, AttemptFailure},
    http::{Http, Reqwest},
};
use bytes::Bytes;
use http::Method;
use leptos_sse_core::{BoxError, Error, protocol::EventStream};
use reqwest::{Proxy, Url, redirect::Policy};
use std::{fmt, sync::Arc, time::Duration};

/// How an [`EventSource`](super::EventSource) asks, comes back, and is bounded.
///
/// ```
/// use leptos_sse_native::EventSourceOptions;
/// use std::time::Duration;
///
/// # fn token() -> String { String::new() }
/// let options = EventSourceOptions::new()
///     .headers(|| vec![("authorization".to_owned(), format!("Bearer {}", token()))])
///     .last_event_id("1729")
///     .idle_timeout(Duration::from_secs(45))
///     .max_event_len(1 << 20)
///     .on_error(|error| eprintln!("{error}"));
/// ```
#[derive(Clone)]
#[must_use]
pub struct EventSourceOptions {
    pub(super) listeners: Listeners,
    pub(super) last_event_id: String,
    pub(super) waits: Waits,
    pub(super) max_event_len: usize,
    pub(super) retries_refusals: bool,
    method: Method,
    headers: Vec<(String, String)>,
    fresh_headers: Option<FreshHeaders>,
    body: Bytes,
    idle_timeout: Option<Duration>,
    connect_timeout: Duration,
    max_redirects: usize,
    cookies: bool,
    proxy: Option<String>,
    http: Option<Arc<dyn Http>>,
}

impl Default for EventSourceOptions {
    fn default() -> Self {
        Self {
            listeners: Listeners::default(),
            last_event_id: String::new(),
            waits: Waits::default(),
            max_event_len: EventStream::MAX_EVENT_LEN,
            retries_refusals: false,
            method: Method::GET,
            headers: Vec::new(),
            fresh_headers: None,
            body: Bytes::new(),
            idle_timeout: None,
            connect_timeout: Duration::from_secs(30),
            max_redirects: 20,
            cookies: false,
            proxy: None,
            http: None,
        }
    }
}

impl EventSourceOptions {
    /// The defaults: what a browser does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header to each request. Default is `accept: text/event-stream` and `cache-control: no-cache` alone.
    ///
    /// Of two with one name the last counts. To another host, a redirect does not take `authorization` and `cookie` along.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds the headers that `headers` gives at each attempt, as one with a token that is fresh then. Default is none.
    ///
    /// They take the place of those of the same name. One that HTTP does not know is logged and left out.
    pub fn headers(mut self, headers: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        self.fresh_headers = Some(Arc::new(headers));
        self
    }

    /// Sets the method of each request. Default is `GET`.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets the body of each request; its type is a [`header`](Self::header). Default is none.
    ///
    /// ```
    /// use leptos_sse_native::EventSourceOptions;
    ///
    /// let options = EventSourceOptions::new()
    ///     .method(http::Method::POST)
    ///     .header("content-type", "application/json")
    ///     .body(r#"{"prompt":"Why is the sky blue?","stream":true}"#);
    /// ```
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the last id that was read, as of an earlier source, which the first request tells the server. Default is none.
    pub fn last_event_id(mut self, last_event_id: impl Into<String>) -> Self {
        self.last_event_id = last_event_id.into();
        self
    }

    /// Sets the wait before a reconnect, which the server changes with `retry`. Default is 3 seconds, and 100 ms at least.
    ///
    /// It is the standard's "reconnection time", which is always waited. While attempts fail, a random part of twice as much,
    /// four times as much and so on comes on top.
    pub fn reconnect_base(mut self, base: Duration) -> Self {
        self.waits.base = base;
        self
    }

    /// Sets the bound up to which waits grow while attempts fail. Default is 30 seconds.
    ///
    /// A server that asks for more with `retry` gets what it asks for, as with a `Retry-After` of up to 10 minutes on a refusal that
    /// is [tried again](Self::retry_refusals).
    pub fn reconnect_max(mut self, max: Duration) -> Self {
        self.waits.max = max;
        self
    }

    /// Sets whether it reconnects, after a wait, where a browser would give up: after any answer but 204 that is no stream of
    /// events, and after too many redirects. Default is false, as the standard says.
    ///
    /// A service that follows another one for long wants it, as a proxy answers 502 while what is behind it starts anew. Who wants
    /// some refusals to be final, as 401, calls [`close`](super::EventSource::close) in
    /// [`on_error`](super::EventSource::on_error), by [`Error::status`].
    pub fn retry_refusals(mut self, retry_refusals: bool) -> Self {
        self.retries_refusals = retry_refusals;
        self
    }

    /// Sets how long a connection may take until it is made, TLS included. Default is 30 seconds.
    ///
    /// With a [`client`](Self::client) or [`http`](Self::http) of your own it is theirs to set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long nothing may come, neither an answer nor bytes of its stream, until the connection counts as lost. Default
    /// is for ever, as in a browser.
    ///
    /// A server that sends comments or heartbeats to keep its streams alive lets a client find out that it is gone: set it to 2 or 3
    /// times the time between them. A stream that [`Events`](super::Events) hold back is not waited for.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets how many bytes an event, or a line, may have. Default is 64 MiB.
    ///
    /// After a longer one the source gives up, with an error of [`Error::is_too_large`].
    pub fn max_event_len(mut self, max: usize) -> Self {
        self.max_event_len = max;
        self
    }

    /// Sets how many redirects are followed, one after the other. Default is 20, as in a browser.
    ///
    /// Each attempt begins at the source's own URL. With a [`client`](Self::client) or [`http`](Self::http) of your own it is
    /// theirs to set.
    pub fn max_redirects(mut self, max: usize) -> Self {
        self.max_redirects = max;
        self
    }

    /// Sets whether cookies that the server sets are sent back with the next attempts. Default is false.
    ///
    /// A cookie that is there already, as of a login, is a [`header`](Self::header), or in the store of a
    /// [`client`](Self::client) of your own, whose choice this is then.
    pub fn cookies(mut self, cookies: bool) -> Self {
        self.cookies = cookies;
        self
    }

    /// Sets the proxy, as `http://10.0.0.1:3128`. Default is the system's: on most, that of the variables `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    ///
    /// With a [`client`](Self::client) or [`http`](Self::http) of your own it is theirs to set.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sets the client of `reqwest` that sends the requests, as one for all sources, with certificates of your own. Default is
    /// one for each source, with TLS through rustls and the system's certificates.
    ///
    /// Do not set a timeout for whole requests, which would end each stream.
    pub fn client(self, client: reqwest::Client) -> Self {
        self.http(Reqwest::from(client))
    }

    /// Sets what sends the requests, as a server within the process in tests. Default is [`Reqwest`].
    pub fn http(mut self, http: impl Http) -> Self {
        self.http = Some(Arc::new(http));
        self
    }

    /// Sets the function that is called when a stream has begun: see [`EventSource::on_open`](super::EventSource::on_open).
    /// What is set here is there before anything can happen.
    pub fn on_open(mut self, on_open: impl Fn() + Send + Sync + 'static) -> Self {
        self.listeners.set_on_open(on_open);
        self
    }

    /// Sets the function that is called with each event without a name: see
    /// [`EventSource::on_message`](super::EventSource::on_message).
    pub fn on_message(mut self, on_message: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.set_on_message(on_message);
        self
    }

    /// Sets the function that is called when there is no stream, or no more of it: see
    /// [`EventSource::on_error`](super::EventSource::on_error).
    pub fn on_error(mut self, on_error: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.listeners.set_on_error(on_error);
        self
    }

    /// Sets the function that is called with each event, whatever its name: see
    /// [`EventSource::on_event`](super::EventSource::on_event).
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.set_on_event(on_event);
        self
    }

    /// Adds a function that is called with each event of that name: see
    /// [`EventSource::add_event_listener`](super::EventSource::add_event_listener).
    pub fn event_listener(mut self, name: &str, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.add(name, listener);
        self
    }

    pub(super) fn template(&self, url: &Url) -> Result<RequestTemplate, Error> {
        RequestTemplate::new(url, self.method.clone(), &self.headers, self.fresh_headers.clone(), self.body.clone())
    }

    pub(super) fn attempt(&self, url: &str) -> Result<Attempt, Error> {
        let http = match &self.http {
            Some(http) => http.clone(),
            None => Arc::new(Reqwest::from(self.reqwest(url)?)),
        };
        Ok(Attempt::new(http).with_idle_timeout(self.idle_timeout))
    }

    fn reqwest(&self, url: &str) -> Result<reqwest::Client, Error> {
        let mut client = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .redirect(Policy::limited(self.max_redirects))
            .cookie_store(self.cookies);
        if let Some(proxy) = &self.proxy {
            client =
                client.proxy(Proxy::all(proxy).map_err(|_| Error::url("proxy", "the option has no URL of a proxy"))?);
        }
        client.build().map_err(|why| Error::lost(url, AttemptFailure::from(BoxError::from(why))))
    }
}

impl fmt::Debug for EventSourceOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither headers nor the body nor the proxy's URL, which may have secrets.
        f.debug_struct("EventSourceOptions")
            .field("method", &self.method)
            .field("last_event_id", &self.last_event_id)
            .field("waits", &self.waits)
            .field("max_event_len", &self.max_event_len)
            .field("retry_refusals", &self.retries_refusals)
            .field("idle_timeout", &self.idle_timeout)
            .finish_non_exhaustive()
    }
}
