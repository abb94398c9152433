//! Signals that a provider made and that nobody follows: they are let go some time after the last one has left.

use super::{
    Inner,
    topic::{Source, Topic},
};
use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until},
};

/// What is to be let go, in the order of its time, by one task for all of it.
#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Leaving>,
    /// The last runtime that was seen: a follower may be dropped out of every one.
    runtime: Option<Handle>,
    is_swept: bool,
}

#[derive(Debug)]
struct Leaving {
    due: Instant,
    topic: Weak<Topic>,
    /// How often a follower had come when the last one went.
    visits: u64,
}

/// How long at least until a signal that someone holds is looked at again.
const LEAST: Duration = Duration::from_secs(1);

impl Idle {
    pub(super) fn remember(&self, runtime: &Handle) {
        self.queue().runtime = Some(runtime.clone());
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a signal go once nobody has followed it for a while, since there were so many visits, and nobody holds it.
pub(super) fn let_go_later(inner: &Arc<Inner>, topic: &Arc<Topic>, visits: u64) {
    let runtime = {
        let mut queue = inner.idle.queue();
        if let Ok(runtime) = Handle::try_current() {
            queue.runtime = Some(runtime);
        }
        let Some(runtime) = queue.runtime.clone() else { return };
        let due = Instant::now() + inner.shared.options.linger;
        queue.waiting.push_back(Leaving { due, topic: Arc::downgrade(topic), visits });
        if mem::replace(&mut queue.is_swept, true) {
            return;
        }
        runtime
    };
    runtime.spawn(Sweep(Arc::downgrade(inner)).run());
}

/// The task, which ends when there is nothing left.
struct Sweep(Weak<Inner>);

impl Sweep {
    async fn run(self) {
        while let Some(due) = self.next() {
            sleep_until(due).await;
            let Some(inner) = self.0.upgrade() else { return };
            let Some(leaving) = inner.idle.queue().waiting.pop_front() else { continue };
            if let Some(topic) = leaving.topic.upgrade()
                && is_held(&inner, &topic, leaving.visits)
            {
                let due = Instant::now() + inner.shared.options.linger.max(LEAST);
                inner.idle.queue().waiting.push_back(Leaving { due, ..leaving });
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let inner = self.0.upgrade()?;
        let mut queue = inner.idle.queue();
        let next = queue.waiting.front().map(|leaving| leaving.due);
        queue.is_swept = next.is_some();
        next
    }
}

impl Drop for Sweep {
    /// Its runtime may have ended: the next one to leave begins another.
    fn drop(&mut self) {
        if let Some(inner) = self.0.upgrade() {
            let mut queue = inner.idle.queue();
            if !queue.waiting.is_empty() {
                queue.is_swept = false;
            }
        }
    }
}

/// Lets a signal go, unless someone has come, or holds it; says whether it is held.
fn is_held(inner: &Inner, topic: &Arc<Topic>, visits: u64) -> bool {
    let mut source = Source::Vacant;
    let mut topics = inner.topics_mut();
    {
        let mut state = topic.state();
        if state.visits != visits || state.followers > 0 || !state.provided {
            return false;
        }
        // The hub's own handle is the only one left.
        if matches!(&state.source, Source::Signal(signal) if Arc::strong_count(signal) > 1) {
            return true;
        }
        mem::swap(&mut state.source, &mut source);
        state.provided = false;
    }
    if topics.get(&topic.key).is_some_and(|held| Arc::ptr_eq(held, topic)) {
        topics.remove(&topic.key);
    }
    drop(topics);
    tracing::debug!(key = %topic.key, "a signal that nobody follows was let go");
    // Not under a lock, as it may run code of the user.
    drop(source);
    false
}
