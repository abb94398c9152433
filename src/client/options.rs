use super::machine::Pace;
use std::{fmt, time::Duration};

/// How a connection is made and kept.
///
/// A page has one connection to a URL, however many components provide it: the options of the first one count.
#[derive(Clone, Default)]
#[must_use]
pub struct SseOptions {
    pub(super) with_credentials: bool,
    pub(super) pace: Pace,
}

impl SseOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether cookies go to another origin too. Default is false; to the page's own origin they always go.
    pub fn with_credentials(mut self, with_credentials: bool) -> Self {
        self.with_credentials = with_credentials;
        self
    }

    /// Sets the longest first wait between two attempts; each further one may be twice as long. Default is 1 second.
    ///
    /// The waits are random below that bound, so that a server that comes back is not asked by everyone at once.
    pub fn reconnect_base(mut self, base: Duration) -> Self {
        self.pace.backoff.base = base;
        self
    }

    /// Sets the bound that the waits between two attempts never exceed. Default is 30 seconds.
    pub fn reconnect_max(mut self, max: Duration) -> Self {
        self.pace.backoff.max = max;
        self
    }

    /// Sets after how many heartbeats of silence the connection counts as lost. Default is 2.5; what is below 1.5 is 1.5.
    pub fn heartbeat_factor(mut self, factor: f64) -> Self {
        // Also of what is no number the other one is the larger.
        self.pace.heartbeat_factor = factor.max(1.5);
        self
    }

    /// Sets how long the connection, and the server's signals on it, are kept when the last component that used them has
    /// gone. Default is 1 second, so that a change of route does not drop and reopen them.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.pace.linger = linger;
        self
    }
}

impl fmt::Debug for SseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { with_credentials, pace } = self;
        f.debug_struct("SseOptions").field("with_credentials", with_credentials).field("pace", pace).finish()
    }
}
