//! The functions that providers have called when something happens to their connection.

use crate::{error::SseErrorReport, status::SseClosed, transport::View};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The functions that one provider gave.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Called each time that the connection is open.
    pub on_open: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Called each time that the connection is closed and no attempt follows.
    pub on_close: Option<Arc<dyn Fn(SseClosed) + Send + Sync>>,
    /// Called with the number of each attempt to come, from 1.
    pub on_reconnect: Option<Arc<dyn Fn(u32) + Send + Sync>>,
    /// Called with each error of the connection and of its signals and feeds.
    pub on_error: Option<Arc<OnError>>,
}

type OnError = dyn Fn(&SseErrorReport) + Send + Sync;

impl Hooks {
    fn are_none(&self) -> bool {
        let Self { on_open, on_close, on_reconnect, on_error } = self;
        on_open.is_none() && on_close.is_none() && on_reconnect.is_none() && on_error.is_none()
    }

    fn call(&self, event: &ConnectionEvent) {
        match (event, self) {
            (ConnectionEvent::Opened, Self { on_open: Some(on_open), .. }) => on_open(),
            (ConnectionEvent::Closed(why), Self { on_close: Some(on_close), .. }) => on_close(*why),
            (ConnectionEvent::Reconnecting(attempt), Self { on_reconnect: Some(on_reconnect), .. }) => {
                on_reconnect(*attempt)
            }
            (ConnectionEvent::Failed(error), Self { on_error: Some(on_error), .. }) => on_error(error),
            _ => {}
        }
    }
}

/// What happened to a connection.
#[derive(Debug)]
pub enum ConnectionEvent {
    /// The connection is open.
    Opened,
    /// The connection is closed, and no attempt follows.
    Closed(SseClosed),
    /// An attempt is to come, the first being 1.
    Reconnecting(u32),
    /// Something went wrong.
    Failed(SseErrorReport),
}

/// The hooks of all providers of a connection.
///
/// They are called in the order of the events, even when a hook causes another event, and with no lock held.
#[derive(Default)]
pub struct HookList(Mutex<HookState>);

#[derive(Default)]
struct HookState {
    hooks: Vec<(u64, Hooks)>,
    last_id: u64,
    pending: VecDeque<ConnectionEvent>,
    is_emitting: bool,
}

impl HookList {
    /// Adds hooks, and returns the id to [`remove`](Self::remove) them by; `None` if there is no function among them.
    pub fn add(&self, hooks: &Hooks) -> Option<u64> {
        if hooks.are_none() {
            return None;
        }
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.hooks.push((id, hooks.clone()));
        Some(id)
    }

    /// Removes the hooks with this id.
    pub fn remove(&self, id: u64) {
        let mut state = self.state();
        let place = state.hooks.iter().position(|(held, _)| *held == id);
        let removed = place.map(|place| state.hooks.remove(place));
        drop(state);
        // Not under the lock, as it may drop what a user put into it.
        drop(removed);
    }

    /// Calls the hooks with an event, after those of earlier events.
    pub fn emit(&self, event: ConnectionEvent, view: &dyn View) {
        {
            let mut state = self.state();
            if state.hooks.is_empty() {
                return;
            }
            state.pending.push_back(event);
            if std::mem::replace(&mut state.is_emitting, true) {
                return;
            }
        }
        while let Some((event, hooks)) = self.next() {
            view.untracked(&mut || hooks.iter().for_each(|(_, hooks)| hooks.call(&event)));
        }
    }

    fn next(&self) -> Option<(ConnectionEvent, Vec<(u64, Hooks)>)> {
        let mut state = self.state();
        let event = state.pending.pop_front();
        state.is_emitting = event.is_some();
        event.map(|event| (event, state.hooks.clone()))
    }

    fn state(&self) -> MutexGuard<'_, HookState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noting(notes: &Arc<Mutex<Vec<String>>>, name: &'static str) -> Hooks {
        let notes = notes.clone();
        Hooks {
            on_reconnect: Some(Arc::new(move |attempt| notes.lock().unwrap().push(format!("{name} {attempt}")))),
            ..Hooks::default()
        }
    }

    #[test]
    fn hooks_are_called_in_the_order_of_what_happened_also_from_within_one() {
        let (hooks, notes) = (Arc::new(HookList::default()), Arc::default());
        let within = Hooks {
            on_reconnect: Some(Arc::new({
                let hooks = hooks.clone();
                move |attempt| {
                    if attempt < 3 {
                        hooks.emit(ConnectionEvent::Reconnecting(attempt + 1), &());
                    }
                }
            })),
            ..Hooks::default()
        };
        hooks.add(&within);
        let second = hooks.add(&noting(&notes, "second")).unwrap();
        hooks.emit(ConnectionEvent::Reconnecting(1), &());
        assert_eq!(*notes.lock().unwrap(), ["second 1", "second 2", "second 3"]);
        hooks.remove(second);
        hooks.emit(ConnectionEvent::Reconnecting(1), &());
        assert_eq!(notes.lock().unwrap().len(), 3, "its provider is gone");
        assert_eq!(hooks.add(&Hooks::default()), None);
    }
}
