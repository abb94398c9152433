use leptos_sse_core::protocol::answer::MAX_RETRY_AFTER;
use std::time::Duration;

/// The waits before reconnects.
///
/// "Wait a delay equal to the reconnection time of the event source. Optionally, wait some more. In particular, if the previous
/// attempt failed, then user agents might introduce an exponential backoff delay to avoid overloading a potentially already
/// overloaded server." (section 9.2.3)
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// The standard's "reconnection time".
    pub(super) base: Duration,
    pub(super) max: Duration,
}

/// A server that sends `retry: 0` and ends its streams at once would make a tight loop of the reconnects.
const LEAST: Duration = Duration::from_millis(100);

impl Default for Waits {
    fn default() -> Self {
        Self { base: Duration::from_secs(3), max: Duration::from_secs(30) }
    }
}

impl Waits {
    /// The wait before an attempt, the first one after a stream being 1; `random` is in 0..1.
    pub(super) fn wait(self, attempt: u32, random: f64, retry_after: Option<Duration>) -> Duration {
        let base = self.base.max(LEAST);
        let bound = base.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.max).max(base);
        let more = Duration::try_from_secs_f64((bound - base).as_secs_f64() * random).unwrap_or_default();
        base.saturating_add(more).max(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_reconnection_time_is_always_waited_and_more_after_failures_up_to_a_bound() {
        let waits = Waits { base: secs(2), max: secs(10) };
        let between = |attempt| (waits.wait(attempt, 0.0, None), waits.wait(attempt, 1.0, None));
        assert_eq!(between(1), (secs(2), secs(2)));
        assert_eq!(between(2), (secs(2), secs(4)));
        assert_eq!(between(3), (secs(2), secs(8)));
        assert_eq!(between(4), (secs(2), secs(10)));
        assert_eq!(between(u32::MAX), (secs(2), secs(10)));
    }

    #[test]
    fn a_server_may_ask_for_more_than_the_bound_and_not_for_a_tight_loop() {
        let asked = Waits { base: secs(60), max: secs(10) };
        assert_eq!(asked.wait(9, 1.0, None), secs(60));
        assert_eq!(Waits { base: Duration::ZERO, max: secs(10) }.wait(1, 0.0, None), LEAST);
        assert_eq!(Waits { base: Duration::MAX, max: Duration::MAX }.wait(3, 1.0, None), Duration::MAX);
        assert_eq!(asked.wait(1, 0.0, Some(secs(90))), secs(90));
        assert_eq!(asked.wait(1, 0.0, Some(Duration::MAX)), MAX_RETRY_AFTER);
    }
}
