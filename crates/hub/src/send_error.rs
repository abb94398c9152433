use std::{error, fmt};

/// A value that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SseSendError<T> {
    value: T,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Full,
    Left,
    Complete,
}

impl<T> SseSendError<T> {
    pub(crate) fn full(value: T) -> Self {
        Self { value, why: Why::Full }
    }

    pub(crate) fn left(value: T) -> Self {
        Self { value, why: Why::Left }
    }

    pub(crate) fn complete(value: T) -> Self {
        Self { value, why: Why::Complete }
    }

    /// Whether there was no room; it can be tried again later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.why == Why::Full
    }

    /// Whether the client has left, or the stream is complete; it is of no use to try again.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.why != Why::Full
    }

    /// The value, given back.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> fmt::Debug for SseSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseSendError").field("full", &self.is_full()).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SseSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            Why::Full => "the channel is full",
            Why::Left => "the client has left",
            Why::Complete => "the stream is complete",
        })
    }
}

impl<T> error::Error for SseSendError<T> {}
