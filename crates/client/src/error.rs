//! What goes wrong on the way from the server to a signal.

use leptos_sse_core::{Error, Key};
use std::fmt;

/// An [`Error`] of a connection, and the key that it is about.
///
/// The connection goes on, or comes back, by itself. A report is for code that shows or counts errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseErrorReport {
    key: Option<Key>,
    error: Error,
}

impl SseErrorReport {
    /// Reports an error of the signal or feed with this key, or of the whole connection.
    pub fn new(key: Option<&Key>, error: Error) -> Self {
        Self { key: key.cloned(), error }
    }

    /// The key of the signal or the feed; `None` when the error is of the whole connection.
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

impl fmt::Display for SseErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "`{key}`: {}", self.error),
            None => self.error.fmt(f),
        }
    }
}

impl std::error::Error for SseErrorReport {}
