//! Followers of one key that share no value: each is on its own, as one of an id that changes, or of one part, is.

use leptos_sse_client::{
    connection::{Connection, User},
    feeds::Step,
    signal_status::SseSignalStatus,
    slots::{Follower, Kind},
};
use leptos_sse_core::{Error, Key, document::Document, patch::Touch};
use std::{
    any::TypeId,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Hands what comes on to each of its members.
pub(crate) struct Several<F>(Mutex<Vec<Arc<F>>>);

impl<F> Default for Several<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<F: Follower> Several<F> {
    /// Calls each member, without the lock, as it runs code of a user; the first error counts.
    fn each(&self, call: impl Fn(&F) -> Result<(), Error>) -> Result<(), Error> {
        let members = self.members().clone();
        members.iter().map(|member| call(member)).fold(Ok(()), Result::and)
    }
}

impl<F> Several<F> {
    fn members(&self) -> MutexGuard<'_, Vec<Arc<F>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Follower> Follower for Several<F> {
    const KIND: Kind = F::KIND;
    const WATCHES: bool = F::WATCHES;

    fn type_name() -> &'static str {
        F::type_name()
    }

    fn value() -> Option<TypeId> {
        F::value()
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.each(|member| member.accept(document, touches))
    }

    fn take(&self, step: Step, item: Option<Document>) -> Result<(), Error> {
        self.each(|member| member.take(step, item.clone()))
    }

    fn removed(&self) -> Result<(), Error> {
        self.each(Follower::removed)
    }

    fn stands(&self, status: &SseSignalStatus) -> Result<(), Error> {
        self.each(|member| member.stands(status))
    }
}

/// A follower among several of its key, until this is dropped.
pub(crate) struct Member<F: Follower> {
    connection: Arc<Connection>,
    key: Key,
    several: Arc<Several<F>>,
    own: Arc<F>,
    _user: User,
}

impl<F: Follower> Member<F> {
    /// The key is used from now on, but nothing is handed on yet.
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    pub(crate) fn new(connection: &Arc<Connection>, key: &Key, own: Arc<F>) -> Result<Self, Error> {
        let (several, user) = connection.follow_as(key, Several::default)?;
        Ok(Self { connection: connection.clone(), key: key.clone(), several, own, _user: user })
    }

    /// Hands on what is held, and from now on what comes. Whether there was something, and it was taken.
    pub(crate) fn begin(&self) -> bool {
        self.several.members().push(self.own.clone());
        if F::WATCHES {
            self.connection.tell_watching(Some(&self.key));
            return true;
        }
        let held = self.connection.document(&self.key);
        held.is_some_and(|document| self.connection.hand_on(&self.key, &*self.own, &document))
    }
}

impl<F: Follower> Drop for Member<F> {
    fn drop(&mut self) {
        let gone = {
            let mut members = self.several.members();
            let place = members.iter().position(|member| Arc::ptr_eq(member, &self.own));
            place.map(|place| members.swap_remove(place))
        };
        // Not under the lock, as it may drop a user's value.
        drop(gone);
    }
}
