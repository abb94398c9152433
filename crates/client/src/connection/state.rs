//! What a connection knows, and guards by its one lock. Nothing here runs code of a user.

use crate::{
    asked::{Asked, Asking, Wanted},
    documents::Documents,
    feeds::Feeds,
    hooks::News,
    machine::{Action, Input, Machine},
    options::Options,
    slots::{Kind, Slot, Slots, Watched},
    status::SseStatus,
};
use leptos_sse_core::{
    Error,
    protocol::{Hello, Key, Removed},
};
use std::{any::TypeId, time::Duration};

pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) documents: Documents,
    pub(super) feeds: Feeds,
    pub(super) slots: Slots,
    pub(super) asked: Asked,
    pub(super) users: usize,
    /// The attempt that was told last, since the connection was open.
    pub(super) told_attempt: u32,
    /// The time that the transport's timer is set to.
    pub(super) alarm: Option<Duration>,
}

impl State {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            machine: Machine::new(options.pace),
            documents: Documents::default(),
            feeds: Feeds::default(),
            slots: Slots::default(),
            asked: Asked::posting(options.access.posts),
            users: 0,
            told_attempt: 0,
            alarm: None,
        }
    }

    /// Tells the machine what happened, and prepares what it answers.
    pub(super) fn on(&mut self, input: Input, now: Duration, random: f64) -> Action {
        if input == Input::Tick {
            self.alarm = None;
        }
        let action = self.machine.on(input, now, random);
        if input == Input::Opened || action == Action::Settle {
            self.documents.opened();
            self.feeds.opened();
        }
        if action == Action::Settle {
            self.asked.settle(&self.slots.used_keys());
            self.tell_keys(now);
        }
        action
    }

    /// What a connection that is opened now asks with.
    pub(super) fn open(&mut self, now: Duration) -> Asking {
        let asking = self.asking(!self.machine.is_refused());
        self.asked.open(&asking, &self.slots.used_keys());
        self.tell_keys(now);
        asking
    }

    /// What a connection that is opened beside asks with.
    pub(super) fn open_beside(&mut self) -> Asking {
        let asking = self.asking(true);
        self.asked.open_beside(&asking);
        asking
    }

    /// What a request asks that is to tell how the next connection fares.
    pub(super) fn probe(&self) -> Asking {
        self.asking(!self.machine.is_refused())
    }

    /// The keys in use, each with the seq that is held. Without `all`: those that the server serves, if there are any.
    fn asking(&self, all: bool) -> Asking {
        let wanted = self.slots.used().map(|(key, kind)| Wanted {
            key,
            kind,
            seq: match kind {
                Kind::Signal => self.documents.seq(key),
                Kind::Feed => self.feeds.seq(key),
            },
        });
        let mut wanted: Vec<Wanted> = wanted.collect();
        if !all && wanted.iter().any(|wanted| self.asked.is_served(wanted.key)) {
            wanted.retain(|wanted| self.asked.is_served(wanted.key));
        }
        self.asked.fit(self.documents.epoch(), &wanted)
    }

    /// A key is in use from now on.
    pub(super) fn came(&mut self, key: &Key, now: Duration) {
        self.asked.came(key);
        self.tell_keys(now);
    }

    /// One user of a key's follower less; what nobody uses any more is given out.
    pub(super) fn release(&mut self, key: &Key, follower: TypeId, now: Duration) -> Option<Slot> {
        let (was_last, slot) = self.slots.release(key, follower);
        if was_last {
            self.asked.went(key);
            self.tell_keys(now);
        }
        slot
    }

    /// A stream begins; what it does not bring any more is forgotten, and given out.
    pub(super) fn hello(&mut self, hello: &Hello) -> (Result<(), Error>, Vec<Slot>) {
        let begun = self.documents.hello(hello);
        self.feeds.hello(hello);
        if hello.name.is_some() {
            return (begun, Vec::new());
        }
        let Self { documents, feeds, slots, asked, .. } = self;
        documents.retain(|key| asked.contains(key) || slots.is_used(key));
        feeds.retain(|key| asked.contains(key) || slots.is_used(key));
        (begun, slots.sweep(|key| asked.contains(key)))
    }

    /// The server has a signal or a feed no more. Whether a signal is gone by that.
    pub(super) fn removed(&mut self, removed: &Removed) -> bool {
        self.feeds.removed(removed);
        self.documents.removed(removed)
    }

    /// Nothing is known of a connection that is closed for good. What is held for nobody is given out.
    #[must_use]
    pub(super) fn clear(&mut self) -> Vec<Slot> {
        self.documents.clear(|key| self.slots.is_used(key));
        self.feeds.clear();
        self.slots.sweep(|_| false)
    }

    /// What there is to tell of a status that has changed.
    pub(super) fn news(&mut self, status: SseStatus) -> Option<News> {
        match status {
            SseStatus::Open => {
                self.told_attempt = 0;
                Some(News::Opened)
            }
            SseStatus::Closed(why) => Some(News::Closed(why)),
            SseStatus::Connecting => None,
            SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } => {
                let attempt = self.machine.attempt();
                let before = std::mem::replace(&mut self.told_attempt, attempt);
                (before != attempt).then_some(News::Reconnecting(attempt))
            }
        }
    }

    /// Who watches a key, or any, and where those keys stand.
    pub(super) fn watched(&self, only: Option<&Key>) -> Vec<Watched> {
        let is_open = self.machine.status() == SseStatus::Open;
        self.slots.watched(only, |key| self.documents.status(key, is_open.then(|| self.asked.is_served(key))))
    }

    fn tell_keys(&mut self, now: Duration) {
        self.machine.on(Input::Keys(self.asked.change()), now, 0.0);
    }
}
