use super::{
    id::{Id, SseId},
    on_error::report,
    provider::use_connection,
    several::Member,
    shared::{Shared, Signal},
    signal::{follow, initial},
    value::{initial_document, provided_document},
};
use crate::browser;
use leptos::prelude::{Effect, ImmediateEffect, ReadSignal, untrack};
use leptos_sse_client::{connection::Connection, slots::Follower};
use leptos_sse_core::{Error, Key};
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
/// makes no key (see [`Key::id`]) is logged, and gives the default.
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
    follow_id::<T, Signal<T>>(id.into_id(), "create_sse_signal_for", |_| ())
}

/// The same as [`create_sse_signal_for`].
#[must_use]
pub fn use_sse_signal_for<T>(id: impl SseId) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow_id::<T, Signal<T>>(id.into_id(), "use_sse_signal_for", |_| ())
}

/// Follows one of many of `T`.
pub(super) fn follow_id<T: 'static, F: Shared>(id: Id, call: &'static str, ask: fn(&F)) -> ReadSignal<F::Shown> {
    let key = untrack(|| key_of::<T>(&id));
    match id {
        Id::Constant(_) => follow(key, call, ask),
        Id::Reactive(id) => follow_reactive(move || key_of_text::<T>(id()), key, call, ask),
    }
}

fn key_of<T>(id: &Id) -> Result<Key, Error> {
    key_of_text::<T>(id.text())
}

fn key_of_text<T>(id: String) -> Result<Key, Error> {
    Key::of::<T>().id(id)
}

fn follow_reactive<F: Shared>(
    key: impl Fn() -> Result<Key, Error> + Send + Sync + 'static,
    first: Result<Key, Error>,
    call: &'static str,
    ask: fn(&F),
) -> ReadSignal<F::Shown> {
    let document = initial_document(first.as_ref().ok());
    let own = Arc::new(F::new(initial::<F>(first.as_ref().ok(), document.as_ref())));
    ask(&own);
    let signal = own.signal().read_only();
    match use_connection(call) {
        Ok(connection) => {
            let nothing = Followed { key: first, member: None, turn: 0 };
            let switch = Switch { connection, own, followed: Mutex::new(nothing) };
            // At once, so that nobody sees the value of another id beside the id of now.
            let start = move || ImmediateEffect::new_scoped(move || switch.turn_to(key()));
            if browser::is_hydrating() {
                // What hydrates must find what the server rendered.
                let mut start = Some(start);
                Effect::new(move |_| start.take().map_or((), |start| start()));
            } else {
                start();
            }
        }
        Err(error) => report(None, &error),
    }
    signal.into()
}

/// A signal of its own that follows one key of many, by an id that changes.
struct Switch<F: Follower> {
    connection: Arc<Connection>,
    own: Arc<F>,
    followed: Mutex<Followed<F>>,
}

struct Followed<F: Follower> {
    key: Result<Key, Error>,
    /// None before the first one, and where the key cannot be followed.
    member: Option<Member<F>>,
    /// Counts the turns to a key.
    turn: u64,
}

impl<F: Shared> Switch<F> {
    /// Whatever runs code of a user here may have it turn to yet another key: then that one counts.
    fn turn_to(&self, key: Result<Key, Error>) {
        let (turn, is_same) = {
            let mut followed = self.followed();
            let is_same = followed.key == key;
            if is_same && followed.turn > 0 {
                return;
            }
            followed.turn += 1;
            followed.key.clone_from(&key);
            (followed.turn, is_same)
        };
        let member = untrack(|| {
            let member = key.as_ref().map_err(Error::clone);
            member.and_then(|key| Member::new(&self.connection, key, self.own.clone()))
        });
        let member = member.map_err(|error| report(key.as_ref().ok(), &error)).ok();
        // The old one is let go after the new one has come, so that the connection has a user all the time, and before the
        // new one is shown.
        self.put(turn, None);
        if !self.is_last(turn) {
            return;
        }
        let is_shown = member.as_ref().is_some_and(|member| untrack(|| member.begin()));
        if !is_shown && !is_same && self.is_last(turn) {
            untrack(|| self.restart(key.as_ref().ok()));
        }
        self.put(turn, member);
    }

    /// Puts a member in the place of the one that is there, unless another turn was begun since.
    fn put(&self, turn: u64, member: Option<Member<F>>) {
        let unused = {
            let mut followed = self.followed();
            if followed.turn == turn { mem::replace(&mut followed.member, member) } else { member }
        };
        // Not under the lock, as it may drop a user's value.
        drop(unused);
    }

    fn is_last(&self, turn: u64) -> bool {
        self.followed().turn == turn
    }

    /// Shows the value that a signal has before the server's comes.
    fn restart(&self, key: Option<&Key>) {
        let shown = initial::<F>(key, key.and_then(provided_document).as_ref());
        if let Err(error) = self.own.restart(shown) {
            report(key, &error);
        }
    }

    fn followed(&self) -> MutexGuard<'_, Followed<F>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
