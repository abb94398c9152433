use super::{connection::Connection, provider::use_connection, shared::Signal, transport, value::initial_document};
use crate::{Error, Key, document::Document};
use leptos::prelude::{ArcRwSignal, Effect, ReadSignal, Set, Track, on_cleanup};
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
    follow(Ok(Key::of::<T>()), "use_sse_signal")
}

/// A signal that follows the server's value with this key, as
/// [`ServerSentEvents::named`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.ServerSentEvents.html#method.named) sends it.
///
/// A key that is none (see [`Key::new`]) is logged, and the signal stays as it starts.
#[must_use]
pub fn use_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::new(key), "use_sse_signal_named")
}

/// The same as [`use_sse_signal`].
#[must_use]
pub fn create_sse_signal<T>() -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "create_sse_signal")
}

/// The same as [`use_sse_signal_named`].
#[must_use]
pub fn create_sse_signal_named<T>(key: impl Into<Cow<'static, str>>) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::new(key), "create_sse_signal_named")
}

pub(super) fn follow<T>(key: Result<Key, Error>, call: &'static str) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    follow_with(key, call, |_| ())
}

/// Follows a key, and tells the shared signal what else is wanted of it.
pub(super) fn follow_with<T>(key: Result<Key, Error>, call: &'static str, ask: fn(&Signal<T>)) -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    // First and in any case, so that the server and the page count their shared values alike.
    let document = initial_document(key.as_ref().ok());
    let initial = || initial_value(key.as_ref().ok(), document.as_ref());
    let followed =
        key.as_ref().map_err(Error::clone).and_then(|key| follow_key(&use_connection(call)?, key, initial, ask));
    let signal = followed.unwrap_or_else(|error| {
        transport::log_error(format_args!("leptos_sse: {error}"));
        ArcRwSignal::new(initial())
    });
    signal.read_only().into()
}

fn follow_key<T>(
    connection: &Arc<Connection>,
    key: &Key,
    initial: impl Fn() -> T,
    ask: fn(&Signal<T>),
) -> Result<ArcRwSignal<T>, Error>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let (shared, user) = connection.follow_as(key, || Signal::new(initial()))?;
    ask(&shared);
    let signal = shared.value().clone();
    on_cleanup(move || drop(user));
    if transport::is_hydrating() && connection.document(key).is_some() {
        return Ok(catch_up(connection.clone(), key.clone(), signal, initial()));
    }
    Ok(signal)
}

/// The signal of a component that hydrates when the shared one has moved on already, as a late island does. It starts with
/// what the server rendered, because Leptos does not touch a text that it believes to be right, and follows from then on.
fn catch_up<T>(connection: Arc<Connection>, key: Key, shared: ArcRwSignal<T>, initial: T) -> ArcRwSignal<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let own = ArcRwSignal::new(initial);
    // Runs when the component is hydrated. What it cannot read was reported for the shared signal.
    Effect::new({
        let own = own.clone();
        move |_| {
            shared.track();
            if let Some(Ok(value)) = connection.document(&key).map(|document| document.read()) {
                own.set(value);
            }
        }
    });
    own
}

/// The value of a document, or else the default.
pub(super) fn initial_value<T: Default + DeserializeOwned>(key: Option<&Key>, document: Option<&Document>) -> T {
    let (Some(key), Some(document)) = (key, document) else { return T::default() };
    document.read().unwrap_or_else(|error| {
        transport::log_error(format_args!(
            "leptos_sse: the first value of `{key}`: {error}; it starts with its default"
        ));
        T::default()
    })
}
