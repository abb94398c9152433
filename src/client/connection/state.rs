//! What a connection knows, and guards by its one lock. Nothing here runs code of a user.

use crate::{
    Error,
    client::{
        asked::Asked,
        documents::Documents,
        feeds::Feeds,
        machine::{Action, Backoff, Input, Machine},
        slots::{Kind, Slot, Slots},
    },
    protocol::{Ask, Hello, Key, Removed},
};
use std::time::Duration;

pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) documents: Documents,
    pub(super) feeds: Feeds,
    pub(super) slots: Slots,
    pub(super) asked: Asked,
    pub(super) users: usize,
    /// The time that the transport's timer is set to.
    pub(super) alarm: Option<Duration>,
}

impl State {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self {
            machine: Machine::new(backoff),
            documents: Documents::default(),
            feeds: Feeds::default(),
            slots: Slots::default(),
            asked: Asked::default(),
            users: 0,
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

    /// What to ask with: the keys in use, each with the seq that is held.
    pub(super) fn ask(&self) -> Ask {
        let keys = self.slots.used().map(|(key, kind)| {
            let seq = match kind {
                Kind::Signal => self.documents.seq(key),
                Kind::Feed => self.feeds.seq(key),
            };
            (key.clone(), seq)
        });
        Ask { epoch: self.documents.epoch().cloned(), keys: keys.collect() }
    }

    /// What a connection that is opened now asks with.
    pub(super) fn open(&mut self, now: Duration) -> Ask {
        self.asked.open(self.slots.used_keys());
        self.tell_keys(now);
        self.ask()
    }

    /// What a connection that is opened beside asks with.
    pub(super) fn open_beside(&mut self) -> Ask {
        self.asked.open_beside(self.slots.used_keys());
        self.ask()
    }

    /// A key is in use from now on.
    pub(super) fn came(&mut self, key: &Key, now: Duration) {
        self.asked.came(key);
        self.tell_keys(now);
    }

    /// One user of a key less; the slot that nobody uses any more is given out.
    pub(super) fn release(&mut self, key: &Key, now: Duration) -> Option<Slot> {
        let (was_last, slot) = self.slots.release(key);
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

    pub(super) fn removed(&mut self, removed: &Removed) {
        self.documents.removed(removed);
        self.feeds.removed(removed);
    }

    /// Nothing is known of a connection that is closed for good. What is held for nobody is given out.
    #[must_use]
    pub(super) fn clear(&mut self) -> Vec<Slot> {
        self.documents.clear();
        self.feeds.clear();
        self.slots.sweep(|_| false)
    }

    fn tell_keys(&mut self, now: Duration) {
        self.machine.on(Input::Keys(self.asked.change()), now, 0.0);
    }
}
