use super::{id::SseId, shared::Signal, signal::follow, signal_for::follow_id};
use leptos::prelude::{Memo, ReadSignal, With};
use leptos_sse_core::Key;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// What a function makes of the server's value of `T`, which changes when that does, and not else.
///
/// The value is that of [`create_sse_signal`](crate::create_sse_signal), which is shared, and the function runs with each change of
/// it; who shows what it gives runs only when that differs.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::create_sse_memo;
///
/// #[derive(Default, serde::Deserialize)]
/// struct Orders { open: Vec<u64>, done: u64 }
///
/// #[component]
/// fn Badge() -> impl IntoView {
///     let open = create_sse_memo(|orders: &Orders| orders.open.len());
///     view! { <span>{move || open.get()}</span> }
/// }
/// ```
#[must_use]
pub fn create_sse_memo<T, U>(part: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow::<Signal<T>>(Ok(Key::of::<T>()), "create_sse_memo", |_| ()), part)
}

/// What a function makes of the server's value with this key; see [`create_sse_memo`].
///
/// ```
/// # use leptos_sse::create_sse_memo_named;
/// # fn component() {
/// let is_long = create_sse_memo_named("names", |names: &Vec<String>| names.len() > 100);
/// # }
/// ```
#[must_use]
pub fn create_sse_memo_named<T, U>(
    key: impl Into<Cow<'static, str>>,
    part: impl Fn(&T) -> U + Send + Sync + 'static,
) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow::<Signal<T>>(Key::named(key), "create_sse_memo_named", |_| ()), part)
}

/// What a function makes of the server's value of one `T` of many; see [`create_sse_memo`], and
/// [`create_sse_signal_for`](crate::create_sse_signal_for) for the id.
///
/// ```
/// # use leptos::prelude::*;
/// # use leptos_sse::create_sse_memo_for;
/// # #[derive(Default, serde::Deserialize)]
/// # struct Room { guests: Vec<String> }
/// # fn component(chosen: ReadSignal<u32>) {
/// let is_full = create_sse_memo_for(move || chosen.get(), |room: &Room| room.guests.len() >= 8);
/// # }
/// ```
#[must_use]
pub fn create_sse_memo_for<T, U>(id: impl SseId, part: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow_id::<T, Signal<T>>(id.into_id(), "create_sse_memo_for", |_| ()), part)
}

/// The same as [`create_sse_memo`].
#[must_use]
pub fn use_sse_memo<T, U>(part: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow::<Signal<T>>(Ok(Key::of::<T>()), "use_sse_memo", |_| ()), part)
}

/// The same as [`create_sse_memo_named`].
#[must_use]
pub fn use_sse_memo_named<T, U>(
    key: impl Into<Cow<'static, str>>,
    part: impl Fn(&T) -> U + Send + Sync + 'static,
) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow::<Signal<T>>(Key::named(key), "use_sse_memo_named", |_| ()), part)
}

/// The same as [`create_sse_memo_for`].
#[must_use]
pub fn use_sse_memo_for<T, U>(id: impl SseId, part: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    memo(follow_id::<T, Signal<T>>(id.into_id(), "use_sse_memo_for", |_| ()), part)
}

fn memo<T, U>(whole: ReadSignal<T>, part: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
where
    T: Send + Sync + 'static,
    U: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| whole.with(&part))
}
