//! What it takes to follow a topic, and to leave it.

use super::{
    Inner, provider,
    topic::{Source, Topic},
    wake::{Place, Sleeper},
};
use leptos_sse_core::Key;
use std::sync::Arc;

/// One who follows a topic, until it is dropped.
pub(super) struct Followed {
    inner: Arc<Inner>,
    pub(super) topic: Arc<Topic>,
    /// Whether it takes string edits.
    pub(super) string_edits: bool,
    place: Place,
}

impl Followed {
    pub(super) fn new(inner: &Arc<Inner>, key: &Key, string_edits: bool) -> Self {
        let topic = inner.follow(key, string_edits);
        provider::load(inner, &topic);
        Self { inner: inner.clone(), topic, string_edits, place: Place::default() }
    }

    pub(super) fn key(&self) -> &Key {
        &self.topic.key
    }

    /// Where one who holds `seq` stands when the hub has come to `head`.
    pub(super) fn begin(&self, seq: Option<u64>, head: u64) -> Beginning {
        // One of this epoch that is ahead of it comes from nowhere.
        let seq = seq.filter(|seq| *seq <= head);
        let state = self.topic.state();
        let reached = seq.is_some_and(|seq| state.history.reaches(seq, self.string_edits) && state.history.last > 0);
        match (&state.source, seq) {
            (Source::Signal(_) | Source::Feed { .. }, _) => Beginning { sent: seq, resumes: reached, removed: None },
            // Whatever comes is new to one who holds nothing.
            (Source::Vacant, Some(_)) if !reached => {
                Beginning { sent: Some(head), resumes: false, removed: Some(head) }
            }
            (Source::Vacant | Source::Loading { .. }, _) => {
                Beginning { sent: Some(seq.unwrap_or(head)), resumes: false, removed: None }
            }
        }
    }

    /// Waits for writes from now on, and says whether that was not done already.
    pub(super) fn wait(&mut self, sleeper: &Arc<Sleeper>) -> bool {
        self.topic.waiting.enter(sleeper, &mut self.place)
    }
}

/// How one begins to follow.
pub(super) struct Beginning {
    /// What was sent to it before.
    pub(super) sent: Option<u64>,
    /// Whether only what it misses is to be sent.
    pub(super) resumes: bool,
    /// That what it holds was removed, and up to which seq.
    pub(super) removed: Option<u64>,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.topic.waiting.give_up(self.place);
        self.inner.unfollow(&self.topic, self.string_edits);
    }
}
