use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use leptos_sse_core::Error;
use leptos_sse_hub::{SseRefusal, SseRequest, SseSubscription, events::SseBody};
use leptos_sse_native::Body;
use std::{fmt, time::Duration};

/// A request as a [`TestServer`](super::TestServer) has seen it.
#[derive(Clone, Debug)]
pub struct TestRequest {
    method: Method,
    url: Uri,
    headers: HeaderMap,
    body: Bytes,
    at: Duration,
}

impl TestRequest {
    pub(super) fn new(request: Request<Bytes>, at: Duration) -> Self {
        let (head, body) = request.into_parts();
        Self { method: head.method, url: head.uri, headers: head.headers, body, at }
    }

    /// The method: `GET` or `POST`, mostly.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The URL, with its query.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// The path of the URL.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The query of the URL, without its `?`.
    #[must_use]
    pub fn query(&self) -> &str {
        self.url.query().unwrap_or_default()
    }

    /// A header, if it was there and is text; of several with this name the first.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The header `Last-Event-ID`: what a client has, which comes back.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.header("last-event-id")
    }

    /// The body; empty of a `GET`.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long after the server was made the request came, in tokio's time: for the waits between attempts.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// What a hub is asked for with it, as `SseHub::subscribe` takes it.
    ///
    /// # Errors
    ///
    /// As of [`SseRequest::parse`] and [`SseRequest::body`].
    pub fn subscribe_request(&self) -> Result<SseRequest, Error> {
        let request = SseRequest::parse(self.query(), self.last_event_id())?;
        if self.method == Method::POST { request.body(&self.body) } else { Ok(request) }
    }
}

/// What a [`TestServer`](super::TestServer) answers: a status and, of 200, a stream of bytes.
///
/// It is made of a hub's answer and of a plain stream with `into()`.
pub struct TestAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

impl TestAnswer {
    /// A stream of events, as bytes that may be cut anywhere.
    pub fn stream<X>(events: impl Stream<Item = Result<Bytes, X>> + Send + 'static) -> Self
    where
        X: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        Self { status: StatusCode::OK, headers, body: Box::pin(events.map_err(Into::into)) }
    }

    /// A status, without a body.
    ///
    /// # Panics
    ///
    /// When it is not within 100 and 999.
    #[track_caller]
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of(StatusCode::from_u16(status).unwrap_or_else(|_| panic!("{status} is no status")))
    }

    pub(super) fn of(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: futures::stream::empty().boxed() }
    }

    /// Sets a header.
    ///
    /// # Panics
    ///
    /// When no header may have this name or this value.
    #[track_caller]
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let header = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) = header.unwrap_or_else(|| panic!("`{name}: {value}` is no header"));
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// The response; the body of one with 200 passes through `open`.
    pub(super) fn into_response(self, open: impl FnOnce(Body) -> Body) -> Response<Body> {
        let body = if self.status == StatusCode::OK { open(self.body) } else { self.body };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl From<SseSubscription> for TestAnswer {
    fn from(subscription: SseSubscription) -> Self {
        Self::stream(subscription)
    }
}

impl From<SseBody> for TestAnswer {
    fn from(body: SseBody) -> Self {
        Self::stream(body)
    }
}

impl From<SseRefusal> for TestAnswer {
    fn from(refusal: SseRefusal) -> Self {
        let text = Bytes::from(refusal.to_string());
        let mut answer = Self::status(refusal.status()).header("content-type", "text/plain; charset=utf-8");
        if let Some(wait) = refusal.retry_after() {
            answer = answer.header("retry-after", &wait.as_secs().to_string());
        }
        answer.body = futures::stream::iter([Ok(text)]).boxed();
        answer
    }
}

impl<A: Into<Self>, B: Into<Self>> From<Result<A, B>> for TestAnswer {
    fn from(result: Result<A, B>) -> Self {
        match result {
            Ok(answer) => answer.into(),
            Err(refusal) => refusal.into(),
        }
    }
}

impl fmt::Debug for TestAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers, .. } = self;
        f.debug_struct("TestAnswer").field("status", status).field("headers", headers).finish_non_exhaustive()
    }
}
