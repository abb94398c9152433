//! One connection of the page: the state machine, the documents, and the signals that follow them.

use super::{
    documents::{Documents, Outcome},
    machine::{Action, Backoff, Input, Machine, Probe},
    status::SseStatus,
    transport::{Transport, log_error, log_warning},
};
use crate::{
    Error,
    patch::Document,
    protocol::{Bye, Cursor, Hello, Key, ServerSignalUpdate, event_name},
};
use leptos::prelude::{ArcRwSignal, GetUntracked, Set, Track, Update};
use serde::de::DeserializeOwned;
use std::{
    any::Any,
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

/// No lock of it is held while a signal is set, a value is read by its type, or anything is logged: each of these may
/// run code of a user, which may come back here.
pub(crate) struct Connection {
    url: String,
    transport: Box<dyn Transport>,
    state: Mutex<State>,
    status: ArcRwSignal<SseStatus>,
    /// Counts the `EventSource`s, for those who listen to them by themselves.
    opened: ArcRwSignal<u64>,
}

struct State {
    machine: Machine,
    documents: Documents,
    signals: HashMap<Key, Slot>,
    users: usize,
    /// The time that the transport's timer is set to.
    alarm: Option<Duration>,
}

/// A signal that is followed, whatever its type.
struct Slot {
    users: usize,
    type_name: &'static str,
    /// The `ArcRwSignal<T>` itself.
    typed: Arc<dyn Any + Send + Sync>,
    follower: Arc<dyn Follower>,
}

/// Takes the documents of a signal, as values of its type.
trait Follower: Send + Sync {
    fn accept(&self, document: &Document) -> Result<(), Error>;
}

struct Followed<T>(ArcRwSignal<T>);

impl<T: DeserializeOwned + Send + Sync + 'static> Follower for Followed<T> {
    fn accept(&self, document: &Document) -> Result<(), Error> {
        self.0.set(document.read()?);
        Ok(())
    }
}

impl Connection {
    /// `transport` is made with the connection that it will tell what happens.
    pub(crate) fn new(
        url: String,
        backoff: Backoff,
        transport: impl FnOnce(Weak<Self>) -> Box<dyn Transport>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|connection| Self {
            url,
            transport: transport(connection.clone()),
            state: Mutex::new(State {
                machine: Machine::new(backoff),
                documents: Documents::default(),
                signals: HashMap::new(),
                users: 0,
                alarm: None,
            }),
            status: ArcRwSignal::new(SseStatus::default()),
            opened: ArcRwSignal::new(0),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn status(&self) -> &ArcRwSignal<SseStatus> {
        &self.status
    }

    /// The `EventSource` of now; tracked, as another one takes its place after a failure.
    pub(crate) fn event_source(&self) -> Option<web_sys::EventSource> {
        self.opened.track();
        self.transport.event_source()
    }

    /// Keeps the connection open for as long as the user lives.
    pub(crate) fn use_it(self: &Arc<Self>) -> User {
        let first = {
            let mut state = self.state();
            state.users += 1;
            state.users == 1
        };
        if first {
            self.handle(Input::Used);
        }
        User { connection: self.clone(), key: None }
    }

    /// The signal of a key: the one that is there, or a new one that starts with the document held, or else `initial`.
    ///
    /// # Errors
    ///
    /// When the key is followed as another type.
    pub(crate) fn follow<T>(
        self: &Arc<Self>,
        key: &Key,
        initial: impl FnOnce() -> T,
    ) -> Result<(ArcRwSignal<T>, User), Error>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let signal = match self.join::<T>(key)? {
            Some(signal) => signal,
            None => {
                // Made without the lock, as it runs code of the user.
                let made = ArcRwSignal::new(initial());
                self.insert(key, made)?
            }
        };
        let mut user = self.use_it();
        user.key = Some(key.clone());
        Ok((signal, user))
    }

    /// The document that is held for a key.
    pub(crate) fn document(&self, key: &Key) -> Option<Document> {
        self.state().documents.document(key)
    }

    /// Something happened to the connection.
    pub(crate) fn handle(&self, input: Input) {
        if let Input::Probed(Probe::Refused { status }) = input {
            log_warning(format_args!("leptos_sse: `{}` answered {status}, and no stream of events", self.url));
        }
        let action = {
            let mut state = self.state();
            let now = self.transport.now();
            if input == Input::Tick {
                state.alarm = None;
            }
            let action = state.machine.on(input, now, self.transport.random());
            if input == Input::Opened {
                state.documents.opened();
            }
            action
        };
        match action {
            Action::Nothing => {}
            Action::Open if !self.transport.is_ready() => self.handle(Input::HeldBack),
            Action::Open => {
                self.transport.open();
                self.opened.update(|count| *count += 1);
            }
            Action::Close => {
                self.transport.close();
                self.opened.update(|count| *count += 1);
            }
            Action::Probe => self.transport.probe(),
        }
        self.set_alarm();
        let status = self.state().machine.status();
        if self.status.get_untracked() != status {
            self.report(status);
            self.status.set(status);
        }
    }

    /// An event came.
    pub(crate) fn receive(&self, event: &str, data: &str) {
        self.handle(Input::Heard);
        match event {
            event_name::HELLO => self.receive_hello(data),
            event_name::HEARTBEAT => self.receive_heartbeat(data),
            event_name::BYE => {
                let bye = Bye::parse(data);
                log_warning(format_args!("leptos_sse: `{}` said bye ({}); reconnecting", self.url, bye.reason));
                self.handle(Input::Bye);
            }
            _ => self.receive_update(data),
        }
    }

    fn receive_hello(&self, data: &str) {
        match Hello::parse(data) {
            Ok(hello) => {
                let begun = self.state().documents.hello(&hello);
                if let Err(error) = begun {
                    log_error(format_args!(
                        "leptos_sse: {error}; give one of them another with `ServerSentEvents::named`"
                    ));
                }
                self.handle(Input::Hello { heartbeat: hello.heartbeat(), retry: hello.retry() });
            }
            Err(error) => log_error(format_args!("leptos_sse: {error}; ignored")),
        }
    }

    fn receive_heartbeat(&self, data: &str) {
        match data.parse::<Cursor>() {
            Ok(cursor) => {
                let behind = self.state().documents.heartbeat(&cursor);
                match behind {
                    Ok(behind) => behind.iter().for_each(|(key, error)| self.ask_for_snapshot(key, error)),
                    Err(error) => {
                        log_error(format_args!("leptos_sse: {error}; reconnecting for one"));
                        self.handle(Input::OutOfStep);
                    }
                }
            }
            Err(error) => log_error(format_args!("leptos_sse: {error}; ignored")),
        }
    }

    fn receive_update(&self, data: &str) {
        let update = match ServerSignalUpdate::parse(data) {
            Ok(update) => update,
            // It names no signal. If it was an update, the next one or a heartbeat shows the gap.
            Err(error) => return log_error(format_args!("leptos_sse: {error}; ignored")),
        };
        let (outcome, follower) = {
            let mut state = self.state();
            let outcome = state.documents.update(&update);
            (outcome, state.signals.get(&update.name).map(|slot| slot.follower.clone()))
        };
        match outcome {
            Outcome::Changed(document) => accept(&update.name, follower.as_deref(), &document),
            Outcome::Dropped => {}
            Outcome::OutOfStep(error) => self.ask_for_snapshot(&update.name, &error),
        }
    }

    fn ask_for_snapshot(&self, key: &Key, error: &Error) {
        log_error(format_args!(
            "leptos_sse: signal `{key}`: {error}; it keeps its last good value until a new connection brings a snapshot",
        ));
        self.handle(Input::OutOfStep);
    }

    fn join<T: 'static + Send + Sync>(&self, key: &Key) -> Result<Option<ArcRwSignal<T>>, Error> {
        self.state().signals.get_mut(key).map(|slot| slot.join(key)).transpose()
    }

