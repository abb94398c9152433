use super::{
    event::Event,
    listeners::{Gone, Listeners},
    ready_state::ReadyState,
};
use leptos_sse_core::Error;
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, mpsc};

/// What the handles of a source and its driver share.
///
/// Its lock is never held while a function of the user's is called or dropped: either may come back.
pub(super) struct Shared {
    url: String,
    /// Without a name and a password.
    shown_url: String,
    state: Mutex<State>,
    /// Each of these wakes the driver, which alone waits for them.
    closed: Notify,
    followed: Notify,
}

struct State {
    ready_state: ReadyState,
    /// Whether somebody is there to whom events can be told.
    is_followed: bool,
    last_event_id: Arc<str>,
    /// Whether nothing will be told any more.
    has_ended: bool,
    /// Why it has given up.
    failure: Option<Error>,
    listeners: Listeners,
    streams: Vec<mpsc::Sender<Vec<Event>>>,
}

impl State {
    fn set_last_event_id(&mut self, last_event_id: &str) {
        if *self.last_event_id != *last_event_id {
            self.last_event_id = last_event_id.into();
        }
    }
}

/// How many batches may wait in a stream of events beside the one that is being read.
const BATCHES: usize = 1;

impl Shared {
    pub(super) fn new(url: String, shown_url: String, last_event_id: &str, listeners: Listeners) -> Self {
        let state = State {
            ready_state: ReadyState::Connecting,
            is_followed: listeners.have_any_of_events(),
            last_event_id: last_event_id.into(),
            has_ended: false,
            failure: None,
            listeners,
            streams: Vec::new(),
        };
        Self { url, shown_url, state: Mutex::new(state), closed: Notify::new(), followed: Notify::new() }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn shown_url(&self) -> &str {
        &self.shown_url
    }

    pub(super) fn ready_state(&self) -> ReadyState {
        self.state().ready_state
    }

    pub(super) fn is_closed(&self) -> bool {
        self.ready_state() == ReadyState::Closed
    }

    pub(super) fn last_event_id(&self) -> Arc<str> {
        self.state().last_event_id.clone()
    }

    pub(super) fn set_last_event_id(&self, last_event_id: &str) {
        self.state().set_last_event_id(last_event_id);
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.state().failure.clone()
    }

    /// Changes the functions. A source that has ended holds none, as they may hold the source.
    pub(super) fn listen<T>(&self, change: impl FnOnce(&mut Listeners) -> (T, Gone)) -> T {
        let mut state = self.state();
        let (answer, gone) = if state.has_ended {
            drop(state);
            change(&mut Listeners::default())
        } else {
            let changed = change(&mut state.listeners);
            drop(state);
            changed
        };
        drop(gone);
        answer
    }

    /// Says that somebody is there to whom events can be told.
    pub(super) fn follow(&self) {
        self.state().is_followed = true;
        self.followed.notify_one();
    }

    /// Waits until somebody is there to whom events can be told.
    pub(super) async fn followed(&self) {
        while !self.state().is_followed {
            self.followed.notified().await;
        }
    }

    /// A stream of events, as batches of what was read at once.
    pub(super) fn tell(&self) -> mpsc::Receiver<Vec<Event>> {
        let (sender, receiver) = mpsc::channel(BATCHES);
        let mut state = self.state();
        state.streams.retain(|stream| !stream.is_closed());
        if !state.has_ended {
            state.streams.push(sender);
        }
        receiver
    }

    /// Those who are told events now.
    pub(super) fn streams(&self) -> Vec<mpsc::Sender<Vec<Event>>> {
        let mut state = self.state();
        state.streams.retain(|stream| !stream.is_closed());
        state.streams.clone()
    }

    pub(super) fn close(&self) {
        self.state().ready_state = ReadyState::Closed;
        self.closed.notify_one();
    }

    pub(super) async fn closed(&self) {
        while !self.is_closed() {
            self.closed.notified().await;
        }
    }

    /// Lets go of all who are told anything, as nothing will be told any more.
    pub(super) fn end(&self, why: Option<Error>) {
        let mut state = self.state();
        // What it has given up for before stays.
        if state.failure.is_none() {
            state.failure = why;
        }
        state.ready_state = ReadyState::Closed;
        state.has_ended = true;
        let gone = (mem::take(&mut state.listeners), mem::take(&mut state.streams));
        drop(state);
        drop(gone);
    }

    /// "Announce the connection."
    pub(super) fn announce(&self) {
        let Some(on_open) = self.enter(ReadyState::Open, |state| state.listeners.on_open.clone()) else { return };
        if let Some(on_open) = on_open {
            self.call(|| on_open());
        }
    }

    /// "Reestablish the connection", as far as it is told. False when the source is closed.
    pub(super) fn lose(&self, error: &Error) -> bool {
        let Some(on_error) = self.enter(ReadyState::Connecting, |state| state.listeners.on_error.clone()) else {
            return false;
        };
        if let Some(on_error) = on_error {
            self.call(|| on_error(error));
        }
        !self.is_closed()
    }

    /// "Fail the connection"; with the failure that streams of events end with, if any.
    pub(super) fn fail(&self, error: &Error, failure: Option<Error>) {
        let told = self.enter(ReadyState::Closed, |state| {
            state.failure = failure;
            state.listeners.on_error.clone()
        });
        if let Some(on_error) = told.flatten() {
            self.call(|| on_error(error));
        }
    }

    /// Calls who listens to an event, in the order in which they came. Who goes meanwhile is not called, nor who comes.
    ///
    /// False when the source is closed, so that there is nobody to be told.
    pub(super) fn dispatch(&self, event: &Event) -> bool {
        let (on_event, listeners) = {
            let mut state = self.state();
            if state.ready_state == ReadyState::Closed {
                return false;
            }
            state.set_last_event_id(event.last_event_id());
            (state.listeners.on_event.clone(), state.listeners.named(event.event()))
        };
        if let Some(on_event) = on_event {
            self.call(|| on_event(event));
        }
        for listener in listeners {
            // In a statement of its own, as an `if let` would hold the lock to its end.
            let call = self.state().listeners.call(listener);
            if let Some(call) = call {
                self.call(|| call(event));
            }
        }
        true
    }

    /// Goes into a state, unless the source is closed, from where nothing leads.
    fn enter<T>(&self, ready_state: ReadyState, then: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut state = self.state();
        if state.ready_state == ReadyState::Closed {
            return None;
        }
        state.ready_state = ready_state;
        Some(then(&mut state))
    }

    /// What a browser does with a listener that throws: it is reported, and nothing else is changed by it.
    fn call(&self, call: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            tracing::error!(url = self.shown_url, "leptos_sse: a function of an `EventSource` panicked");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
