//! The handle of a subscriber to its topic.

use super::{
    eviction,
    registry::Registry,
    topic::{Topic, TopicSource},
    waiters::{Registration, Waiter},
};
use leptos_sse_core::Key;
use std::sync::Arc;

/// Follows a topic until it is dropped.
pub(super) struct TopicHandle {
    registry: Arc<Registry>,
    pub(super) topic: Arc<Topic>,
    /// Whether the subscriber takes string edits.
    pub(super) string_edits: bool,
    registration: Registration,
}

impl TopicHandle {
    /// Follows a key. Nothing is loaded for it.
    pub(super) fn new(registry: &Arc<Registry>, key: &Key, string_edits: bool) -> Self {
        let topic = registry.follow(key, string_edits);
        Self { registry: registry.clone(), topic, string_edits, registration: Registration::default() }
    }

    pub(super) fn key(&self) -> &Key {
        &self.topic.key
    }

    /// Where a subscriber that holds `seq` starts, when the hub has come to `head`.
    pub(super) fn start(&self, seq: Option<u64>, head: u64) -> StartPoint {
        // A seq of this epoch that is ahead of the log cannot be valid; ignore it.
        let seq = seq.filter(|seq| *seq <= head);
        let state = self.topic.state();
        let reached = seq.is_some_and(|seq| state.history.reaches(seq, self.string_edits) && state.history.last > 0);
        match (&state.source, seq) {
            (TopicSource::Signal(_) | TopicSource::Feed { .. }, _) => {
                StartPoint { sent: seq, resumes: reached, removed: None }
            }
            (TopicSource::Vacant, Some(_)) if !reached => {
                StartPoint { sent: Some(head), resumes: false, removed: Some(head) }
            }
            // All that comes is new to a subscriber that holds nothing.
            (TopicSource::Vacant | TopicSource::Loading { .. }, _) => {
                StartPoint { sent: Some(seq.unwrap_or(head)), resumes: false, removed: None }
            }
        }
    }

    /// Waits for writes from now on, and says whether it did not wait before.
    pub(super) fn wait(&mut self, waiter: &Arc<Waiter>) -> bool {
        self.topic.waiters.register(waiter, &mut self.registration)
    }
}

impl Drop for TopicHandle {
    fn drop(&mut self) {
        self.topic.waiters.unregister(self.registration);
        eviction::unfollow(&self.registry, &self.topic, self.string_edits);
    }
}

/// Where a subscriber starts.
pub(super) struct StartPoint {
    /// All up to this seq was sent to it before.
    pub(super) sent: Option<u64>,
    /// Whether it is given only what it misses.
    pub(super) resumes: bool,
    /// What it holds was removed, at this seq or before.
    pub(super) removed: Option<u64>,
}
