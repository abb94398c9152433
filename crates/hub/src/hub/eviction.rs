//! The end of topics that nobody follows: at once where there is no source yet, later where a provider made it.

use super::{
    idle::Leaving,
    registry::Registry,
    topic::{Topic, TopicSource},
};
use std::{
    mem,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until},
};

/// Removes a subscriber from a topic.
pub(super) fn unfollow(registry: &Arc<Registry>, topic: &Arc<Topic>, string_edits: bool) {
    let left = {
        let mut state = topic.state();
        state.subscribers -= 1;
        state.plain_subscribers -= usize::from(!string_edits);
        state.subscribers
    };
    if left == 0 {
        evict_if_idle(registry, topic);
    }
}

/// Evicts a topic that nobody follows: at once where there is no source yet, later where a provider made it.
pub(super) fn evict_if_idle(registry: &Arc<Registry>, topic: &Arc<Topic>) {
    let (visits, provided, source) = {
        let mut topics = registry.topics_mut();
        let mut state = topic.state();
        if state.subscribers > 0 {
            return;
        }
        let mut source = TopicSource::Vacant;
        if matches!(state.source, TopicSource::Vacant | TopicSource::Loading { .. }) {
            mem::swap(&mut state.source, &mut source);
            if topics.get(&topic.key).is_some_and(|held| Arc::ptr_eq(held, topic)) {
                topics.remove(&topic.key);
            }
        }
        (state.visits, state.provided, source)
    };
    if let TopicSource::Loading { abort: Some(abort), .. } = source {
        abort.abort();
    }
    if provided {
        evict_later(registry, topic, visits);
    }
}

/// How long at least until a signal that someone holds is looked at again.
const LEAST: Duration = Duration::from_secs(1);

/// Evicts a signal once nobody has followed it for a while, since that number of visits, and nobody holds it.
pub(super) fn evict_later(registry: &Arc<Registry>, topic: &Arc<Topic>, visits: u64) {
    let runtime = {
        let mut queue = registry.idle.queue();
        if let Ok(runtime) = Handle::try_current() {
            queue.runtime = Some(runtime);
        }
        let Some(runtime) = queue.runtime.clone() else { return };
        let due = Instant::now() + registry.log.options.linger;
        queue.waiting.push_back(Leaving { due, topic: Arc::downgrade(topic), visits });
        if mem::replace(&mut queue.is_swept, true) {
            return;
        }
        runtime
    };
    runtime.spawn(Sweep(Arc::downgrade(registry)).run());
}

/// The task, which ends when there is nothing left to evict.
struct Sweep(Weak<Registry>);

impl Sweep {
    async fn run(self) {
        while let Some(due) = self.next() {
            sleep_until(due).await;
            let Some(registry) = self.0.upgrade() else { return };
            let Some(leaving) = registry.idle.queue().waiting.pop_front() else { continue };
            if let Some(topic) = leaving.topic.upgrade()
                && is_held(&registry, &topic, leaving.visits)
            {
                let due = Instant::now() + registry.log.options.linger.max(LEAST);
                registry.idle.queue().waiting.push_back(Leaving { due, ..leaving });
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let registry = self.0.upgrade()?;
        let mut queue = registry.idle.queue();
        let next = queue.waiting.front().map(|leaving| leaving.due);
        queue.is_swept = next.is_some();
        next
    }
}

impl Drop for Sweep {
    /// Its runtime may have ended: the next signal that becomes idle starts another task.
    fn drop(&mut self) {
        if let Some(registry) = self.0.upgrade() {
            let mut queue = registry.idle.queue();
            if !queue.waiting.is_empty() {
                queue.is_swept = false;
            }
        }
    }
}

/// Evicts a signal, unless a subscriber has come, or someone holds it; says whether it is held.
fn is_held(registry: &Registry, topic: &Arc<Topic>, visits: u64) -> bool {
    let mut source = TopicSource::Vacant;
    let mut topics = registry.topics_mut();
    {
        let mut state = topic.state();
        if state.visits != visits || state.subscribers > 0 || !state.provided {
            return false;
        }
        // The hub's own handle is the only one left.
        if matches!(&state.source, TopicSource::Signal(signal) if Arc::strong_count(signal) > 1) {
            return true;
        }
        mem::swap(&mut state.source, &mut source);
        state.provided = false;
    }
    if topics.get(&topic.key).is_some_and(|held| Arc::ptr_eq(held, topic)) {
        topics.remove(&topic.key);
    }
    drop(topics);
    tracing::debug!(key = %topic.key, "a signal that nobody follows was evicted");
    // Not under a lock, as it may run code of the user.
    drop(source);
    false
}
