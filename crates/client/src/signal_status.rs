//! The status of one signal.

use std::fmt;

/// Where one signal stands.
///
/// | from | to | when |
/// |---|---|---|
/// | | `Connecting` | the signal is new: on the server, on a page that it rendered, and until the first value is known to be current |
/// | `Connecting`, `Stale` | `Live` | the server's value comes; or a connection begins that goes on from the value held |
/// | `Live` | `Stale` | the connection is lost; the server has begun anew; an update is missing or does not fit; the value cannot be read |
/// | any | `Refused` | the server says that it does not give the signal to this page |
/// | any | `Removed` | the server says that it has the signal no more |
/// | `Refused`, `Removed` | `Live` | a value comes after all |
///
/// A signal that is refused or removed stays so while the connection is lost, and one that never had a value of the server stays
/// `Connecting`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseSignalStatus {
    /// No value of the server has been shown yet; what is shown is a default, or what the server rendered.
    #[default]
    Connecting,
    /// What is shown is the server's value of now.
    Live,
    /// What is shown was the server's value, and may be so no more: the connection is lost, or the signal out of step with it.
    Stale,
    /// The server does not give it, for this reason, which is for people to read. What was shown before is shown still.
    Refused(String),
    /// The server has it no more. What was shown before is shown still, but for an option, which is none.
    Removed,
}

impl fmt::Display for SseSignalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Live => f.write_str("live"),
            Self::Stale => f.write_str("stale"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Removed => f.write_str("removed"),
        }
    }
}
