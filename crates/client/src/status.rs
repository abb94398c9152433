//! The status of a connection.

use std::{fmt, time::Duration};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SseStatus {
    /// An attempt is under way, or is about to be, and no attempt has failed yet: the first one, and the one of a page that is
    /// shown again. On the server, and on a page that it rendered, this is the first status.
    #[default]
    Connecting,
    /// The server's events come in.
    Open,
    /// The connection was lost.
    Reconnecting {
        /// The attempt that is next or under way, counted from 1 since the connection was last stable.
        attempt: u32,
        /// The wait before that attempt, counted from this status. `None` while the attempt is under way, and where only the
        /// browser knows the wait.
        next: Option<Duration>,
    },
    /// The server answered with an HTTP status and no stream, as when a login has ended. It is asked again, with waits that
    /// grow; `SseContext::reconnect` and `SseClient::reconnect` ask at once, as after a new login.
    Refused {
        /// The status: 401 for a login that is missing or has ended, 403 for a login without permission, 200 for an answer that
        /// is not a stream of events.
        status: u16,
        /// The wait before the next attempt, counted from this status. `None` while the attempt is under way.
        next: Option<Duration>,
    },
    /// There is no connection, and no attempt follows.
    Closed(SseClosed),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseClosed {
    /// Nothing on the page uses it any more. The next signal opens it again.
    Unused,
    /// The server answered 204: there is nothing to follow.
    NoContent,
    /// The page was out of sight for longer than
    /// `SseOptions::close_when_hidden` says. It is opened again when the page can be seen.
    Hidden,
}

impl fmt::Display for SseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Open => f.write_str("open"),
            Self::Reconnecting { attempt, next: None } => write!(f, "reconnecting, attempt {attempt}"),
            Self::Reconnecting { attempt, next: Some(next) } => {
                write!(f, "reconnecting, attempt {attempt} in ")?;
                write_seconds(f, *next)
            }
            Self::Refused { status, next } => {
                write!(f, "refused with {status}")?;
                match next {
                    Some(next) => {
                        f.write_str(", next attempt in ")?;
                        write_seconds(f, *next)
                    }
                    None => f.write_str(", asking again"),
                }
            }
            Self::Closed(why) => write!(f, "closed: {why}"),
        }
    }
}

impl fmt::Display for SseClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "nothing on the page uses it",
            Self::NoContent => "the server has nothing to follow (204)",
            Self::Hidden => "the page is out of sight",
        })
    }
}

fn write_seconds(f: &mut fmt::Formatter<'_>, wait: Duration) -> fmt::Result {
    // Whole numbers, as floats bring much code into the browser to be written.
    let tenths = wait.as_secs() * 10 + u64::from((wait.subsec_millis() + 50) / 100);
    write!(f, "{}.{} s", tenths / 10, tenths % 10)
}
