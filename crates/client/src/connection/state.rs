//! The state of a connection, behind its one lock. Nothing here runs code of the user.

use crate::{
    documents::Documents,
    feeds::Feeds,
    hooks::ConnectionEvent,
    machine::{Action, Input, Machine},
    options::Options,
    registry::{KeyEntry, KeyKind, StatusChange, SubscriberRegistry},
    status::SseStatus,
    subscriptions::{KeyRequest, RequestPlan, RequestedKeys},
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
    pub(super) registry: SubscriberRegistry,
    pub(super) requested: RequestedKeys,
    pub(super) users: usize,
    /// The attempt that the hooks were last called with, since the connection was open.
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
            registry: SubscriberRegistry::default(),
            requested: RequestedKeys::posting(options.access.posts),
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
            self.requested.settle(&self.registry.used_keys());
            self.tell_keys(now);
        }
        action
    }

    /// The request of a connection that is opened now.
    pub(super) fn open(&mut self, now: Duration) -> RequestPlan {
        let plan = self.plan(!self.machine.is_refused());
        self.requested.open(&plan, &self.registry.used_keys());
        self.tell_keys(now);
        plan
    }

    /// The request of a connection that is opened beside.
    pub(super) fn open_beside(&mut self) -> RequestPlan {
        let plan = self.plan(true);
        self.requested.open_beside(&plan);
        plan
    }

    /// The request of a probe.
    pub(super) fn probe(&self) -> RequestPlan {
        self.plan(!self.machine.is_refused())
    }

    /// The keys in use, each with the seq that is held. Without `all`: those that the server serves, if there are any.
    fn plan(&self, all: bool) -> RequestPlan {
        let wanted = self.registry.used().map(|(key, kind)| KeyRequest {
            key,
            kind,
            seq: match kind {
                KeyKind::Signal => self.documents.seq(key),
                KeyKind::Feed => self.feeds.seq(key),
            },
        });
        let mut wanted: Vec<KeyRequest> = wanted.collect();
        if !all && wanted.iter().any(|wanted| self.requested.is_served(wanted.key)) {
            wanted.retain(|wanted| self.requested.is_served(wanted.key));
        }
        self.requested.fit(self.documents.epoch(), &wanted)
    }

    /// A key is in use from now on.
    pub(super) fn came(&mut self, key: &Key, now: Duration) {
        self.requested.came(key);
        self.tell_keys(now);
    }

    /// Removes a user of a key's subscriber. Returns what nobody uses any more, to be dropped without the lock.
    pub(super) fn release(&mut self, key: &Key, subscriber: TypeId, now: Duration) -> Option<KeyEntry> {
        let (was_last, entry) = self.registry.release(key, subscriber);
        if was_last {
            self.requested.went(key);
            self.tell_keys(now);
        }
        entry
    }

    /// A stream begins. Forgets what it does not bring any more, and returns it, to be dropped without the lock.
    pub(super) fn hello(&mut self, hello: &Hello) -> (Result<(), Error>, Vec<KeyEntry>) {
        let begun = self.documents.hello(hello);
        self.feeds.hello(hello);
        if hello.name.is_some() {
            return (begun, Vec::new());
        }
        let Self { documents, feeds, registry, requested, .. } = self;
        documents.retain(|key| requested.contains(key) || registry.is_used(key));
        feeds.retain(|key| requested.contains(key) || registry.is_used(key));
        (begun, registry.sweep(|key| requested.contains(key)))
    }

    /// The server has removed a signal or a feed. Returns whether it was a signal.
    pub(super) fn removed(&mut self, removed: &Removed) -> bool {
        self.feeds.removed(removed);
        self.documents.removed(removed)
    }

    /// Forgets everything of a connection that is closed for good. Returns the entries without users.
    #[must_use]
    pub(super) fn clear(&mut self) -> Vec<KeyEntry> {
        self.documents.clear(|key| self.registry.is_used(key));
        self.feeds.clear();
        self.registry.sweep(|_| false)
    }

    /// The event to report for a status that has changed.
    pub(super) fn news(&mut self, status: SseStatus) -> Option<ConnectionEvent> {
        match status {
            SseStatus::Open => {
                self.told_attempt = 0;
                Some(ConnectionEvent::Opened)
            }
            SseStatus::Closed(why) => Some(ConnectionEvent::Closed(why)),
            SseStatus::Connecting => None,
            SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } => {
                let attempt = self.machine.attempt();
                let before = std::mem::replace(&mut self.told_attempt, attempt);
                (before != attempt).then_some(ConnectionEvent::Reconnecting(attempt))
            }
        }
    }

    /// The status of `only`, or of any key, for each subscriber that watches it.
    pub(super) fn status_changes(&self, only: Option<&Key>) -> Vec<StatusChange> {
        let is_open = self.machine.status() == SseStatus::Open;
        self.registry
            .status_changes(only, |key| self.documents.status(key, is_open.then(|| self.requested.is_served(key))))
    }

    fn tell_keys(&mut self, now: Duration) {
        self.machine.on(Input::Keys(self.requested.change()), now, 0.0);
    }
}
