//! The status of one signal.

use std::fmt;

/// Where one signal stands.
///
/// | from | to | when |
/// |---|---|---|
/// | | `Connecting` | the signal is new: on the server, on a page that it rendered, and until the first value is known to be current |
/// | `Connecting`, `Stale` | `Live` | the server's value comes; or a connection begins that goes on from the value held |
/// | `Live` | `Stale` | the connection is lost; the server has restarted; an update is missing or does not fit; the value cannot be read |
/// | any | `Refused` | the server says that it does not give the signal to this page |
/// | any | `Removed` | the server has removed the signal |
/// | `Refused`, `Removed` | `Live` | a value comes after all |
///
/// A signal that is refused or removed stays so while the connection is lost. A signal that never had a value of the server
/// stays `Connecting`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseSignalStatus {
    /// The signal has not shown a current value of the server yet: it shows a default, or the value that the server rendered.
    #[default]
    Connecting,
    /// The signal shows the server's current value.
    Live,
    /// The signal shows an earlier value of the server, which may have changed: the connection is lost, or an update is missing.
    Stale,
    /// The server refuses the signal, for this reason, which is for people to read. The last value stays.
    Refused(String),
    /// The server has removed the signal. The last value stays; an option becomes `None`.
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
