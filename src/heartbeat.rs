//! When a stream has been silent for too long.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A timer that runs out when nothing was written for a while.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    pub(crate) every: Duration,
    /// Whether there is a runtime, and so a time; as it was seen first.
    timed: Option<bool>,
    last: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self::every(Duration::from_secs(15))
    }
}

impl Heartbeat {
    pub(crate) fn every(every: Duration) -> Self {
        Self { every, timed: None, last: None, sleep: None }
    }

    /// Notes that something was written; the timer itself is not touched, as that would cost every update.
    pub(crate) fn heard(&mut self) {
        let timed = *self.timed.get_or_insert_with(|| tokio::runtime::Handle::try_current().is_ok());
        self.last = timed.then(Instant::now);
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.last.filter(|_| !self.every.is_zero()).and_then(|last| last.checked_add(self.every));
        let Some(due) = due else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
        Poll::Pending
    }
}

/// A wait for the browser's `retry:`. Its jitter keeps the browsers of a server that went away from coming back all at once.
pub(crate) fn jittered_retry() -> Duration {
    Duration::from_millis(fastrand::u64(1_000..3_000))
}
