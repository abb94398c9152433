use leptos_sse_core::Error;
use std::fmt;

/// A signal or a feed has come to its end: its client is closed, or its key is followed as something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseClientClosed {
    error: Option<Error>,
}

impl SseClientClosed {
    pub(super) fn new(error: Option<Error>) -> Self {
        Self { error }
    }

    /// What went wrong; none when the client was closed.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

impl fmt::Display for SseClientClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => error.fmt(f),
            None => f.write_str("the client is closed"),
        }
    }
}

impl std::error::Error for SseClientClosed {}
