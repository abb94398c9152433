//! The world around a connection under test: a stream, a timer and a clock that the test drives.

use super::server::{Event, Server};
use crate::{
    browser::{log_error, log_warning},
    hydration::brought::recall_current,
};
use leptos_sse_client::{
    machine::{Input, Lost},
    transport::{FirstValue, Transport},
};
use leptos_sse_core::{Key, protocol::SubscribeRequest};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// An input that the connection has not been given yet.
pub(super) enum PendingInput {
    Input(Input),
    Event(Event),
    Beside(Event),
}

#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    pub(super) server: Server,
    pub(super) pending: VecDeque<PendingInput>,
    /// The HTTP status with which the server refuses each connection, if it does.
    pub(super) refuses_with: Option<u16>,
    pub(super) now: Duration,
    pub(super) alarm: Option<Duration>,
    /// Whether the connection is being told of something, further out.
    pub(super) is_telling: bool,
    attempt: Option<Attempt>,
    /// Whether a stream is open.
    pub(super) is_open: bool,
}

/// What the connection asked of the world.
enum Attempt {
    Open(SubscribeRequest),
    Beside(SubscribeRequest),
    Probe,
}

impl World {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempt(&self, attempt: Attempt) {
        self.state().attempt = Some(attempt);
    }
}

impl State {
    /// What comes next at this time, if anything.
    pub(super) fn next(&mut self) -> Option<PendingInput> {
        if let Some(input) = self.pending.pop_front() {
            return Some(input);
        }
        if let Some(attempt) = self.attempt.take() {
            self.answer(attempt);
            return self.pending.pop_front();
        }
        self.alarm.take_if(|alarm| *alarm <= self.now).map(|_| PendingInput::Input(Input::Tick))
    }

    fn answer(&mut self, attempt: Attempt) {
        let lost = self.refuses_with.map(|status| Lost::Refused { status, retry_after: None });
        match (attempt, lost) {
            (Attempt::Open(_), Some(lost)) => self.pending.push_back(PendingInput::Input(Input::Failed(lost))),
            (Attempt::Open(ask), None) => {
                self.is_open = true;
                self.pending.push_back(PendingInput::Input(Input::Opened));
                let events = self.server.open(&ask);
                self.pending.extend(events.into_iter().map(PendingInput::Event));
            }
            (Attempt::Beside(_), Some(lost)) => self.pending.push_back(PendingInput::Input(Input::BesideFailed(lost))),
            (Attempt::Beside(ask), None) => {
                // With its hello it takes the place of the one that is open, and what follows comes on that.
                let mut events = self.server.open(&ask).into_iter();
                self.pending.extend(events.next().map(PendingInput::Beside));
                self.pending.extend(events.map(PendingInput::Event));
            }
            (Attempt::Probe, lost) => {
                self.pending.push_back(PendingInput::Input(Input::Probed(lost.map_or(Ok(()), Err))))
            }
        }
    }

    /// The stream is gone, with all that it would have brought.
    pub(super) fn close(&mut self) {
        self.server.close();
        self.pending.clear();
        self.attempt = None;
        self.is_open = false;
    }
}

impl Transport for World {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, ask: &SubscribeRequest) {
        self.close();
        self.attempt(Attempt::Open(ask.clone()));
    }

    fn open_beside(&self, ask: &SubscribeRequest) {
        self.attempt(Attempt::Beside(ask.clone()));
    }

    fn settle(&self) {}

    fn close_beside(&self) {}

    fn close(&self) {
        self.state().close();
    }

    fn probe(&self, _: &SubscribeRequest) {
        self.close();
        self.attempt(Attempt::Probe);
    }

    fn changed(&self, _: &Key) {}

    fn wake_in(&self, wait: Duration) {
        let mut state = self.state();
        state.alarm = Some(state.now.saturating_add(wait));
    }

    fn now(&self) -> Duration {
        self.state().now
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn first_value(&self, key: &Key) -> Option<FirstValue> {
        recall_current(key)
    }

    fn log_error(&self, message: fmt::Arguments<'_>) {
        log_error(message);
    }

    fn log_warning(&self, message: fmt::Arguments<'_>) {
        log_warning(message);
    }
}
