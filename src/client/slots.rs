//! Who is followed: the signals and feeds of one connection by their keys, and how many use each.

use super::{
    feeds::Step,
    keyed::{Keyed, Keys},
    transport::log_error,
};
use crate::{Error, document::Document, patch::Touch, protocol::Key};
use std::{any::Any, sync::Arc};

/// What a key is followed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Signal,
    Feed,
}

/// Takes what the server sends for one key.
pub(crate) trait Follower: Any + Send + Sync {
    const KIND: Kind;

    /// The type that a user knows it by.
    fn type_name() -> &'static str;

    /// The document has changed: here, or none of it is known.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error>;

    /// A step of a feed came.
    ///
    /// # Errors
    ///
    /// When its item cannot be read.
    fn take(&self, step: Step, item: Option<Document>) -> Result<(), Error>;
}

type Accept = fn(&(dyn Any + Send + Sync), &Document, Option<&[Touch]>) -> Result<(), Error>;

/// A follower, whatever its type.
#[derive(Clone)]
pub(crate) struct Following {
    kind: Kind,
    type_name: &'static str,
    typed: Arc<dyn Any + Send + Sync>,
    accept: Accept,
    take: fn(&(dyn Any + Send + Sync), Step, Option<Document>) -> Result<(), Error>,
}

impl Following {
    fn new<F: Follower>(follower: Arc<F>) -> Self {
        Self {
            kind: F::KIND,
            type_name: F::type_name(),
            typed: follower,
            accept: |typed, document, touches| {
                typed.downcast_ref::<F>().map_or(Ok(()), |typed| typed.accept(document, touches))
            },
            take: |typed, step, item| typed.downcast_ref::<F>().map_or(Ok(()), |typed| typed.take(step, item)),
        }
    }

    /// Hands a document on. One that the type cannot read is in step all the same, so that nothing is asked for: the next
    /// change may make it whole.
    pub(crate) fn accept(&self, key: &Key, document: &Document, touches: Option<&[Touch]>) {
        if let Err(error) = (self.accept)(&*self.typed, document, touches) {
            log_error(format_args!("leptos_sse: signal `{key}`: {error}; it keeps its last good value"));
        }
    }

    /// Hands a step of a feed on.
    pub(crate) fn take(&self, key: &Key, step: Step, item: Option<Document>) {
        if let Err(error) = (self.take)(&*self.typed, step, item) {
            log_error(format_args!("leptos_sse: feed `{key}`: {error}; it is skipped"));
        }
    }
}

#[derive(Default)]
pub(crate) struct Slots(Keyed<Slot>);

pub(crate) struct Slot {
    /// None for a feed that nobody uses any more, but that the connection still brings.
    users: usize,
    following: Following,
}

/// A follower that has one user more.
pub(crate) struct Joined<F> {
    pub(crate) follower: Arc<F>,
    /// Whether it is the first one of its key.
    pub(crate) is_first: bool,
}

impl Slots {
    /// One user more of a key that is followed already.
    ///
    /// # Errors
    ///
    /// When it is followed as something else.
    pub(crate) fn join<F: Follower>(&mut self, key: &Key) -> Result<Option<Joined<F>>, Error> {
        let Some(slot) = self.0.get_mut(key) else { return Ok(None) };
        match slot.following.typed.clone().downcast::<F>() {
            Ok(follower) => {
                slot.users += 1;
                Ok(Some(Joined { follower, is_first: slot.users == 1 }))
            }
            Err(_) if slot.users == 0 => Ok(None),
            Err(_) => Err(Error::type_taken(key.as_str(), slot.following.type_name, F::type_name())),
        }
    }

    /// The first user of a key; what stood in its place is given out.
    pub(crate) fn insert<F: Follower>(&mut self, key: &Key, follower: Arc<F>) -> Option<Slot> {
        self.0.insert(key.clone(), Slot { users: 1, following: Following::new(follower) })
    }

    /// One user of a key less. Whether it was the last one; and the slot, unless what it holds may be of use again.
    pub(crate) fn release(&mut self, key: &Key) -> (bool, Option<Slot>) {
        let Some(slot) = self.0.get_mut(key) else { return (false, None) };
        slot.users -= 1;
        match (slot.users, slot.following.kind) {
            (0, Kind::Signal) => (true, self.0.remove(key)),
            (users, _) => (users == 0, None),
        }
    }

    pub(crate) fn following(&self, key: &Key) -> Option<Following> {
        self.0.get(key).map(|slot| slot.following.clone())
    }

    pub(crate) fn is_used(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|slot| slot.users > 0)
    }

    /// The keys in use, and what each is followed as.
    pub(crate) fn used(&self) -> impl Iterator<Item = (&Key, Kind)> {
        self.0.iter().filter(|(_, slot)| slot.users > 0).map(|(key, slot)| (key, slot.following.kind))
    }

    pub(crate) fn used_keys(&self) -> Keys {
        self.used().map(|(key, _)| key.clone()).collect()
    }

    /// Gives out the slots that nobody uses and that the connection does not bring any more.
    #[must_use]
    pub(crate) fn sweep(&mut self, is_brought: impl Fn(&Key) -> bool) -> Vec<Slot> {
        let unused = self.0.iter().filter(|(key, slot)| slot.users == 0 && !is_brought(key));
        let keys: Vec<Key> = unused.map(|(key, _)| key.clone()).collect();
        keys.iter().filter_map(|key| self.0.remove(key)).collect()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