    fn insert<T>(&self, key: &Key, made: ArcRwSignal<T>) -> Result<ArcRwSignal<T>, Error>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let (signal, held) = {
            let mut state = self.state();
            let held = state.documents.document(key);
            match state.signals.entry(key.clone()) {
                Entry::Occupied(mut slot) => (slot.get_mut().join(key)?, None),
                Entry::Vacant(slot) => {
                    slot.insert(Slot::new(made.clone()));
                    (made, held)
                }
            }
        };
        if let Some(document) = held {
            accept(key, Some(&Followed(signal.clone())), &document);
        }
        Ok(signal)
    }

    fn leave(&self, key: Option<&Key>) {
        let (last, slot) = {
            let mut state = self.state();
            state.users -= 1;
            (state.users == 0, key.and_then(|key| state.release(key)))
        };
        // Not under the lock, as it may drop a user's value.
        drop(slot);
        if last {
            self.handle(Input::Unused);
        }
    }

    /// Sets the timer, if it is not set to an earlier time already: a deadline that has moved on is seen when it rings.
    fn set_alarm(&self) {
        let wait = {
            let mut state = self.state();
            let Some(deadline) = state.machine.deadline() else { return };
            if state.alarm.is_some_and(|alarm| alarm <= deadline) {
                return;
            }
            state.alarm = Some(deadline);
            deadline.saturating_sub(self.transport.now())
        };
        self.transport.wake_in(wait);
    }

    fn report(&self, status: SseStatus) {
        match status {
            SseStatus::Reconnecting { .. } => log_warning(format_args!("leptos_sse: `{}` {status}", self.url)),
            SseStatus::Closed(_) => {
                self.state().documents.clear();
            }
            SseStatus::Connecting | SseStatus::Open => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One user of a key less; the slot that nobody uses any more is given out.
    fn release(&mut self, key: &Key) -> Option<Slot> {
        let slot = self.signals.get_mut(key)?;
        slot.users -= 1;
        if slot.users == 0 { self.signals.remove(key) } else { None }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.transport.close();
    }
}

impl Slot {
    fn new<T: DeserializeOwned + Send + Sync + 'static>(signal: ArcRwSignal<T>) -> Self {
        Self {
            users: 1,
            type_name: std::any::type_name::<T>(),
            typed: Arc::new(signal.clone()),
            follower: Arc::new(Followed(signal)),
        }
    }

    fn join<T: 'static>(&mut self, key: &Key) -> Result<ArcRwSignal<T>, Error> {
        let Some(signal) = self.typed.downcast_ref::<ArcRwSignal<T>>() else {
            return Err(Error::type_taken(key.as_str(), self.type_name, std::any::type_name::<T>()));
        };
        self.users += 1;
        Ok(signal.clone())
    }
}

/// One who uses a connection, until it is dropped.
pub(crate) struct User {
    connection: Arc<Connection>,
    key: Option<Key>,
}

impl Drop for User {
    fn drop(&mut self) {
        self.connection.leave(self.key.as_ref());
    }
}

/// Hands a document to the signal of its key. One that its type cannot read is in step all the same, so that nothing is
/// asked for: the next change may make it whole.
fn accept(key: &Key, follower: Option<&dyn Follower>, document: &Document) {
    if let Some(Err(error)) = follower.map(|follower| follower.accept(document)) {
        log_error(format_args!("leptos_sse: signal `{key}`: {error}; it keeps its last good value"));
    }
}

#[cfg(test)]
mod tests;
