//! The one way in which a form follows its value: by a key that stays, or by an id that changes.

use super::{
    context::{SseContext, use_connection},
    group::Member,
    id::{Choice, Id},
    on_error::{report, report_first},
    switch::{Guard, Joined, Switch, Switched},
};
use crate::{
    browser::is_hydrating,
    hydration::{
        once::once_hydrated,
        value::{has_moved_on, initial_document},
    },
};
use leptos::prelude::{on_cleanup, untrack, use_context};
use leptos_sse_client::{
    connection::Connection,
    registry::{KeyKind, Subscriber},
};
use leptos_sse_core::{Error, Key, document::Document};
use std::sync::Arc;

/// A subscriber that a form shows.
pub(super) trait Form: Subscriber {
    /// Whether all who follow the same key share one subscriber.
    const IS_SHARED: bool = true;

    /// Shows what it may start with: the value of a document, or without one its default.
    ///
    /// # Errors
    ///
    /// When the document cannot be read, or somebody holds a guard of the value. The form is what it was then.
    fn restart(&self, document: Option<&Document>) -> Result<(), Error>;
}

/// A subscriber, and what keeps it following.
pub(super) struct Subscribed<F> {
    pub(super) subscriber: Arc<F>,
    pub(super) guard: Guard,
}

impl<F> Subscribed<F> {
    /// The subscriber, which follows until the current owner is cleaned up.
    pub(super) fn scoped(self) -> Arc<F> {
        let Self { subscriber, guard } = self;
        on_cleanup(move || drop(guard));
        subscriber
    }
}

/// Follows what was chosen. `make` gives a subscriber that shows its default.
pub(super) fn follow<F: Form>(choice: Choice, make: &dyn Fn() -> F) -> Subscribed<F> {
    let Choice { call, base, id } = choice;
    match id {
        None => follow_key(call, base, make),
        Some(Id::Constant(id)) => follow_key(call, base.and_then(|base| base.id(id)), make),
        Some(Id::Reactive { id, drive }) => {
            let first = untrack(|| base.clone().and_then(|base| base.id(id())));
            let subscriber = Arc::new(start(make, first.as_ref().ok()));
            let guard = follow_id(call, subscriber.clone(), base, first, |switch| drive(switch, id));
            Subscribed { subscriber, guard }
        }
    }
}

/// Follows the key that a closure gives the id of.
pub(super) fn follow_id(
    call: &'static str,
    subscriber: Arc<dyn Switched>,
    base: Result<Key, Error>,
    first: Result<Key, Error>,
    drive: impl FnOnce(Switch) -> Guard,
) -> Guard {
    match use_connection(call) {
        Ok(connection) => drive(Switch::new(connection, subscriber, base, first)),
        Err(error) => {
            report(None, &error);
            Arc::new(())
        }
    }
}

/// Follows one key. An error is reported, and the subscriber stays as it starts.
pub(super) fn follow_key<F: Form>(call: &'static str, key: Result<Key, Error>, make: &dyn Fn() -> F) -> Subscribed<F> {
    let make = || start(make, key.as_ref().ok());
    let subscribed = key.as_ref().map_err(Error::clone).and_then(|key| follow_on(&use_connection(call)?, key, &make));
    subscribed.unwrap_or_else(|error| {
        report(key.as_ref().ok(), &error);
        Subscribed { subscriber: Arc::new(make()), guard: Arc::new(()) }
    })
}

fn follow_on<F: Form>(connection: &Arc<Connection>, key: &Key, make: &dyn Fn() -> F) -> Result<Subscribed<F>, Error> {
    // A late island hydrates when the shared value has moved on already.
    let has_moved_on = || {
        is_hydrating()
            && F::describe().kind == KeyKind::Signal
            && (F::describe().watches || has_moved_on(connection, key))
    };
    if F::IS_SHARED && !has_moved_on() {
        let (subscriber, user) = connection.follow_as(key, make)?;
        return Ok(Subscribed { subscriber, guard: Arc::new(user) });
    }
    let subscriber = Arc::new(make());
    let member = Arc::new(Member::new(connection, key, subscriber.clone())?);
    once_hydrated(&member, |member| {
        member.begin();
    });
    Ok(Subscribed { subscriber, guard: member })
}

/// A subscriber that shows the first value of its key. Without a provider it shows its default on both sides, as the page carries
/// nothing.
fn start<F: Form>(make: &dyn Fn() -> F, key: Option<&Key>) -> F {
    let subscriber = make();
    if let (KeyKind::Signal, Some(key)) = (F::describe().kind, key)
        && use_context::<SseContext>().is_some()
        && let Some(document) = initial_document(key)
        && let Err(error) = subscriber.restart(Some(&document))
    {
        report_first(key, &error);
    }
    subscriber
}

impl<F: Form> Switched for F {
    fn join(self: Arc<Self>, connection: &Arc<Connection>, key: &Key) -> Result<Box<dyn Joined>, Error> {
        Ok(Box::new(Member::new(connection, key, self)?))
    }

    fn restart(&self, document: Option<&Document>) -> Result<(), Error> {
        Form::restart(self, document)
    }
}

impl<F: Subscriber> Joined for Member<F> {
    fn begin(&self) -> bool {
        Member::begin(self)
    }
}
