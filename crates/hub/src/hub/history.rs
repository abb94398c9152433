//! The latest writes to one topic.

use super::encode::{Encoded, Plain};
use std::collections::VecDeque;
use tokio::time::Instant;

/// One write to a topic.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) from: Option<u64>,
    pub(super) to: u64,
    /// When it was made.
    pub(super) at: Instant,
    event: Encoded,
    plain: Plain<Encoded>,
}

impl Entry {
    pub(super) fn new(from: Option<u64>, to: u64, at: Instant, event: Encoded, plain: Plain<Encoded>) -> Self {
        Self { from, to, at, event, plain }
    }

    /// The event for a reader that takes string edits, or for one that does not.
    pub(super) fn event(&self, string_edits: bool) -> &Encoded {
        match &self.plain {
            Plain::Own(plain) if !string_edits => plain,
            _ => &self.event,
        }
    }

    /// The bytes that it holds.
    fn len(&self) -> usize {
        self.event.len() + if let Plain::Own(plain) = &self.plain { plain.len() } else { 0 }
    }
}

/// The latest writes to a topic, bounded by their number and their bytes.
#[derive(Debug)]
pub(super) struct History {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Every write after this seq is among the entries.
    pub(super) floor: u64,
    /// The last write without a form for readers that take no string edits.
    last_missing: u64,
    /// The seq of the last write; 0 before the first.
    pub(super) last: u64,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) len: usize,
    pub(super) bytes: usize,
    /// How many entries stay in any case. A snapshot can replace the entries of a signal, and nothing those of a feed.
    pub(super) least: usize,
}

impl History {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, floor: 0, last_missing: 0, last: 0, bounds }
    }

    pub(super) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.evict();
    }

    /// Whether a reader at this seq can be given every later write, in the form that it takes.
    pub(super) fn reaches(&self, seq: u64, string_edits: bool) -> bool {
        seq >= self.floor && (string_edits || seq >= self.last_missing)
    }

    /// The seq before the latest entries, when there are more than this number.
    pub(super) fn before_latest(&self, number: usize) -> u64 {
        let before = self.entries.len().checked_sub(number.saturating_add(1));
        before.and_then(|before| self.entries.get(before)).map_or(self.floor, |entry| entry.to)
    }

    /// The entries after a seq, the oldest first.
    pub(super) fn after(&self, seq: u64) -> impl ExactSizeIterator<Item = &Entry> + Clone {
        let start = self.entries.partition_point(|entry| entry.to <= seq);
        self.entries.range(start..)
    }

    /// The entry after a seq, when it is the only one and has the form that the reader takes.
    pub(super) fn only_after(&self, seq: u64, string_edits: bool) -> Option<&Entry> {
        let latest = self.entries.back()?;
        let alone = latest.from.is_some_and(|from| from <= seq) && seq < latest.to;
        (alone && (string_edits || !matches!(latest.plain, Plain::Missing))).then_some(latest)
    }

    /// Forgets all entries: a new life of the topic begins with the write `to`.
    pub(super) fn restart(&mut self, to: u64) {
        self.entries.clear();
        self.bytes = 0;
        self.floor = to - 1;
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.bytes += entry.len();
        if let Plain::Missing = entry.plain {
            self.last_missing = entry.to;
        }
        self.entries.push_back(entry);
    }

    pub(super) fn evict(&mut self) {
        let Bounds { len, bytes, least } = self.bounds;
        while self.entries.len() > least && (self.entries.len() > len || self.bytes > bytes) {
            let Some(evicted) = self.entries.pop_front() else { return };
            self.bytes -= evicted.len();
            self.floor = evicted.to;
        }
    }
}
