//! The one ordered log that all writes of a hub pass.
//!
//! It gives each write the next seq of the hub, and puts the write into the history of its topic. The log is in memory.

use super::{
    SseHubOptions,
    encode::{Draft, Plain},
    engine::{Conflict, Link},
    history::{Bounds, Entry, History},
    stats::Counters,
    topic::{State, Topic, TopicSource},
};
use leptos_sse_core::protocol::{Cursor, Epoch, Key};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tokio::time::Instant;

/// The counter of a hub, and all that signals and feeds need of their hub.
///
/// They hold the log and not the registry: the registry holds them.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) options: SseHubOptions,
    pub(super) counters: Counters,
    /// `None`: the hub is in memory.
    pub(super) link: Option<Arc<Link>>,
    epoch: Epoch,
    /// The seq of the last write. It is locked while a write is made, so that the order of the seqs is the order of the writes.
    last: Mutex<u64>,
    /// The same, once the write can be read.
    head: AtomicU64,
}

impl Log {
    pub(super) fn new(options: SseHubOptions, link: Option<Arc<Link>>) -> Self {
        Self {
            options,
            counters: Counters::default(),
            link,
            epoch: Epoch::from_random(fastrand::u64(..)),
            last: Mutex::new(0),
            head: AtomicU64::new(0),
        }
    }

    pub(super) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Every write up to this seq can be read.
    pub(super) fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// The cursor of a seq of this log.
    pub(super) fn cursor(&self, seq: u64) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq }
    }

    /// A topic of a key, without a source.
    pub(super) fn new_topic(&self, key: Key) -> Topic {
        let SseHubOptions { history_len: len, history_bytes: bytes, .. } = self.options;
        Topic::new(key, History::new(Bounds { len, bytes, least: 0 }))
    }

    /// Appends an update to a topic and gives its seq. `check` sees whether the write before it is the one that the writer knows.
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
            state.history.push(Entry::new(from, to, at, finish(draft), plain.map(finish)));
            state.history.evict();
            Ok(())
        })
    }

    /// Appends the write with which a topic begins a new life: no reader is given a write before it. `begin` decides whether it
    /// may, and sets the state.
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
            state.history.restart(to);
            state.snapshot = None;
            if let Some(draft) = event {
                let event = draft.finish(&topic.name, &self.epoch, None, to);
                // A snapshot can be made again from the document. That a key is gone is said here alone.
                let stays = matches!(state.source, TopicSource::Vacant);
                state.history.push(Entry::new(None, to, at, event, Plain::Same));
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
