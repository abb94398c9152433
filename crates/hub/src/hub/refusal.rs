use super::options::MAX_BODY_LEN;
use leptos_sse_core::Error;
use std::{fmt, net::IpAddr, time::Duration};

/// Why a whole connection is refused: an answer with a plain status, before any byte of a stream.
///
/// It is a response in axum and in actix-web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseRefusal(RefusalKind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum RefusalKind {
    Closed,
    Full,
    Address(IpAddr),
    TooLong { len: usize, max: usize },
    Body,
    Malformed(Error),
}

impl SseRefusal {
    pub(super) fn closed() -> Self {
        Self(RefusalKind::Closed)
    }

    pub(super) fn full() -> Self {
        Self(RefusalKind::Full)
    }

    pub(super) fn address(address: IpAddr) -> Self {
        Self(RefusalKind::Address(address))
    }

    pub(super) fn too_long(len: usize, max: usize) -> Self {
        Self(RefusalKind::TooLong { len, max })
    }

    /// The refusal of a body that is longer than [`MAX_BODY_LEN`](crate::SseRequest::MAX_BODY_LEN), or that broke off: for the
    /// adapter of a web framework, which reads the body.
    #[must_use]
    pub fn body() -> Self {
        Self(RefusalKind::Body)
    }

    /// The HTTP status: 503 when the hub is closed or full, 429 for too many connections of one address, 414 for a query
    /// and 413 for a body that is too long, 400 for one that makes no sense.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.0 {
            RefusalKind::Closed | RefusalKind::Full => 503,
            RefusalKind::Address(_) => 429,
            RefusalKind::TooLong { .. } => 414,
            RefusalKind::Body => 413,
            RefusalKind::Malformed(_) => 400,
        }
    }

    /// When it is worth another try, for the header `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0 {
            RefusalKind::Closed => Some(Duration::from_secs(1)),
            RefusalKind::Full | RefusalKind::Address(_) => Some(Duration::from_secs(10)),
            RefusalKind::TooLong { .. } | RefusalKind::Body | RefusalKind::Malformed(_) => None,
        }
    }
}

impl fmt::Display for SseRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            RefusalKind::Closed => f.write_str("the server is shutting down"),
            RefusalKind::Full => f.write_str("the server has as many connections as it takes"),
            RefusalKind::Address(address) => write!(f, "{address} has as many connections as one address may have"),
            RefusalKind::TooLong { len, max } => write!(f, "the query has {len} bytes, and {max} are taken"),
            RefusalKind::Body => write!(f, "the body is longer than {} bytes, or it broke off", MAX_BODY_LEN),
            RefusalKind::Malformed(error) => write!(f, "the query makes no sense: {error}"),
        }
    }
}

impl std::error::Error for SseRefusal {}

impl From<Error> for SseRefusal {
    fn from(error: Error) -> Self {
        Self(RefusalKind::Malformed(error))
    }
}
