//! The times that a connection keeps.

use std::time::Duration;

/// The waits between attempts are random below at least this.
pub(super) const LEAST_BOUND: Duration = Duration::from_millis(100);

/// The waits between attempts: full jitter below a bound that doubles.
///
/// "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The bound of the first wait.
    pub base: Duration,
    /// The bound that no wait exceeds.
    pub max: Duration,
}

impl Backoff {
    /// The wait before an attempt, the first being 1; `random` is in 0..1.
    pub(super) fn wait(self, attempt: u32, random: f64) -> Duration {
        let doubled = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        // A bound of nothing would make a tight loop of a server that is away.
        let bound = doubled.min(self.max).max(LEAST_BOUND);
        Duration::try_from_secs_f64(bound.as_secs_f64() * random).unwrap_or(bound)
    }
}

/// The times that a connection keeps.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The waits between attempts.
    pub backoff: Backoff,
    /// After how many heartbeats of silence the connection counts as lost.
    pub heartbeat_factor: f64,
    /// How long a connection, or a key, lives on when its last user has gone, so that a change of page does not close it.
    pub linger: Duration,
    /// How long the page may be out of sight before the connection is closed; `None`: for ever. For pages alone; ignored without
    /// a browser.
    pub close_when_hidden: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            backoff: Backoff { base: Duration::from_secs(1), max: Duration::from_secs(30) },
            heartbeat_factor: 2.5,
            linger: Duration::from_secs(1),
            close_when_hidden: None,
        }
    }
}
