use super::{
    shared::Signal,
    signal::{Followed, follow_key},
};
use leptos::{
    prelude::{ArcReadSignal, DefinedAt, IsDisposed, ReadUntracked, Track},
    reactive::signal::guards::{Plain, ReadGuard},
};
use leptos_sse_core::{Error, Key};
use serde::de::DeserializeOwned;
use std::{
    borrow::Cow,
    fmt::{self, Debug, Display},
    panic::Location,
    sync::Arc,
};

/// A signal that outlives the component that made it: it follows the server for as long as one of its clones lives.
///
/// It comes from [`create_arc_sse_signal`]. It is read as every signal of Leptos is, by `get`, `with` and `read`, tracked or not;
/// and it can be read only.
pub struct ArcSseSignal<T> {
    signal: ArcReadSignal<T>,
    /// Keeps it following.
    guard: Arc<dyn Send + Sync>,
}

/// A signal as [`create_sse_signal`](crate::create_sse_signal)'s, that outlives the component that made it.
///
/// It is for what holds signals by itself, as a struct in context, a map of them, or a task does. The key is followed for as long
/// as a clone lives, and with it the connection is kept; so it is not to be put where nothing ever drops it. It is made in a
/// component, or else there is no connection in context: this is logged, and it stays as it starts.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{ArcSseSignal, create_arc_sse_signal, create_arc_sse_signal_for};
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Price { cents: u64 }
///
/// #[derive(Clone)]
/// struct Watched(Vec<ArcSseSignal<Price>>);
///
/// impl Watched {
///     fn sum(&self) -> u64 {
///         self.0.iter().map(|price| price.with(|price| price.cents)).sum()
///     }
/// }
///
/// #[component]
/// fn Sum() -> impl IntoView {
///     let watched = Watched(vec![create_arc_sse_signal_for("ABC"), create_arc_sse_signal_for("DEF")]);
///     view! { <p>{move || watched.sum()}</p> }
/// }
/// ```
#[must_use]
pub fn create_arc_sse_signal<T>() -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "create_arc_sse_signal")
}

/// A signal as [`create_sse_signal_named`](crate::create_sse_signal_named)'s; see [`create_arc_sse_signal`].
#[must_use]
pub fn create_arc_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::named(key), "create_arc_sse_signal_named")
}

/// A signal as [`create_sse_signal_for`](crate::create_sse_signal_for)'s, of an id that does not change; see
/// [`create_arc_sse_signal`].
#[must_use]
pub fn create_arc_sse_signal_for<T>(id: impl Display) -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::of::<T>().id(id), "create_arc_sse_signal_for")
}

/// The same as [`create_arc_sse_signal`].
#[must_use]
pub fn use_arc_sse_signal<T>() -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "use_arc_sse_signal")
}

/// The same as [`create_arc_sse_signal_named`].
#[must_use]
pub fn use_arc_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::named(key), "use_arc_sse_signal_named")
}

/// The same as [`create_arc_sse_signal_for`].
#[must_use]
pub fn use_arc_sse_signal_for<T>(id: impl Display) -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::of::<T>().id(id), "use_arc_sse_signal_for")
}

fn follow<T>(key: Result<Key, Error>, call: &'static str) -> ArcSseSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    let Followed { signal, guard } = follow_key::<Signal<T>>(key, call, |_| ());
    ArcSseSignal { signal: signal.read_only(), guard }
}

impl<T> Clone for ArcSseSignal<T> {
    fn clone(&self) -> Self {
        Self { signal: self.signal.clone(), guard: self.guard.clone() }
    }
}

/// Two are equal when they show the same signal.
impl<T> PartialEq for ArcSseSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.signal == other.signal
    }
}

impl<T> Eq for ArcSseSignal<T> {}

impl<T> Debug for ArcSseSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ArcSseSignal").field(&self.signal).finish()
    }
}

impl<T> DefinedAt for ArcSseSignal<T> {
    fn defined_at(&self) -> Option<&'static Location<'static>> {
        self.signal.defined_at()
    }
}

impl<T> IsDisposed for ArcSseSignal<T> {
    fn is_disposed(&self) -> bool {
        false
    }
}

impl<T: Send + Sync + 'static> Track for ArcSseSignal<T> {
    fn track(&self) {
        self.signal.track();
    }
}

impl<T: 'static> ReadUntracked for ArcSseSignal<T> {
    type Value = ReadGuard<T, Plain<T>>;

    fn try_read_untracked(&self) -> Option<Self::Value> {
        self.signal.try_read_untracked()
    }
}
