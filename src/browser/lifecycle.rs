//! What the page tells a connection: its events, its timer and its clock.

use leptos_sse_client::{connection::Connection, machine::Input};
use std::{cell::Cell, sync::Weak, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Event, EventTarget, PageTransitionEvent, VisibilityState};

/// Passes an input to a connection that still exists.
pub(super) fn tell(connection: &Weak<Connection>, input: Input) {
    if let Some(connection) = connection.upgrade() {
        connection.handle(input);
    }
}

/// Listens to what the page goes through.
pub(super) fn page_listeners(connection: &Weak<Connection>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let input = |name, target: &EventTarget, input: fn(&Event) -> Option<Input>| {
        let connection = connection.clone();
        Listener::new(target, name, move |event| {
            if let Some(input) = input(&event) {
                tell(&connection, input);
            }
        })
    };
    let mut listeners = vec![
        input("online", &window, |_| Some(Input::Revived)),
        // A page with an open connection may not be kept in the browser's cache of pages.
        input("pagehide", &window, |_| Some(Input::Frozen)),
        input("pageshow", &window, |event| {
            event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted).then_some(Input::Revived)
        }),
    ];
    if let Some(document) = window.document() {
        listeners.push(input("visibilitychange", &document, |_| Some(visibility(&web_sys::window()?.document()?))));
        // A page may be opened in a tab behind another. The connection is not yet there to be told.
        if visibility(&document) == Input::Hidden {
            let connection = connection.clone();
            spawn_local(async move { tell(&connection, Input::Hidden) });
        }
    }
    listeners
}

fn visibility(document: &Document) -> Input {
    if document.visibility_state() == VisibilityState::Hidden { Input::Hidden } else { Input::Visible }
}

/// A listener that is removed when it is dropped, also from within itself.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    pub(super) fn new(target: &EventTarget, name: &'static str, callback: impl Fn(Event) + 'static) -> Self {
        let callback = Closure::<dyn Fn(Event)>::new(callback);
        // It fails for no name and function of ours.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
    }
}

pub(super) struct Timer {
    handle: Cell<Option<i32>>,
    callback: Closure<dyn Fn()>,
}

impl Timer {
    pub(super) fn new(ring: impl Fn() + 'static) -> Self {
        Self { handle: Cell::new(None), callback: Closure::new(ring) }
    }

    pub(super) fn set(&self, wait: Duration) {
        self.clear();
        // A timer that rang a little early would be set once more; browsers take 31 bits.
        let millis = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX).saturating_add(1);
        let callback = self.callback.as_ref().unchecked_ref();
        let handle = web_sys::window()
            .and_then(|window| window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, millis).ok());
        self.handle.set(handle);
    }

    fn clear(&self) {
        if let (Some(handle), Some(window)) = (self.handle.take(), web_sys::window()) {
            window.clear_timeout_with_handle(handle);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A time that never goes back, and that counts the computer's sleep, in which `performance.now()` may stand still: a step
/// in which the time of day went ahead of it by more than a second was one.
#[derive(Default)]
pub(super) struct Clock {
    last: Cell<Option<(f64, f64)>>,
    elapsed: Cell<f64>,
}

impl Clock {
    pub(super) fn now(&self) -> Duration {
        let performance = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
        let date = js_sys::Date::now();
        if let Some((last_performance, last_date)) = self.last.replace(Some((performance, date))) {
            let (step, by_day) = ((performance - last_performance).max(0.0), date - last_date);
            self.elapsed.set(self.elapsed.get() + if by_day - step > 1_000.0 { by_day } else { step });
        }
        // It is neither negative nor, for thousands of years, out of range.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Duration::from_micros((self.elapsed.get() * 1_000.0) as u64)
    }
}
