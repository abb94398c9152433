//! The subscribers of one connection by their keys, and how many users each has.

use super::{
    feeds::FeedOutcome,
    keyed::{Keyed, Keys},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, document::Document, patch::Touch, protocol::Key};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// What a key is followed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A signal, which has a value.
    Signal,
    /// A feed, which has events.
    Feed,
}

/// What all subscribers of one type have in common.
#[derive(Clone, Copy, Debug)]
pub struct SubscriberType {
    /// What they follow a key as.
    pub kind: KeyKind,
    /// Whether they are told of each change of their key's status.
    pub watches: bool,
    /// The type that a user knows them by.
    pub name: &'static str,
    /// The type of the key's values, on which all subscribers of a key agree; `None`: any type will do.
    pub value: Option<TypeId>,
}

/// Takes what the server sends for one key. A key may have several subscribers, one of each type.
pub trait Subscriber: Any + Send + Sync {
    /// Describes the type.
    fn describe() -> SubscriberType
    where
        Self: Sized;

    /// Takes the key's document, which has changed at the places in `touches`. `None`: any of it may have changed.
    ///
    /// # Errors
    ///
    /// When the document cannot be read.
    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error>;

    /// Takes one step of a feed.
    ///
    /// # Errors
    ///
    /// When its item cannot be read.
    fn take(&self, step: FeedOutcome, item: Option<Document>) -> Result<(), Error>;

    /// The server has removed the signal.
    ///
    /// # Errors
    ///
    /// When that cannot be shown.
    fn removed(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Called with the key's new status, if the subscriber watches it.
    ///
    /// # Errors
    ///
    /// When that cannot be shown.
    fn status_changed(&self, _: &SseSignalStatus) -> Result<(), Error> {
        Ok(())
    }
}

/// The subscribers of one key at one moment. Usually there is one, which takes no allocation.
pub struct Subscribers {
    first: Option<Arc<dyn Subscriber>>,
    others: Vec<Arc<dyn Subscriber>>,
}

impl Subscribers {
    /// Hands a document to each subscriber, and returns their errors.
    pub fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> impl Iterator<Item = Error> {
        self.iter().filter_map(move |subscriber| subscriber.accept(document, touches).err())
    }

    /// Hands a step of a feed to each subscriber, and returns their errors.
    pub fn take(&self, step: FeedOutcome, item: Option<&Document>) -> impl Iterator<Item = Error> {
        self.iter().filter_map(move |subscriber| subscriber.take(step, item.cloned()).err())
    }

    /// Tells each subscriber that the server has removed the signal, and returns their errors.
    pub fn removed(&self) -> impl Iterator<Item = Error> {
        self.iter().filter_map(|subscriber| subscriber.removed().err())
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<dyn Subscriber>> {
        self.first.iter().chain(&self.others)
    }
}

/// The status of a key, for one subscriber that watches it.
pub struct StatusChange {
    /// The key.
    pub key: Key,
    watcher: Arc<dyn Subscriber>,
    status: SseSignalStatus,
}

impl StatusChange {
    /// Tells the subscriber.
    ///
    /// # Errors
    ///
    /// When it cannot show the status.
    pub fn tell(&self) -> Result<(), Error> {
        self.watcher.status_changed(&self.status)
    }
}

/// The subscribers of one connection by their keys, and how many users each has.
#[derive(Default)]
pub struct SubscriberRegistry {
    entries: Keyed<KeyEntry>,
    /// How many subscribers watch the status of their key.
    watching: usize,
}

/// The subscribers of one key, at least one.
pub struct KeyEntry(Vec<Registered>);

struct Registered {
    /// 0: a feed without users that the server still sends.
    users: usize,
    ty: SubscriberType,
    subscriber: Arc<dyn Subscriber>,
}

/// A subscriber that has one more user.
pub struct Joined<F> {
    /// The subscriber.
    pub subscriber: Arc<F>,
    /// Whether the user is the first one of the key.
    pub is_first: bool,
}

impl KeyEntry {
    fn kind(&self) -> KeyKind {
        self.0[0].ty.kind
    }

    fn is_used(&self) -> bool {
        self.0.iter().any(|registered| registered.users > 0)
    }

    /// # Errors
    ///
    /// When the key is followed as something that does not go together with `new`.
    fn check(&self, key: &Key, new: &SubscriberType) -> Result<(), Error> {
        let goes_together = |held: &SubscriberType| {
            let differ = held.value.zip(new.value).is_some_and(|(held, new)| held != new);
            held.kind == new.kind && !differ
        };
        match self.0.iter().find(|registered| registered.users > 0 && !goes_together(&registered.ty)) {
            Some(registered) => Err(Error::type_taken(key.as_str(), registered.ty.name, new.name)),
            None => Ok(()),
        }
    }

