//! One attempt to have a stream of events: a request, the check of its answer, and the bytes that follow.
//!
//! Whatever reconnects, an `EventSource` or the client of signals, is made of these; none of them waits or begins anew.

use crate::http::{Body, Http};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use leptos_sse_core::{BoxError, protocol::answer};
use std::{borrow::Cow, fmt, future::Future, sync::Arc, time::Duration};

/// Sends requests for a stream of events.
#[derive(Clone)]
pub(crate) struct Attempt {
    http: Arc<dyn Http>,
    idle_timeout: Option<Duration>,
}

impl Attempt {
    pub(crate) fn new(http: Arc<dyn Http>) -> Self {
        Self { http, idle_timeout: None }
    }

    /// Sets how long nothing may come, neither the head of the answer nor bytes behind it. Default is none: for ever.
    pub(crate) fn with_idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sends a request, and gives its answer if that is a stream of events.
    ///
    /// To drop the future, or the answer, ends the request.
    pub(crate) async fn open(&self, request: Request<Bytes>) -> Result<Answer, AttemptFailure> {
        let response = within(self.idle_timeout, self.http.send(request)).await??;
        // "If res's status is not 200, or if res's `Content-Type` is not `text/event-stream`, then fail the connection."
        match response.status() {
            StatusCode::OK if is_event_stream(response.headers()) => {
                Ok(Answer { response, idle_timeout: self.idle_timeout })
            }
            StatusCode::NO_CONTENT => Err(AttemptFailure::NoContent),
            status => {
                Err(AttemptFailure::Refused { status: status.as_u16(), retry_after: retry_after(response.headers()) })
            }
        }
    }
}

/// The answer to a request: a stream of events.
pub(crate) struct Answer {
    response: Response<Body>,
    idle_timeout: Option<Duration>,
}

impl Answer {
    /// What comes next of the stream, cut anywhere; none at its end. The socket is read when this is polled, and not before.
    ///
    /// It is cancel safe: what a dropped future would have given, the next one gives.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, AttemptFailure>> {
        match within(self.idle_timeout, self.response.body_mut().next()).await {
            Ok(part) => part.map(|bytes| bytes.map_err(AttemptFailure::from)),
            Err(failure) => Some(Err(failure)),
        }
    }

    /// Something that whoever sends requests has said of its answer.
    pub(crate) fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.response.extensions().get()
    }
}

/// Why there is no stream, or no more of it.
#[derive(Debug)]
pub(crate) enum AttemptFailure {
    /// Nothing came, or nothing more: no connection, a connection that broke, more silence than is allowed.
    Network(BoxError),
    /// 204: the server wants nobody to come back.
    NoContent,
    /// Any other answer than 200 with a stream of events; the status is 200 when only the type was another one.
    Refused { status: u16, retry_after: Option<Duration> },
}

impl From<BoxError> for AttemptFailure {
    fn from(error: BoxError) -> Self {
        Self::Network(error)
    }
}

/// With all its causes, as the outermost one says mostly that something was wrong, and the innermost one what.
impl fmt::Display for AttemptFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => {
                write!(f, "{error}")?;
                let mut cause = error.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
            Self::NoContent => f.write_str("the server answered 204"),
            Self::Refused { status, .. } => write!(f, "the server answered {status}, and no stream of events"),
        }
    }
}

async fn within<F: Future>(timeout: Option<Duration>, future: F) -> Result<F::Output, AttemptFailure> {
    match timeout {
        None => Ok(future.await),
        Some(timeout) => tokio::time::timeout(timeout, future)
            .await
            .map_err(|_| AttemptFailure::Network(format!("nothing came for {timeout:?}").into())),
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    text(headers, header::CONTENT_TYPE).is_some_and(|content_type| answer::is_event_stream(&content_type))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    answer::retry_after(&text(headers, header::RETRY_AFTER)?)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<Cow<'_, str>> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, pin::Pin};

    /// Answers each request so.
    struct Fake(fn() -> Response<Body>);

    impl Http for Fake {
        fn send(&self, _: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
            let response = self.0();
            Box::pin(async move { Ok(response) })
        }
    }

    /// Never answers.
    struct Silent;

    impl Http for Silent {
        fn send(&self, _: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
            Box::pin(pending())
        }
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response<Body> {
        let parts = futures::stream::iter([Ok(Bytes::from_static(b"data: 1\n\n"))]);
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Box::pin(parts) as Body).unwrap()
    }

    async fn open(http: impl Http) -> Result<Answer, AttemptFailure> {
        Attempt::new(Arc::new(http)).open(Request::new(Bytes::new())).await
    }

    #[tokio::test]
    async fn a_stream_of_events_is_told_by_its_essence() {
        for answered in [
            Fake(|| answer(200, &[("content-type", "text/event-stream")])),
            Fake(|| answer(200, &[("content-type", "text/event-stream; charset=utf-8")])),
            Fake(|| answer(200, &[("content-type", "Text/Event-Stream;charset=latin1")])),
        ] {
            let mut answer = open(answered).await.unwrap();
            assert_eq!(answer.next().await.unwrap().unwrap(), "data: 1\n\n");
            assert!(answer.next().await.is_none());
        }
        for refused in [
            Fake(|| answer(200, &[])),
            Fake(|| answer(200, &[("content-type", "text/plain")])),
            Fake(|| answer(200, &[("content-type", "text/event-streams")])),
            Fake(|| answer(200, &[("content-type", "text/html; text/event-stream")])),
        ] {
            assert!(matches!(open(refused).await, Err(AttemptFailure::Refused { status: 200, retry_after: None })));
        }
    }

    #[tokio::test]
    async fn other_answers_are_told_apart() {
        let no_content = Fake(|| answer(204, &[("content-type", "text/event-stream")]));
        assert!(matches!(open(no_content).await, Err(AttemptFailure::NoContent)));
        let busy = Fake(|| answer(503, &[("content-type", "text/event-stream"), ("retry-after", " 7")]));
        let wait = Some(Duration::from_secs(7));
        assert!(
            matches!(open(busy).await, Err(AttemptFailure::Refused { status: 503, retry_after }) if retry_after == wait)
        );
        let dated = Fake(|| answer(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]));
        assert!(matches!(open(dated).await, Err(AttemptFailure::Refused { status: 429, retry_after: None })));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_failure_of_the_network_when_it_is_longer_than_allowed() {
        let begun = tokio::time::Instant::now();
        let attempt = Attempt::new(Arc::new(Silent)).with_idle_timeout(Some(Duration::from_secs(5)));
        let failure = attempt.open(Request::new(Bytes::new())).await.err().unwrap();
        assert_eq!(failure.to_string(), "nothing came for 5s");
        assert_eq!(begun.elapsed(), Duration::from_secs(5));

        let quiet = Fake(|| {
            let head = answer(200, &[("content-type", "text/event-stream")]).into_parts().0;
            Response::from_parts(head, Box::pin(futures::stream::pending()) as Body)
        });
        let attempt = Attempt::new(Arc::new(quiet)).with_idle_timeout(Some(Duration::from_secs(5)));
        let mut answer = attempt.open(Request::new(Bytes::new())).await.unwrap();
        assert!(matches!(answer.next().await, Some(Err(AttemptFailure::Network(_)))));
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }
}
