use std::sync::atomic::{AtomicU64, Ordering};

/// What a hub holds now, and what it has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SseHubStats {
    /// Connections that are open.
    pub connections: u64,
    /// Signals that there are.
    pub signals: u64,
    /// Feeds that there are.
    pub feeds: u64,
    /// Writes that changed something: updates of signals and events of feeds.
    pub updates: u64,
    /// Bytes given to connections.
    pub bytes: u64,
    /// Keys that a client came back for and was given only what it had missed.
    pub resumes: u64,
    /// Snapshots given to connections.
    pub snapshots: u64,
    /// Updates that a slow connection was spared, because one snapshot stood for them; of those that the histories still had.
    pub coalesced: u64,
    /// Keys and whole connections that were refused.
    pub refused: u64,
}

/// The numbers of [`SseHubStats`] that only grow.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) updates: AtomicU64,
    pub(super) resumes: AtomicU64,
    pub(super) snapshots: AtomicU64,
    pub(super) coalesced: AtomicU64,
    pub(super) refused: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> SseHubStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SseHubStats {
            updates: read(&self.updates),
            resumes: read(&self.resumes),
            snapshots: read(&self.snapshots),
            coalesced: read(&self.coalesced),
            refused: read(&self.refused),
            ..SseHubStats::default()
        }
    }
}

pub(super) fn count(counter: &AtomicU64, number: usize) {
    counter.fetch_add(number as u64, Ordering::Relaxed);
}