    fn find(&mut self, subscriber: TypeId) -> Option<&mut Registered> {
        self.0.iter_mut().find(|registered| (*registered.subscriber).type_id() == subscriber)
    }
}

impl SubscriberRegistry {
    /// Adds a user to the key's subscriber of type `F`, if it has one.
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    pub fn join<F: Subscriber>(&mut self, key: &Key) -> Result<Option<Joined<F>>, Error> {
        let Some(entry) = self.entries.get_mut(key) else { return Ok(None) };
        entry.check(key, &F::describe())?;
        let is_first = !entry.is_used();
        let Some(registered) = entry.find(TypeId::of::<F>()) else { return Ok(None) };
        let subscriber: Arc<dyn Any + Send + Sync> = registered.subscriber.clone();
        let Ok(subscriber) = subscriber.downcast() else { return Ok(None) };
        registered.users += 1;
        Ok(Some(Joined { subscriber, is_first }))
    }

    /// Adds a subscriber with its first user. Returns whether the user is the first one of the key, and the unused entry that
    /// it replaces.
    pub fn insert<F: Subscriber>(&mut self, key: &Key, subscriber: Arc<F>) -> (bool, Option<KeyEntry>) {
        let registered = Registered { users: 1, ty: F::describe(), subscriber };
        self.watching += usize::from(registered.ty.watches);
        match self.entries.get_mut(key) {
            Some(entry) if entry.is_used() => {
                entry.0.push(registered);
                (false, None)
            }
            _ => (true, self.entries.insert(key.clone(), KeyEntry(vec![registered]))),
        }
    }

    /// Removes a user of a subscriber. Returns whether the user was the last one of the key, and the subscribers that are
    /// dropped with it: a feed stays, as it may be used again.
    pub fn release(&mut self, key: &Key, subscriber: TypeId) -> (bool, Option<KeyEntry>) {
        let Some(entry) = self.entries.get_mut(key) else { return (false, None) };
        let Some(registered) = entry.find(subscriber) else { return (false, None) };
        registered.users -= 1;
        let is_dropped = registered.users == 0 && registered.ty.kind == KeyKind::Signal;
        // Only signals watch.
        self.watching -= usize::from(is_dropped && registered.ty.watches);
        match (entry.is_used(), is_dropped) {
            (true, false) => (false, None),
            (false, false) => (true, None),
            (false, true) => (true, self.entries.remove(key)),
            (true, true) => {
                (false, Some(KeyEntry(entry.0.extract_if(.., |registered| registered.users == 0).collect())))
            }
        }
    }

    /// The subscribers of a key, if it has any.
    pub fn subscribers(&self, key: &Key) -> Option<Subscribers> {
        let mut subscribers = self.entries.get(key)?.0.iter().map(|registered| registered.subscriber.clone());
        Some(Subscribers { first: subscribers.next(), others: subscribers.collect() })
    }

    /// The status of `only`, or of every key, for each subscriber that watches it.
    pub fn status_changes(&self, only: Option<&Key>, status: impl Fn(&Key) -> SseSignalStatus) -> Vec<StatusChange> {
        if self.watching == 0 {
            return Vec::new();
        }
        let entries = self.entries.iter().filter(|(key, _)| only.is_none_or(|only| only == *key));
        let watchers = entries.flat_map(|(key, entry)| {
            let watchers = entry.0.iter().filter(|registered| registered.ty.watches);
            watchers.map(move |registered| (key, registered.subscriber.clone()))
        });
        watchers.map(|(key, watcher)| StatusChange { key: key.clone(), watcher, status: status(key) }).collect()
    }

    /// Whether a key has users.
    pub fn is_used(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(KeyEntry::is_used)
    }

    /// The keys in use, and what each is followed as.
    pub fn used(&self) -> impl Iterator<Item = (&Key, KeyKind)> {
        self.entries.iter().filter(|(_, entry)| entry.is_used()).map(|(key, entry)| (key, entry.kind()))
    }

    /// The keys in use.
    pub fn used_keys(&self) -> Keys {
        self.used().map(|(key, _)| key.clone()).collect()
    }

    /// Removes and returns the entries without users that the server does not send either.
    #[must_use]
    pub fn sweep(&mut self, is_sent: impl Fn(&Key) -> bool) -> Vec<KeyEntry> {
        let unused = self.entries.iter().filter(|(key, entry)| !entry.is_used() && !is_sent(key));
        let keys: Vec<Key> = unused.map(|(key, _)| key.clone()).collect();
        keys.iter().filter_map(|key| self.entries.remove(key)).collect()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
