//! When a stream has been silent for too long.

use futures::FutureExt;
use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    task::unconstrained,
    time::{Instant, Sleep},
};

/// A timer that runs out when nothing was written for a while.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    pub(crate) every: Duration,
    /// Whether there is a runtime, and so a time; as it was seen first.
    timed: Option<bool>,
    last: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whom the timer wakes.
    waker: Option<Waker>,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self::every(Duration::from_secs(15))
    }
}

impl Heartbeat {
    pub(crate) fn every(every: Duration) -> Self {
        Self { every, timed: None, last: None, sleep: None, waker: None }
    }

    /// Notes that something was written; the timer itself is not touched, as that would cost every update.
    pub(crate) fn heard(&mut self) {
        self.heard_at(Instant::now());
    }

    /// The same at a time that is known already, as asking for it costs nearly as much as all the rest of an update. Of one
    /// that is past, the heartbeat is early, which does no harm.
    pub(crate) fn heard_at(&mut self, at: Instant) {
        let timed = *self.timed.get_or_insert_with(|| tokio::runtime::Handle::try_current().is_ok());
        self.last = timed.then_some(at);
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_set(cx) {
            return Poll::Pending;
        }
        let due = self.last.filter(|_| !self.every.is_zero()).and_then(|last| last.checked_add(self.every));
        let Some(due) = due else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        // Unconstrained, as a task whose budget is spent is told to wait while the timer does not run.
        while unconstrained(sleep.as_mut()).poll_unpin(cx).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether the timer runs, and wakes the same one as before: so nothing is to be done after an update.
    fn is_set(&self, cx: &Context<'_>) -> bool {
        let runs = self.sleep.as_ref().is_some_and(|sleep| !sleep.is_elapsed());
        runs && self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
    }
}

/// A wait for the browser's `retry:`. Its jitter keeps the browsers of a server that went away from coming back all at once.
pub(crate) fn jittered_retry() -> Duration {
    Duration::from_millis(fastrand::u64(1_000..3_000))
}
