use super::{
    id::SseId,
    shared::{Shared, Signal, change, unlike},
    signal::follow,
    signal_for::follow_id,
};
use leptos::prelude::{ArcRwSignal, ReadSignal, WithUntracked};
use leptos_sse_client::{
    feeds::Step,
    slots::{Follower, Kind},
};
use leptos_sse_core::{Error, Key, document::Document, patch::Touch};
use serde::de::DeserializeOwned;
use std::{any::TypeId, borrow::Cow};

/// A signal that follows the server's value of `T`, for a `T` without a default: none until the first value.
///
/// On a page that the server rendered it starts with the value of then, if there was one. It is none again when the server
/// removes the signal; when the server refuses it later, as after a logout, the last value stays, and
/// [`use_sse_signal_status`](crate::use_sse_signal_status) tells. In all else it is as
/// [`create_sse_signal`](crate::create_sse_signal).
///
/// ```
/// use leptos::prelude::*;
///
/// #[derive(Clone, serde::Deserialize)]
/// struct Price { cents: u64 }
///
/// #[component]
/// fn Price() -> impl IntoView {
///     let price = leptos_sse::create_sse_option::<Price>();
///     view! { <p>{move || price.get().map_or("no price yet".to_owned(), |price| format!("{} ct", price.cents))}</p> }
/// }
/// ```
#[must_use]
pub fn create_sse_option<T>() -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow::<Optional<T>>(Ok(Key::of::<T>()), "create_sse_option", |_| ())
}

/// A signal that follows the server's value with this key: none until the first value.
///
/// See [`create_sse_option`], and [`create_sse_signal_named`](crate::create_sse_signal_named) for the key.
#[must_use]
pub fn create_sse_option_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow::<Optional<T>>(Key::named(key), "create_sse_option_named", |_| ())
}

/// A signal that follows the server's value of one `T` of many: none until the first value.
///
/// See [`create_sse_option`], and [`create_sse_signal_for`](crate::create_sse_signal_for) for the id. When the id changes, it
/// is none until there is a value of the other one.
///
/// ```
/// use leptos::prelude::*;
///
/// #[derive(Clone, serde::Deserialize)]
/// struct Room { topic: String }
///
/// #[component]
/// fn Topic(chosen: ReadSignal<u32>) -> impl IntoView {
///     let room = leptos_sse::create_sse_option_for::<Room>(move || chosen.get());
///     view! { <h1>{move || room.get().map(|room| room.topic)}</h1> }
/// }
/// ```
#[must_use]
pub fn create_sse_option_for<T>(id: impl SseId) -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow_id::<T, Optional<T>>(id.into_id(), "create_sse_option_for", |_| ())
}

/// The same as [`create_sse_option`].
#[must_use]
pub fn use_sse_option<T>() -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow::<Optional<T>>(Ok(Key::of::<T>()), "use_sse_option", |_| ())
}

/// The same as [`create_sse_option_named`].
#[must_use]
pub fn use_sse_option_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow::<Optional<T>>(Key::named(key), "use_sse_option_named", |_| ())
}

/// The same as [`create_sse_option_for`].
#[must_use]
pub fn use_sse_option_for<T>(id: impl SseId) -> ReadSignal<Option<T>>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    follow_id::<T, Optional<T>>(id.into_id(), "use_sse_option_for", |_| ())
}

/// A signal of what the server has, if it has it. It is no [`Signal`] of an option, which reads `null` as none.
pub(crate) struct Optional<T>(ArcRwSignal<Option<T>>);

impl<T: DeserializeOwned + Send + Sync + 'static> Shared for Optional<T> {
    type Shown = Option<T>;

    fn new(shown: Option<T>) -> Self {
        Self(ArcRwSignal::new(shown))
    }

    fn signal(&self) -> &ArcRwSignal<Option<T>> {
        &self.0
    }

    fn restart(&self, shown: Option<T>) -> Result<(), Error> {
        change(&self.0, |held| *held = shown).ok_or_else(Error::borrowed)
    }

    fn read(document: &Document) -> Result<Option<T>, Error> {
        document.read().map(Some)
    }

    fn nothing() -> Option<T> {
        None
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Follower for Optional<T> {
    const KIND: Kind = Kind::Signal;

    fn type_name() -> &'static str {
        Signal::<T>::type_name()
    }

    fn value() -> Option<TypeId> {
        <Signal<T> as Follower>::value()
    }

    fn accept(&self, document: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        self.restart(Self::read(document)?)
    }

    fn take(&self, step: Step, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }

    fn removed(&self) -> Result<(), Error> {
        if self.0.with_untracked(Option::is_some) { self.restart(None) } else { Ok(()) }
    }
}
