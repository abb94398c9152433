use super::event::Event;
use leptos_sse_core::Error;
use std::{any::Any, sync::Arc};

/// A function that [`EventSource::add_event_listener`](super::EventSource::add_event_listener) has added: by it,
/// [`remove_event_listener`](super::EventSource::remove_event_listener) takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Listener(u64);

pub(super) type OnOpen = Arc<dyn Fn() + Send + Sync>;
pub(super) type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;
pub(super) type OnError = Arc<dyn Fn(&Error) + Send + Sync>;

/// What took no place any more: a function of the user's, whose drop may run any code, so that it waits for the lock's end.
pub(super) type Gone = Option<Box<dyn Any + Send + Sync>>;

/// The functions of a source.
#[derive(Clone, Default)]
pub(super) struct Listeners {
    pub(super) on_open: Option<OnOpen>,
    pub(super) on_error: Option<OnError>,
    pub(super) on_event: Option<OnEvent>,
    of_events: Vec<ListenerEntry>,
    last: u64,
}

#[derive(Clone)]
struct ListenerEntry {
    listener: Listener,
    name: Arc<str>,
    call: OnEvent,
}

/// The one of `on_message`, which keeps its place when it is set anew, as that of a browser's attribute does.
const ON_MESSAGE: Listener = Listener(0);

impl Listeners {
    pub(super) fn set_on_open(&mut self, on_open: impl Fn() + Send + Sync + 'static) -> ((), Gone) {
        ((), gone(self.on_open.replace(Arc::new(on_open))))
    }

    pub(super) fn set_on_error(&mut self, on_error: impl Fn(&Error) + Send + Sync + 'static) -> ((), Gone) {
        ((), gone(self.on_error.replace(Arc::new(on_error))))
    }

    pub(super) fn set_on_event(&mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> ((), Gone) {
        ((), gone(self.on_event.replace(Arc::new(on_event))))
    }

    pub(super) fn set_on_message(&mut self, on_message: impl Fn(&Event) + Send + Sync + 'static) -> ((), Gone) {
        let call: OnEvent = Arc::new(on_message);
        match self.of_events.iter_mut().find(|entry| entry.listener == ON_MESSAGE) {
            Some(entry) => ((), gone(Some(std::mem::replace(&mut entry.call, call)))),
            None => {
                self.of_events.push(ListenerEntry { listener: ON_MESSAGE, name: "message".into(), call });
                ((), None)
            }
        }
    }

    pub(super) fn add(&mut self, name: &str, listener: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        self.last += 1;
        let call = Arc::new(listener);
        let listener = Listener(self.last);
        self.of_events.push(ListenerEntry { listener, name: name.into(), call });
        listener
    }

    pub(super) fn remove(&mut self, listener: Listener) -> Gone {
        let place = self.of_events.iter().position(|entry| entry.listener == listener)?;
        Some(Box::new(self.of_events.remove(place).call))
    }

    pub(super) fn have_any_of_events(&self) -> bool {
        self.on_event.is_some() || !self.of_events.is_empty()
    }

    /// Those of events of that name, in their order.
    pub(super) fn named(&self, name: &str) -> Vec<Listener> {
        self.of_events.iter().filter(|entry| *entry.name == *name).map(|entry| entry.listener).collect()
    }

    /// The function that is there now, unless it was taken away.
    pub(super) fn call(&self, listener: Listener) -> Option<OnEvent> {
        self.of_events.iter().find(|entry| entry.listener == listener).map(|entry| entry.call.clone())
    }
}

fn gone<T: Any + Send + Sync>(before: Option<T>) -> Gone {
    before.map(|before| Box::new(before) as Box<dyn Any + Send + Sync>)
}
