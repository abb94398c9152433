use super::{
    on_error::{report, report_first},
    provider::use_connection,
    several::Member,
    shared::{Shared, Signal},
    value::{has_moved_on, initial_document},
};
use crate::browser;
use leptos::{
    prelude::{ArcRwSignal, ReadSignal, on_cleanup},
    task::spawn_local,
};
use leptos_sse_client::connection::Connection;
use leptos_sse_core::{Error, Key, document::Document};
use serde::de::DeserializeOwned;
use std::{borrow::Cow, sync::Arc};

/// A signal that follows the server's value of `T`, whose key is the name of the type.
///
/// It starts with [`provide_sse_value`](crate::provide_sse_value)'s, or else `T::default()`, on the server and in the
/// browser alike, and takes each of the server's values as it comes. Components that ask for the same key share one signal.
/// Whatever comes that is no `T` is logged and leaves the last good value. So does a server that refuses the key later, as
/// after a logout, or that removes it: what shall not be seen any more is the page's to hide.
///
/// Without [`provide_sse`](crate::provide_sse) above, or when the key is followed as another type already, the signal
/// stays as it starts, and the error is logged.
///
/// The name differs between two crates that each define the type: define it once, in what both sides share.
#[must_use]
pub fn use_sse_signal<T>() -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow::<Signal<T>>(Ok(Key::of::<T>()), "use_sse_signal", |_| ())
}

/// A signal that follows the server's value with this key, as
/// [`ServerSentEvents::named`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.ServerSentEvents.html#method.named) sends it.
///
/// A key that is none (see [`Key::named`]) is logged, and the signal stays as it starts.
#[must_use]
pub fn use_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow::<Signal<T>>(Key::named(key), "use_sse_signal_named", |_| ())
}

/// The same as [`use_sse_signal`].
#[must_use]
pub fn create_sse_signal<T>() -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow::<Signal<T>>(Ok(Key::of::<T>()), "create_sse_signal", |_| ())
}

/// The same as [`use_sse_signal_named`].
#[must_use]
pub fn create_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow::<Signal<T>>(Key::named(key), "create_sse_signal_named", |_| ())
}

/// Follows a key until the component of now is cleaned up, and tells the follower what else is wanted of it.
pub(super) fn follow<F: Shared>(key: Result<Key, Error>, call: &'static str, ask: fn(&F)) -> ReadSignal<F::Shown> {
    let Followed { signal, guard } = follow_key(key, call, ask);
    on_cleanup(move || drop(guard));
    signal.read_only().into()
}

/// A signal, and what keeps it following.
pub(super) struct Followed<T> {
    pub(super) signal: ArcRwSignal<T>,
    pub(super) guard: Arc<dyn Send + Sync>,
}

pub(super) fn follow_key<F: Shared>(key: Result<Key, Error>, call: &'static str, ask: fn(&F)) -> Followed<F::Shown> {
    let document = initial_document(key.as_ref().ok());
    let initial = || initial::<F>(key.as_ref().ok(), document.as_ref());
    let followed =
        key.as_ref().map_err(Error::clone).and_then(|key| follow_on(&use_connection(call)?, key, initial, ask));
    followed.unwrap_or_else(|error| {
        report(key.as_ref().ok(), &error);
        Followed { signal: ArcRwSignal::new(initial()), guard: Arc::new(()) }
    })
}

fn follow_on<F: Shared>(
    connection: &Arc<Connection>,
    key: &Key,
    initial: impl Fn() -> F::Shown,
    ask: fn(&F),
) -> Result<Followed<F::Shown>, Error> {
    if browser::is_hydrating() && (F::WATCHES || has_moved_on(connection, key)) {
        return catch_up(connection, key, F::new(initial()), ask);
    }
    let (shared, user) = connection.follow_as(key, || F::new(initial()))?;
    ask(&shared);
    Ok(Followed { signal: shared.signal().clone(), guard: Arc::new(user) })
}

/// The signal of a component that hydrates when the shared one has moved on already, as a late island does. It starts with
/// what the server rendered, because Leptos does not touch a text that it believes to be right, and follows from then on.
fn catch_up<F: Shared>(
    connection: &Arc<Connection>,
    key: &Key,
    own: F,
    ask: fn(&F),
) -> Result<Followed<F::Shown>, Error> {
    ask(&own);
    let signal = own.signal().clone();
    let member = Arc::new(Member::new(connection, key, Arc::new(own))?);
    let hydrated = Arc::downgrade(&member);
    // Runs when the component is hydrated.
    spawn_local(async move {
        if let Some(member) = hydrated.upgrade() {
            member.begin();
        }
    });
    Ok(Followed { signal, guard: member })
}

/// The value of a document, or else the default.
pub(super) fn initial<F: Shared>(key: Option<&Key>, document: Option<&Document>) -> F::Shown {
    let (Some(key), Some(document)) = (key, document) else { return F::nothing() };
    F::read(document).unwrap_or_else(|error| {
        report_first(key, &error);
        F::nothing()
    })
}
