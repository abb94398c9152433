use leptos_sse_core::{Error, Key};
use std::fmt;

/// Something that went wrong on the way from the server to a signal, and what it was about.
///
/// The connection goes on, or comes back, by itself; it is for those who show or count what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseError {
    key: Option<Key>,
    error: Error,
}

impl SseError {
    pub fn new(key: Option<&Key>, error: Error) -> Self {
        Self { key: key.cloned(), error }
    }

    /// The key of the signal or the feed; none when it is of the whole connection.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// What went wrong.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "`{key}`: {}", self.error),
            None => self.error.fmt(f),
        }
    }
}

impl std::error::Error for SseError {}
