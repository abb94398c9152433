//! The one ordered log that all writes of a hub pass: append with the seq last seen, read from a seq, the latest snapshots.
//!
//! This one is memory. A log that many machines share has the same three operations.

use super::{
    encode::{Draft, Encoded, Plain},
    topic::{Source, State, Topic},
};
use leptos_sse_core::protocol::{Cursor, Epoch};
use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::time::Instant;

/// The counter of a hub.
#[derive(Debug)]
pub(super) struct Log {
    epoch: Epoch,
    /// The seq of the last write; held while one is made, so that the order of the seqs is the order of the writes.
    last: Mutex<u64>,
    /// The same, once the write can be read.
    head: AtomicU64,
}

/// Another write came in between.
#[derive(Debug)]
pub(super) struct Conflict;

impl Log {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self { epoch, last: Mutex::new(0), head: AtomicU64::new(0) }
    }

    pub(super) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Every write up to this seq can be read.
    pub(super) fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    pub(super) fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq: self.head() }
    }

    /// Appends a step to a topic, from the write before it, and gives its seq. `check` sees whether that is the write it knows.
    pub(super) fn append(
        &self,
        topic: &Topic,
        draft: Draft,
        plain: Plain<Draft>,
        check: impl FnOnce(&State) -> bool,
    ) -> Result<u64, Conflict> {
        let at = Instant::now();
        self.write(topic, |state, to| {
            if !check(state) {
                return Err(Conflict);
            }
            let from = Some(state.history.last);
            let finish = |draft: Draft| draft.finish(&topic.name, &self.epoch, from, to);
            state.history.push(Entry { from, to, at, event: finish(draft), plain: plain.map(finish) });
            state.history.evict();
            Ok(())
        })
    }

    /// Appends what begins a topic anew: nothing before it can be read. `begin` is told whether it may, and sets the state.
    pub(super) fn begin(
        &self,
        topic: &Topic,
        event: Option<Draft>,
        begin: impl FnOnce(&mut State, u64) -> bool,
    ) -> Result<u64, Conflict> {
        let at = Instant::now();
        self.write(topic, |state, to| {
            if !begin(state, to) {
                return Err(Conflict);
            }
            state.history.begin(to);
            state.snapshot = None;
            if let Some(draft) = event {
                let event = draft.finish(&topic.name, &self.epoch, None, to);
                // A snapshot can be had elsewhere; that there is nothing, cannot.
                let stays = matches!(state.source, Source::Vacant);
                state.history.push(Entry { from: None, to, at, event, plain: Plain::Same });
                if !stays {
                    state.history.evict();
                }
            } else {
                state.history.floor = to;
            }
            Ok(())
        })
    }

    fn write(
        &self,
        topic: &Topic,
        write: impl FnOnce(&mut State, u64) -> Result<(), Conflict>,
    ) -> Result<u64, Conflict> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let to = *last + 1;
        {
            let mut state = topic.state();
            write(&mut state, to)?;
            state.history.last = to;
        }
        topic.set_last(to);
        *last = to;
        self.head.store(to, Ordering::Release);
        Ok(to)
    }
}

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
    /// The event for one who takes string edits, or who does not.
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
    /// The last write that has nothing for those who take no string edits.
    last_missing: u64,
    /// The seq of the last write; 0 before the first.
    pub(super) last: u64,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) len: usize,
    pub(super) bytes: usize,
    /// How many entries stay in any case: nothing stands for those of a feed, as a snapshot does for a signal's.
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

    /// Whether every write after a seq can be given to one who takes string edits, or who does not.
    pub(super) fn reaches(&self, seq: u64, string_edits: bool) -> bool {
        seq >= self.floor && (string_edits || seq >= self.last_missing)
    }

    /// The seq that the latest entries follow, when there are more.
    pub(super) fn before_latest(&self, number: usize) -> u64 {
        let before = self.entries.len().checked_sub(number.saturating_add(1));
        before.and_then(|before| self.entries.get(before)).map_or(self.floor, |entry| entry.to)
    }

    /// The entries after a seq, the oldest first.
    pub(super) fn after(&self, seq: u64) -> impl ExactSizeIterator<Item = &Entry> + Clone {
        let start = self.entries.partition_point(|entry| entry.to <= seq);
        self.entries.range(start..)
    }

    /// The entry after a seq, when there is but one, and it can be given to one who takes string edits, or who does not.
    pub(super) fn only_after(&self, seq: u64, string_edits: bool) -> Option<&Entry> {
        let latest = self.entries.back()?;
        let alone = latest.from.is_some_and(|from| from <= seq) && seq < latest.to;
        (alone && (string_edits || !matches!(latest.plain, Plain::Missing))).then_some(latest)
    }

    fn begin(&mut self, to: u64) {
        self.entries.clear();
        self.bytes = 0;
        self.floor = to - 1;
    }

    fn push(&mut self, entry: Entry) {
        self.bytes += entry.len();
        if let Plain::Missing = entry.plain {
            self.last_missing = entry.to;
        }
        self.entries.push_back(entry);
    }

    fn evict(&mut self) {
        let Bounds { len, bytes, least } = self.bounds;
        while self.entries.len() > least && (self.entries.len() > len || self.bytes > bytes) {
            let Some(evicted) = self.entries.pop_front() else { return };
            self.bytes -= evicted.len();
            self.floor = evicted.to;
        }
    }
}
