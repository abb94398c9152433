use super::{
    on_error::{report, report_first},
    provider::use_connection,
    several::Member,
    value::initial_document,
};
use crate::{SseStore, browser, reactive::value::has_moved_on, store::Held};
use leptos::{prelude::on_cleanup, task::spawn_local};
use leptos_sse_client::{
    connection::Connection,
    feeds::Step,
    slots::{Follower, Kind},
};
use leptos_sse_core::{Error, Key, Rebuild, document::Document, patch::Touch};
use std::{any::TypeId, borrow::Cow, fmt::Display, sync::Arc};

/// A store that follows the server's value of `T`, whose key is the name of the type.
///
/// Each of its fields tells only those who read that field: of a table of a thousand rows in which one price moves, one text of
/// the page is written, and nothing else runs. What has changed is told by the server's patch, and not by comparing values.
/// `T` derives `Store` of the crate `reactive_stores` (version 0.4, which is the one for Leptos 0.8), and [`Rebuild`].
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{ByKey, Rebuild, create_sse_store};
/// use reactive_stores::Store;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
/// struct Market {
///     name: String,
///     #[store(key: u64 = |row| row.id)]
///     rows: Vec<Row>,
/// }
///
/// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
/// struct Row {
///     id: u64,
///     price: u32,
/// }
///
/// #[component]
/// fn Prices() -> impl IntoView {
///     let market = create_sse_store::<Market>();
///     view! {
///         <h1>{move || market.name().get()}</h1>
///         <For each=move || market.rows().by_key() key=|row| row.key() let:row>
///             <p>{move || row.price().get()}</p>
///         </For>
///     }
/// }
/// ```
///
/// The items of a list with `#[store(key: …)]` keep their identity, and with it the nodes of their views, when others come, go
/// or move; the keys of one list differ from each other. What is coarser, and how much, is in the guide `docs/guide/stores.md`.
///
/// A type without `Rebuild` is an error of the compiler, which says what to derive:
///
/// ```compile_fail
/// #[derive(Default, serde::Deserialize, reactive_stores::Store)]
/// struct Market { name: String }
///
/// let market = leptos_sse::create_sse_store::<Market>();
/// ```
///
/// In all else it is as [`create_sse_signal`](crate::create_sse_signal): its first value, what it does without a connection,
/// and with values that are no `T`. Components that ask for the same key share one store. The store is read-only: see
/// [`SseStore`].
#[must_use]
pub fn create_sse_store<T>() -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "create_sse_store")
}

/// A store that follows the server's value with this key: see [`create_sse_store`].
///
/// A key that is none (see [`Key::named`]) is logged, and the store stays as it starts.
#[must_use]
pub fn create_sse_store_named<T>(key: impl Into<Cow<'static, str>>) -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::named(key), "create_sse_store_named")
}

/// A store that follows the server's value of one `T` of many, by its id: see [`create_sse_store`] and
/// [`create_sse_signal_for`](crate::create_sse_signal_for).
///
/// The id is for good. Where it changes, make the store in a component that is made anew with it.
#[must_use]
pub fn create_sse_store_for<T>(id: impl Display) -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::of::<T>().id(id), "create_sse_store_for")
}

/// The same as [`create_sse_store`].
#[must_use]
pub fn use_sse_store<T>() -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), "use_sse_store")
}

/// The same as [`create_sse_store_named`].
#[must_use]
pub fn use_sse_store_named<T>(key: impl Into<Cow<'static, str>>) -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::named(key), "use_sse_store_named")
}

/// The same as [`create_sse_store_for`].
#[must_use]
pub fn use_sse_store_for<T>(id: impl Display) -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    follow(Key::of::<T>().id(id), "use_sse_store_for")
}

fn follow<T>(key: Result<Key, Error>, call: &'static str) -> SseStore<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    let document = initial_document(key.as_ref().ok());
    let initial = || initial(key.as_ref().ok(), document.as_ref());
    let followed = key.as_ref().map_err(Error::clone).and_then(|key| follow_on(&use_connection(call)?, key, initial));
    let Followed { held, guard } = followed.unwrap_or_else(|error| {
        report(key.as_ref().ok(), &error);
        Followed { held: Arc::new(initial()), guard: Arc::new(()) }
    });
    on_cleanup(move || drop(guard));
    SseStore::new(held)
}

/// A store, and what keeps it following.
struct Followed<T> {
    held: Arc<Held<T>>,
    guard: Arc<dyn Send + Sync>,
}

fn follow_on<T>(connection: &Arc<Connection>, key: &Key, initial: impl Fn() -> Held<T>) -> Result<Followed<T>, Error>
where
    T: Rebuild + Send + Sync + 'static,
{
    if browser::is_hydrating() && has_moved_on(connection, key) {
        return catch_up(connection, key, initial());
    }
    let (held, user) = connection.follow_as(key, initial)?;
    Ok(Followed { held, guard: Arc::new(user) })
}

/// The store of a component that hydrates when the shared one has moved on already, as a late island does. It starts with what
/// the server rendered, because Leptos does not touch a text that it believes to be right, and follows from then on.
fn catch_up<T>(connection: &Arc<Connection>, key: &Key, own: Held<T>) -> Result<Followed<T>, Error>
where
    T: Rebuild + Send + Sync + 'static,
{
    let held = Arc::new(own);
    let member = Arc::new(Member::new(connection, key, held.clone())?);
    let hydrated = Arc::downgrade(&member);
    // Runs when the component is hydrated.
    spawn_local(async move {
        if let Some(member) = hydrated.upgrade() {
            member.begin();
        }
    });
    Ok(Followed { held, guard: member })
}

/// A store of the value of a document, or else of the default.
fn initial<T>(key: Option<&Key>, document: Option<&Document>) -> Held<T>
where
    T: Default + Rebuild + Send + Sync + 'static,
{
    let (Some(key), Some(document)) = (key, document) else { return Held::new(T::default(), None) };
    match document.read() {
        Ok(value) => Held::new(value, Some(document.clone())),
        Err(error) => {
            report_first(key, &error);
            Held::new(T::default(), None)
        }
    }
}

impl<T: Rebuild + Send + Sync + 'static> Follower for Held<T> {
    const KIND: Kind = Kind::Signal;

    fn type_name() -> &'static str {
        std::any::type_name::<T>()
    }

    fn value() -> Option<TypeId> {
        Some(TypeId::of::<T>())
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.follow(document, touches)
    }

    fn take(&self, step: Step, _: Option<Document>) -> Result<(), Error> {
        // Told once, and not with each event.
        if matches!(step, Step::Start | Step::StartAfterGap) {
            Err(Error::other_kind("feed", "use_sse_feed"))
        } else {
            Ok(())
        }
    }
}
