use super::answer::TestAnswer;
use http::{HeaderValue, StatusCode, header};
use std::time::Duration;

/// How one answer of a [`TestServer`](super::TestServer) fails. Default is not at all; several faults may come together.
///
/// ```
/// use leptos_sse_testing::TestFault;
/// use std::time::Duration;
///
/// let busy = TestFault::new().status(503).retry_after(Duration::from_secs(5));
/// let breaks = TestFault::new().delay(Duration::from_secs(1)).cut_after(100);
/// # drop((busy, breaks));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is given to `TestServer::next`"]
pub struct TestFault {
    pub(super) delay: Option<Duration>,
    pub(super) is_silent: bool,
    pub(super) is_unreachable: bool,
    pub(super) status: Option<StatusCode>,
    retry_after: Option<HeaderValue>,
    content_type: Option<HeaderValue>,
    pub(super) limit: Option<(usize, AtLimit)>,
    pub(super) part_len: Option<usize>,
    pub(super) latency: Option<Duration>,
}

/// What happens once a stream has brought as many bytes as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtLimit {
    Cut,
    End,
    Stall,
}

/// What happens to the next event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextEvent {
    Twice,
    /// So many of its bytes, and then the end.
    Start(usize),
    Lost,
}

impl TestFault {
    /// No fault.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers later, by so long.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Never answers, and never fails.
    pub fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// Fails without an answer, as when no server is there.
    pub fn unreachable(mut self) -> Self {
        self.is_unreachable = true;
        self
    }

    /// Answers with another status, and without a stream.
    ///
    /// # Panics
    ///
    /// When it is not within 100 and 999.
    #[track_caller]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(StatusCode::from_u16(status).unwrap_or_else(|_| panic!("{status} is no status")));
        self
    }

    /// Sets the header `Retry-After`, in whole seconds.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs().into());
        self
    }

    /// Answers with another `Content-Type`, as `text/html`.
    ///
    /// # Panics
    ///
    /// When no header may have this value.
    #[track_caller]
    pub fn content_type(mut self, content_type: &str) -> Self {
        let value = HeaderValue::from_str(content_type);
        self.content_type = Some(value.unwrap_or_else(|_| panic!("`{content_type}` is no value of a header")));
        self
    }

    /// Breaks the stream after so many bytes, as a network does: with an error.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.limit = Some((bytes, AtLimit::Cut));
        self
    }

    /// Ends the stream after so many bytes, in the middle of an event or not: without an error.
    pub fn truncate_after(mut self, bytes: usize) -> Self {
        self.limit = Some((bytes, AtLimit::End));
        self
    }

    /// Brings nothing more after so many bytes, and does not end either, as a connection does whose other side is gone.
    pub fn stall_after(mut self, bytes: usize) -> Self {
        self.limit = Some((bytes, AtLimit::Stall));
        self
    }

    /// Gives the stream in parts of at most so many bytes, at least 1, so that events come in pieces.
    pub fn split(mut self, bytes: usize) -> Self {
        self.part_len = Some(bytes.max(1));
        self
    }

    /// Gives each part of the stream later, by so long.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// The head of an answer, with what is wrong about it.
    pub(super) fn head(&self, mut answer: TestAnswer) -> TestAnswer {
        if let Some(wait) = &self.retry_after {
            answer.set(header::RETRY_AFTER, wait.clone());
        }
        if let Some(content_type) = &self.content_type {
            answer.set(header::CONTENT_TYPE, content_type.clone());
        }
        answer
    }
}
