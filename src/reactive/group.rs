//! Subscribers of one key that share no value, such as one whose id changes and one of a single part.

use leptos_sse_client::{
    connection::{Connection, User},
    feeds::FeedOutcome,
    registry::{Subscriber, SubscriberType},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, Key, document::Document, patch::Touch};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hands each change of its key on to each of its members.
pub(crate) struct Group<F>(Mutex<Vec<Arc<F>>>);

impl<F> Default for Group<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<F: Subscriber> Group<F> {
    /// Calls each member, without the lock, as it runs code of a user; the first error counts. A member that this code has leave
    /// the group follows another key by then, and is not called.
    fn each(&self, call: impl Fn(&F) -> Result<(), Error>) -> Result<(), Error> {
        let members = self.members().clone();
        let still_in = members.iter().filter(|member| self.members().iter().any(|held| Arc::ptr_eq(held, member)));
        still_in.map(|member| call(member)).fold(Ok(()), Result::and)
    }
}

impl<F> Group<F> {
    fn members(&self) -> MutexGuard<'_, Vec<Arc<F>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Subscriber> Subscriber for Group<F> {
    fn describe() -> SubscriberType {
        F::describe()
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.each(|member| member.accept(document, touches))
    }

    fn take(&self, step: FeedOutcome, item: Option<Document>) -> Result<(), Error> {
        self.each(|member| member.take(step, item.clone()))
    }

    fn removed(&self) -> Result<(), Error> {
        self.each(Subscriber::removed)
    }

    fn status_changed(&self, status: &SseSignalStatus) -> Result<(), Error> {
        self.each(|member| member.status_changed(status))
    }
}

/// One subscriber in the group of its key. It leaves the group when this is dropped.
pub(crate) struct Member<F: Subscriber> {
    connection: Arc<Connection>,
    key: Key,
    group: Arc<Group<F>>,
    own: Arc<F>,
    _user: User,
}

impl<F: Subscriber> Member<F> {
    /// Uses the key from now on. Nothing is handed on before [`begin`](Self::begin).
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    pub(crate) fn new(connection: &Arc<Connection>, key: &Key, own: Arc<F>) -> Result<Self, Error> {
        let (group, user) = connection.follow_as(key, Group::default)?;
        Ok(Self { connection: connection.clone(), key: key.clone(), group, own, _user: user })
    }

    /// Hands on the document that is held, and from now on each change of it. Whether there was a document and `own` took it.
    pub(crate) fn begin(&self) -> bool {
        self.group.members().push(self.own.clone());
        if F::describe().watches {
            self.connection.notify_watchers(Some(&self.key));
            return true;
        }
        let held = self.connection.document(&self.key);
        held.is_some_and(|document| self.connection.deliver(&self.key, &*self.own, &document))
    }
}

impl<F: Subscriber> Drop for Member<F> {
    fn drop(&mut self) {
        let gone = {
            let mut members = self.group.members();
            let place = members.iter().position(|member| Arc::ptr_eq(member, &self.own));
            place.map(|place| members.swap_remove(place))
        };
        // Not under the lock, as it may drop a user's value.
        drop(gone);
    }
}
