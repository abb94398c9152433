//! One subscriber that goes from key to key, by an id that changes.

use super::on_error::{report_first_on, report_on};
use crate::hydration::{once::once_hydrated, provided::Provided, value::provided_document};
use leptos::prelude::{ImmediateEffect, untrack, use_context};
use leptos_sse_client::connection::Connection;
use leptos_sse_core::{Error, Key, document::Document};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Keeps a key followed. Dropping the last clone ends it.
pub(super) type Guard = Arc<dyn Send + Sync>;

/// A subscriber that can leave its key for another one.
pub trait Switched: Send + Sync {
    /// Uses the key from now on, without a value of it yet.
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    fn join(self: Arc<Self>, connection: &Arc<Connection>, key: &Key) -> Result<Box<dyn Joined>, Error>;

    /// As [`Form::restart`](super::follow::Form::restart).
    ///
    /// # Errors
    ///
    /// When the document cannot be read, or somebody holds a guard of the value.
    fn restart(&self, document: Option<&Document>) -> Result<(), Error>;
}

/// The use of one key, until this is dropped.
pub trait Joined: Send + Sync {
    /// Shows what is held of the key, and from now on each change of it. Whether there was something, and it was shown.
    fn begin(&self) -> bool;
}

/// A subscriber, and the key that it follows now.
pub struct Switch {
    connection: Arc<Connection>,
    subscriber: Arc<dyn Switched>,
    base: Result<Key, Error>,
    /// The first values that were provided where the subscriber was made. An `Arc` signal outlives its component's context.
    provided: Option<Provided>,
    current: Mutex<Current>,
}

struct Current {
    key: Result<Key, Error>,
    /// `None` before the first turn, and where the key cannot be followed.
    joined: Option<Box<dyn Joined>>,
    /// Counts the turns to a key.
    turn: u64,
}

/// Turns to the key of each id that the closure gives, and again when the id changes, until the guard is dropped.
pub(super) fn drive(switch: Switch, id: Box<dyn Fn() -> String + Send + Sync>) -> Guard {
    /// The effect stands beside the switch and not in it, as the effect keeps that.
    struct Driven(OnceLock<ImmediateEffect>);

    let driven = Arc::new(Driven(OnceLock::new()));
    once_hydrated(&driven, move |driven| {
        // At once, so that nobody sees the value of another id beside the current id.
        let effect = ImmediateEffect::new(move || switch.turn_to(switch.base.clone().and_then(|base| base.id(id()))));
        let _ = driven.0.set(effect);
    });
    driven
}

impl Switch {
    /// `first` is the key whose first value the subscriber shows.
    pub(super) fn new(
        connection: Arc<Connection>,
        subscriber: Arc<dyn Switched>,
        base: Result<Key, Error>,
        first: Result<Key, Error>,
    ) -> Self {
        let current = Current { key: first, joined: None, turn: 0 };
        Self { connection, subscriber, base, provided: use_context(), current: Mutex::new(current) }
    }

    /// Follows this key. Code of a user that runs within may turn to yet another key; then that one counts.
    fn turn_to(&self, key: Result<Key, Error>) {
        let (turn, is_same) = {
            let mut current = self.current();
            let is_same = current.key == key;
            if is_same && current.turn > 0 {
                return;
            }
            current.turn += 1;
            current.key.clone_from(&key);
            (current.turn, is_same)
        };
        untrack(|| self.follow(key, turn, is_same));
    }

    fn follow(&self, key: Result<Key, Error>, turn: u64, is_same: bool) {
        let joined =
            key.as_ref().map_err(Error::clone).and_then(|key| self.subscriber.clone().join(&self.connection, key));
        let joined = joined.map_err(|error| report_on(&self.connection, key.as_ref().ok(), &error)).ok();
        // The old key is dropped after the new one is used, so that the connection has a user all the time, and before the new
        // value is shown.
        self.put(turn, None);
        if !self.is_last(turn) {
            return;
        }
        let is_shown = joined.as_ref().is_some_and(|joined| joined.begin());
        if !is_shown && !is_same && self.is_last(turn) {
            self.restart(key.as_ref().ok());
        }
        self.put(turn, joined);
    }

    /// Puts what was joined in the place of what is there, unless another turn was begun since.
    fn put(&self, turn: u64, joined: Option<Box<dyn Joined>>) {
        let unused = {
            let mut current = self.current();
            if current.turn == turn { mem::replace(&mut current.joined, joined) } else { joined }
        };
        // Not under the lock, as it may drop a user's value.
        drop(unused);
    }

    fn is_last(&self, turn: u64) -> bool {
        self.current().turn == turn
    }

    /// Shows what a form has before the server's value comes.
    fn restart(&self, key: Option<&Key>) {
        if let Some(key) = key
            && let Some(document) = provided_document(key, self.provided.as_ref())
        {
            match self.subscriber.restart(Some(&document)) {
                Ok(()) => return,
                Err(error) => report_first_on(&self.connection, key, &error),
            }
        }
        if let Err(error) = self.subscriber.restart(None) {
            report_on(&self.connection, key, &error);
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
