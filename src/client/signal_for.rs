use super::{
    connection::{Connection, User},
    id::{Id, SseId},
    provider::use_connection,
    signal::{follow, initial_value},
    transport,
    value::{initial_document, provided_document},
};
use crate::{Error, Key};
use leptos::prelude::{ArcRwSignal, Effect, ImmediateEffect, ReadSignal, Set, Track, untrack};
use serde::de::DeserializeOwned;
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A signal that follows the server's value of one `T` of many: its key is the name of the type, a colon, and the id.
///
/// The id is a text, a whole number, or a closure that gives one of them. A closure is tracked: when the id changes, the
/// signal has the other one's value, or else that of [`provide_sse_value_for`](crate::provide_sse_value_for), or else
/// `T::default()`; never that of an id before. In all else it is as [`use_sse_signal`](crate::use_sse_signal). An id that
/// makes no key (see [`Key::with_id`]) is logged, and gives the default.
///
/// ```
/// use leptos::prelude::*;
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Room { topic: String }
///
/// #[component]
/// fn Rooms(chosen: ReadSignal<u32>) -> impl IntoView {
///     let lobby = leptos_sse::create_sse_signal_for::<Room>("lobby");
///     let room = leptos_sse::create_sse_signal_for::<Room>(move || chosen.get());
///     view! { <h1>{move || lobby.get().topic}</h1> <h2>{move || room.get().topic}</h2> }
/// }
/// ```
#[must_use]
pub fn create_sse_signal_for<T>(id: impl SseId) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow_id(id.into_id(), "create_sse_signal_for")
}

/// The same as [`create_sse_signal_for`].
#[must_use]
pub fn use_sse_signal_for<T>(id: impl SseId) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow_id(id.into_id(), "use_sse_signal_for")
}

fn follow_id<T>(id: Id, call: &'static str) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    let key = untrack(|| key_of::<T>(&id));
    match id {
        Id::Constant(_) => follow(key, call),
        Id::Reactive(_) => follow_reactive(id, key, call),
    }
}

fn key_of<T>(id: &Id) -> Result<Key, Error> {
    Key::of::<T>().with_id(id.text())
}

fn follow_reactive<T>(id: Id, first: Result<Key, Error>, call: &'static str) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    // First and in any case, so that the server and the page count their shared values alike.
    let document = initial_document(first.as_ref().ok());
    let own = ArcRwSignal::new(initial_value(first.as_ref().ok(), document.as_ref()));
    match use_connection(call) {
        Ok(connection) => {
            let switch = Switch { connection, id, own: own.clone(), followed: Mutex::new(Followed::nothing(first)) };
            // At once, so that nobody sees the value of another id beside the id of now.
            let start = move || ImmediateEffect::new_scoped(move || switch.run());
            if transport::is_hydrating() {
                // What hydrates must find what the server rendered.
                let mut start = Some(start);
                Effect::new(move |_| start.take().map_or((), |start| start()));
            } else {
                start();
            }
        }
        Err(error) => transport::log_error(format_args!("leptos_sse: {error}")),
    }
    own.read_only().into()
}

/// A signal of its own that shows one of many shared ones, by an id that changes.
struct Switch<T> {
    connection: Arc<Connection>,
    id: Id,
    own: ArcRwSignal<T>,
    followed: Mutex<Followed<T>>,
}

struct Followed<T> {
    key: Result<Key, Error>,
    /// None before the first one, and where the key cannot be followed.
    shared: Option<(ArcRwSignal<T>, User)>,
    has_begun: bool,
}

impl<T> Followed<T> {
    fn nothing(key: Result<Key, Error>) -> Self {
        Self { key, shared: None, has_begun: false }
    }
}

impl<T> Switch<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    /// Runs again when the id changes, and when the shared signal does.
    fn run(&self) {
        let key = key_of::<T>(&self.id);
        let (is_same, has_begun) = {
            let followed = self.followed();
            (followed.key == key, followed.has_begun)
        };
        if !is_same || !has_begun {
            self.follow(&key);
        }
        let shared = self.followed().shared.as_ref().map(|(shared, _)| shared.clone());
        if let Some(shared) = shared {
            shared.track();
        }
        // What cannot be read was reported for the shared signal.
        let held = key.as_ref().ok().and_then(|key| self.connection.document(key)?.read().ok());
        match held {
            Some(value) => self.own.set(value),
            None if is_same => {}
            None => self.own.set(initial(&key)),
        }
    }

    fn follow(&self, key: &Result<Key, Error>) {
        // The old one is let go after the new one has come, so that the connection has a user all the time.
        let followed = key.as_ref().map_err(Error::clone).and_then(|key| {
            let follow = || self.connection.follow(key, || initial(&Ok(key.clone())));
            untrack(follow)
        });
        let shared = followed.map_err(|error| transport::log_error(format_args!("leptos_sse: {error}"))).ok();
        let next = Followed { key: key.clone(), shared, has_begun: true };
        let before = mem::replace(&mut *self.followed(), next);
        // Not under the lock, as it may drop a user's value.
        drop(before);
    }

    fn followed(&self) -> MutexGuard<'_, Followed<T>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value that a signal has before the server's comes.
fn initial<T: Default + DeserializeOwned>(key: &Result<Key, Error>) -> T {
    let key = key.as_ref().ok();
    initial_value(key, key.and_then(provided_document).as_ref())
}
