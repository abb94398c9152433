//! The test's connection of a component.

mod server;
mod world;

use crate::{SseContext, SseOptions, reactive::test_connection::TestConnection, status_signal::StatusSignal};
use leptos::prelude::provide_context;
use leptos_sse_client::{
    connection::Connection,
    machine::{Input, Lost},
};
use leptos_sse_core::{Document, Key};
use serde::Serialize;
use server::Event;
use std::{borrow::Cow, fmt, fmt::Display, sync::Arc, time::Duration};
use world::{Told, World};

/// Provides a connection whose server is the test, to this component and all below it, with the default options.
///
/// It is called where there is an owner: `Owner::new().with(|| …)`, or within a component that a test mounts.
#[must_use]
pub fn provide_sse_test() -> SseTest {
    provide_sse_test_with(&SseOptions::default())
}

/// Provides a connection whose server is the test, with options: its waits and its hooks are theirs. See [`provide_sse_test`].
#[must_use]
pub fn provide_sse_test_with(options: &SseOptions) -> SseTest {
    let world = World::default();
    let connection = Connection::new("/sse".to_owned(), &options.options, Box::new(StatusSignal::default()), |_| {
        Box::new(world.clone())
    });
    provide_context(TestConnection(connection.clone()));
    provide_context(SseContext::of(connection.clone(), options));
    SseTest { connection, world }
}

/// The server of a test, as [`provide_sse_test`] gives it. Clones are the same one.
///
/// Each method first lets happen what is due: a component that has asked for a signal since is served. The clock stands still but
/// for [`advance`](Self::advance), and the waits between attempts are always half of their bound.
///
/// # Panics
///
/// The methods panic when a name is no key (see [`Key::named`]), and when a value cannot be written as JSON.
#[derive(Clone)]
pub struct SseTest {
    connection: Arc<Connection>,
    world: World,
}

impl SseTest {
    /// Sets the value of the signal of `T`. One that was refused or removed is given again.
    #[track_caller]
    pub fn set<T: Serialize>(&self, value: &T) {
        self.set_key(&Key::of::<T>(), value);
    }

    /// Sets the value of the signal with this key.
    #[track_caller]
    pub fn set_named<T: Serialize>(&self, key: impl Into<Cow<'static, str>>, value: &T) {
        self.set_key(&named(key), value);
    }

    /// Sets the value of one `T` of many.
    #[track_caller]
    pub fn set_for<T: Serialize>(&self, id: impl Display, value: &T) {
        self.set_key(&one_of::<T>(id), value);
    }

    /// Adds an event to the feed of this name; with its first one the feed starts.
    #[track_caller]
    pub fn push<E: Serialize>(&self, name: impl Into<Cow<'static, str>>, event: &E) {
        let (key, event) = (named(name), document(event));
        self.run();
        let events = self.world.state().server.push(&key, &event);
        self.tell(events);
    }

    /// Refuses the signal of `T`, for a reason, until it is set again.
    pub fn refuse<T>(&self, why: &str) {
        self.refuse_key(&Key::of::<T>(), why);
    }

    /// Refuses the signal or the feed with this key, for a reason, until it is set again.
    #[track_caller]
    pub fn refuse_named(&self, key: impl Into<Cow<'static, str>>, why: &str) {
        self.refuse_key(&named(key), why);
    }

    /// Refuses one `T` of many, for a reason, until it is set again.
    #[track_caller]
    pub fn refuse_for<T>(&self, id: impl Display, why: &str) {
        self.refuse_key(&one_of::<T>(id), why);
    }

    /// Removes the signal of `T`, until it is set again.
    pub fn remove<T>(&self) {
        self.remove_key(&Key::of::<T>());
    }

    /// Removes the signal with this key, until it is set again.
    #[track_caller]
    pub fn remove_named(&self, key: impl Into<Cow<'static, str>>) {
        self.remove_key(&named(key));
    }

    /// Removes one `T` of many, until it is set again.
    #[track_caller]
    pub fn remove_for<T>(&self, id: impl Display) {
        self.remove_key(&one_of::<T>(id));
    }

    /// Loses the connection. The client comes back after its wait, which [`advance`](Self::advance) lets pass: half a second, with
    /// the default options.
    pub fn drop_connection(&self) {
        self.run();
        self.lose(Lost::Ended);
    }

    /// Loses the connection, and answers each attempt with this HTTP status until [`reconnect`](Self::reconnect), as when a login
    /// has ended (401).
    pub fn refuse_connection(&self, status: u16) {
        self.run();
        self.world.state().refuses_with = Some(status);
        self.lose(Lost::Refused { status, retry_after: None });
    }

    /// Loses the connection, and begins anew with the values of now, as a server does that was restarted.
    pub fn restart(&self) {
        self.run();
        self.world.state().server.restart();
        self.lose(Lost::Ended);
    }

    /// Answers attempts again, and has the client connect at once.
    pub fn reconnect(&self) {
        self.world.state().refuses_with = None;
        self.connection.reconnect();
        self.run();
    }

    /// Moves the clock on, and lets happen what is due on the way.
    pub fn advance(&self, time: Duration) {
        let until = self.world.state().now.saturating_add(time);
        loop {
            self.run();
            let mut state = self.world.state();
            match state.alarm.filter(|alarm| *alarm <= until) {
                Some(alarm) => state.now = alarm,
                None => {
                    state.now = until;
                    return;
                }
            }
        }
    }

    /// The keys that the open connection asks for; none while there is none.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.run();
        self.world.state().server.keys()
    }

    #[track_caller]
    fn set_key<T: Serialize>(&self, key: &Key, value: &T) {
        let value = document(value);
        self.run();
        let event = self.world.state().server.set(key, &value);
        self.tell(event.unwrap_or_else(|error| panic!("{error}")));
    }

    fn refuse_key(&self, key: &Key, why: &str) {
        self.run();
        let event = self.world.state().server.refuse(key, why);
        self.tell(event);
    }

    fn remove_key(&self, key: &Key) {
        self.run();
        let event = self.world.state().server.remove(key);
        self.tell(event);
    }

    fn lose(&self, lost: Lost) {
        {
            let mut state = self.world.state();
            if !state.is_open {
                return;
            }
            state.close();
            state.told.push_back(Told::Input(Input::Failed(lost)));
        }
        self.run();
    }

    fn tell(&self, events: impl IntoIterator<Item = Event>) {
        self.world.state().told.extend(events.into_iter().map(Told::Event));
        self.run();
    }

    /// Lets happen what is due now. Within what it led to, as an effect that sets a value, the rest waits for the first call.
    fn run(&self) {
        if std::mem::replace(&mut self.world.state().is_telling, true) {
            return;
        }
        loop {
            let told = self.world.state().next();
            match told {
                Some(Told::Input(input)) => self.connection.handle(input),
                Some(Told::Event((name, data))) => self.connection.receive(name, &data),
                Some(Told::Beside((name, data))) => self.connection.receive_beside(name, &data),
                None => break,
            }
        }
        self.world.state().is_telling = false;
    }
}

impl fmt::Debug for SseTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseTest").field("keys", &self.world.state().server.keys()).finish_non_exhaustive()
    }
}

#[track_caller]
fn named(key: impl Into<Cow<'static, str>>) -> Key {
    Key::named(key).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn one_of<T>(id: impl Display) -> Key {
    Key::of::<T>().id(id).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn document<T: Serialize>(value: &T) -> Document {
    Document::of(value).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(test)]
mod tests;
