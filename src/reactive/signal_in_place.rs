use super::{id::SseId, shared::Signal, signal::follow, signal_for::follow_id};
use leptos::prelude::ReadSignal;
use leptos_sse_core::{Key, Rebuild};
use std::borrow::Cow;

/// A signal that follows the server's value of `T` and rebuilds only what the server changed, in place; its key is the name of
/// the type.
///
/// It is for large values: an update costs what it touches, and not what the value holds. `T` has [`Rebuild`], which is
/// derived. In all else it is as [`create_sse_signal`](crate::create_sse_signal), with which it shares the one signal of a key:
/// once somebody has asked for it in place, it is rebuilt so for all. What cannot be rebuilt in part is read as a whole, so that
/// the value is the same one in any case.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{Rebuild, create_sse_signal_in_place};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Default, Serialize, Deserialize, Rebuild)]
/// struct Chat { messages: Vec<Message> }
///
/// #[derive(Clone, Default, Serialize, Deserialize, Rebuild)]
/// struct Message { id: u64, text: String }
///
/// #[component]
/// fn Messages() -> impl IntoView {
///     let chat = create_sse_signal_in_place::<Chat>();
///     // Reads by reference, as a clone would cost what the rebuild has saved.
///     view! { <p>{move || chat.with(|chat| chat.messages.len())} " messages"</p> }
/// }
/// ```
#[must_use]
pub fn create_sse_signal_in_place<T>() -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "create_sse_signal_in_place", Signal::<T>::rebuild_in_place)
}

/// A signal that follows the server's value with this key and rebuilds only what the server changed, in place.
///
/// In all else it is as [`create_sse_signal_named`](crate::create_sse_signal_named); see [`create_sse_signal_in_place`].
#[must_use]
pub fn create_sse_signal_in_place_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::named(key), "create_sse_signal_in_place_named", Signal::<T>::rebuild_in_place)
}

/// A signal that follows the server's value of one `T` of many and rebuilds only what the server changed, in place.
///
/// In all else it is as [`create_sse_signal_for`](crate::create_sse_signal_for); see [`create_sse_signal_in_place`]. When the id
/// changes, the other one's value is read as a whole.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{Rebuild, create_sse_signal_in_place_for};
///
/// #[derive(Default, serde::Deserialize, Rebuild)]
/// struct Room { lines: Vec<String> }
///
/// #[component]
/// fn Lines(chosen: ReadSignal<u32>) -> impl IntoView {
///     let room = create_sse_signal_in_place_for::<Room>(move || chosen.get());
///     view! { <p>{move || room.with(|room| room.lines.len())} " lines"</p> }
/// }
/// ```
#[must_use]
pub fn create_sse_signal_in_place_for<T>(id: impl SseId) -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow_id::<T, _>(id.into_id(), "create_sse_signal_in_place_for", Signal::<T>::rebuild_in_place)
}

/// The same as [`create_sse_signal_in_place`].
#[must_use]
pub fn use_sse_signal_in_place<T>() -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "use_sse_signal_in_place", Signal::<T>::rebuild_in_place)
}

/// The same as [`create_sse_signal_in_place_named`].
#[must_use]
pub fn use_sse_signal_in_place_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::named(key), "use_sse_signal_in_place_named", Signal::<T>::rebuild_in_place)
}

/// The same as [`create_sse_signal_in_place_for`].
#[must_use]
pub fn use_sse_signal_in_place_for<T>(id: impl SseId) -> ReadSignal<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow_id::<T, _>(id.into_id(), "use_sse_signal_in_place_for", Signal::<T>::rebuild_in_place)
}
