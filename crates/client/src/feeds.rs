//! The client's rule for feeds: which steps are taken, dropped, or tell of a gap.
//!
//! Pure, and without the events themselves, which the feed's subscriber keeps.

use super::keyed::Keyed;
use leptos_sse_core::protocol::{Epoch, FeedUpdate, Hello, Key, Removed};

/// How far the page has come in each feed of one connection.
#[derive(Debug, Default)]
pub struct Feeds {
    held: Keyed<Position>,
    /// The epoch of the last hello that spoke for a whole connection.
    epoch: Option<Epoch>,
    /// Whether that was on this connection.
    begun: bool,
}

#[derive(Debug, Default)]
struct Position {
    /// The seq of the last step, or of the feed's removal, in the epoch below.
    seq: Option<u64>,
    epoch: Option<Epoch>,
    /// Whether a hello or a start of this connection says what the seqs belong to.
    begun: bool,
    /// Whether the server had the feed no more.
    removed: bool,
}

/// What a step means; its item is taken unless it is a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedOutcome {
    /// The feed starts here: what was held of it is of the past.
    Start,
    /// The same, and events between what was held and the start are missing.
    StartAfterGap,
    /// It was taken already.
    Repeat,
    /// Events before it are missing.
    Gap,
    /// It follows the one before.
    Next,
}

impl Feeds {
    /// The seq to ask with; `None` when nothing is held, or it is of another epoch than the connection's.
    pub fn seq(&self, key: &Key) -> Option<u64> {
        let held = self.held.get(key).filter(|held| held.epoch.is_some() && held.epoch == self.epoch)?;
        held.seq.filter(|_| !held.removed)
    }

    /// A new connection is open.
    pub fn opened(&mut self) {
        self.begun = false;
        self.held.iter_mut().for_each(|(_, held)| held.begun = false);
    }

    /// A stream begins. In another epoch the held seq is invalid: the feed's start comes next.
    pub fn hello(&mut self, hello: &Hello) {
        match &hello.name {
            Some(key) => {
                if let Some(held) = self.held.get_mut(key) {
                    held.begin(&hello.epoch);
                }
            }
            None => {
                self.held.iter_mut().for_each(|(_, held)| held.begin(&hello.epoch));
                self.epoch = Some(hello.epoch.clone());
                self.begun = true;
            }
        }
    }

    /// Takes a step of a feed.
    pub fn update<I>(&mut self, update: &FeedUpdate<I>) -> FeedOutcome {
        let held = self.held.get_or_insert_with(&update.name, || {
            let epoch = self.epoch.clone().filter(|_| self.begun);
            Position { begun: epoch.is_some(), epoch, ..Position::default() }
        });
        held.update(update)
    }

    /// The server has the feed no more; when it comes again, so does its start.
    pub fn removed(&mut self, removed: &Removed) {
        if let Some(held) = self.held.get_mut(&removed.name) {
            held.removed(removed.to);
        }
    }

    /// Forgets the feeds that the connection does not bring.
    pub fn retain(&mut self, is_brought: impl Fn(&Key) -> bool) {
        self.held.retain(is_brought);
    }

    /// Forgets all feeds.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Position {
    fn begin(&mut self, epoch: &Epoch) {
        self.begun = true;
        if self.epoch.as_ref() != Some(epoch) {
            *self = Self { epoch: Some(epoch.clone()), begun: true, ..Self::default() };
        }
    }

    fn update<I>(&mut self, update: &FeedUpdate<I>) -> FeedOutcome {
        let held = self.seq.filter(|_| self.begun);
        // A start too: two streams of one hub overlap, and both may begin with it.
        if held.is_some_and(|held| update.to <= held) {
            return FeedOutcome::Repeat;
        }
        let holds = held.is_some() && !self.removed;
        let follows = holds && held == update.from;
        *self = Self { seq: Some(update.to), begun: true, removed: false, epoch: self.epoch.take() };
        match update.from {
            // The server has not begun anew, so that what was held goes on somewhere before the start.
            None if holds => FeedOutcome::StartAfterGap,
            None => FeedOutcome::Start,
            Some(_) if follows && update.item.is_some() => FeedOutcome::Next,
            Some(_) => FeedOutcome::Gap,
        }
    }

    fn removed(&mut self, to: u64) {
        let held = self.seq.filter(|_| self.begun);
        if held.is_none_or(|held| held < to) {
            self.seq = Some(to).filter(|_| self.begun);
            self.removed = true;
        }
    }
}
