//! The test's connection of a component.

mod server;
mod world;

use crate::{options::SseOptions, reactive::context::SseContext, status_signal::StatusSignal};
use leptos::prelude::provide_context;
use leptos_sse_client::{
    connection::Connection,
    machine::{Input, Lost},
};
use leptos_sse_core::{Document, IntoKey, Key};
use serde::Serialize;
use server::Event;
use std::{fmt, sync::Arc, time::Duration};
use world::{PendingInput, World};

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
    provide_context(SseContext::of(connection.clone(), options).kept());
    SseTest { connection, world }
}

/// The server of a test, as [`provide_sse_test`] gives it. Clones are the same one.
///
/// Each method first lets happen what is due: a component that has asked for a signal since is served. The clock stands still but
/// for [`advance`](Self::advance), and the waits between attempts are always half of their bound.
///
/// # Panics
///
/// The methods panic when a key is not valid (see [`Key::named`] and [`Key::id`]), and when a value cannot be written as JSON.
#[derive(Clone)]
pub struct SseTest {
    connection: Arc<Connection>,
    world: World,
}

impl SseTest {
    /// Sets the value of the signal of `T`. A signal that was refused or removed is there again.
    #[track_caller]
    pub fn set<T: Serialize>(&self, value: &T) {
        self.set_for(Key::of::<T>(), value);
    }

    /// Sets the value of the signal with this key: see [`set`](Self::set).
    #[track_caller]
    pub fn set_for<T: Serialize>(&self, key: impl IntoKey, value: &T) {
        let (key, value) = (one_of::<T>(key), document(value));
        self.run();
        let event = self.world.state().server.set(&key, &value);
        self.tell(event.unwrap_or_else(|error| panic!("{error}")));
    }

    /// Adds an event to the feed of `E`. The feed starts with its first event.
    #[track_caller]
    pub fn push<E: Serialize>(&self, event: &E) {
        self.push_for(Key::of::<E>(), event);
    }

    /// Adds an event to the feed with this key: see [`push`](Self::push).
    #[track_caller]
    pub fn push_for<E: Serialize>(&self, key: impl IntoKey, event: &E) {
        let (key, event) = (one_of::<E>(key), document(event));
        self.run();
        let events = self.world.state().server.push(&key, &event);
        self.tell(events);
    }

    /// Refuses the signal or the feed of `T`, for a reason, until it is set again.
    pub fn refuse<T: ?Sized>(&self, why: &str) {
        self.refuse_for::<T>(Key::of::<T>(), why);
    }

    /// Refuses the signal or the feed with this key: see [`refuse`](Self::refuse).
    #[track_caller]
    pub fn refuse_for<T: ?Sized>(&self, key: impl IntoKey, why: &str) {
        let key = one_of::<T>(key);
        self.run();
        let event = self.world.state().server.refuse(&key, why);
        self.tell(event);
    }

    /// Removes the signal of `T`, until it is set again.
    pub fn remove<T: ?Sized>(&self) {
        self.remove_for::<T>(Key::of::<T>());
    }

    /// Removes the signal with this key: see [`remove`](Self::remove).
    #[track_caller]
    pub fn remove_for<T: ?Sized>(&self, key: impl IntoKey) {
        let key = one_of::<T>(key);
        self.run();
        let event = self.world.state().server.remove(&key);
        self.tell(event);
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

    /// Loses the connection, and restarts with the current values, as a server does that was restarted.
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

    fn lose(&self, lost: Lost) {
        {
            let mut state = self.world.state();
            if !state.is_open {
                return;
            }
            state.close();
            state.pending.push_back(PendingInput::Input(Input::Failed(lost)));
        }
        self.run();
    }

    fn tell(&self, events: impl IntoIterator<Item = Event>) {
        self.world.state().pending.extend(events.into_iter().map(PendingInput::Event));
        self.run();
    }

    /// Lets happen what is due now. Within what it led to, as an effect that sets a value, the rest waits for the first call.
    fn run(&self) {
        if std::mem::replace(&mut self.world.state().is_telling, true) {
            return;
        }
        loop {
            let input = self.world.state().next();
            match input {
                Some(PendingInput::Input(input)) => self.connection.handle(input),
                Some(PendingInput::Event((name, data))) => self.connection.receive(name, &data),
                Some(PendingInput::Beside((name, data))) => self.connection.receive_beside(name, &data),
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
fn one_of<T: ?Sized>(key: impl IntoKey) -> Key {
    key.into_key::<T>().unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn document<T: Serialize>(value: &T) -> Document {
    Document::of(value).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(test)]
mod tests;
