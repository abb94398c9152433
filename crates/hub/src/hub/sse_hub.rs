use super::{
    HubStats, Inner, ServerFeed, ServerSignal, SseHubOptions, SseRefusal, SseRequest, Subscription,
    provider::{self, Provider},
    signal::Core,
    stats::count,
    topic::Source,
};
use leptos_sse_core::{Cursor, Error, Key};
use serde::Serialize;
use std::{
    borrow::Cow,
    fmt::{self, Display},
    future::Future,
    sync::{Arc, PoisonError},
};
use tracing::field::display;

/// The server's signals and feeds, for everyone to follow.
///
/// Clones are handles to the same hub. It is embedded: nothing is to be installed or run beside it. What is written is
/// compared once and encoded once, however many follow.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::SseHub;
/// # use serde::Serialize;
///
/// #[derive(Clone, Default, Serialize)]
/// struct Count { value: i32 }
///
/// let hub = SseHub::new();
/// let count = hub.signal::<Count>(Count::default());
/// count.update(|count| count.value += 1);
/// ```
///
/// The modules `axum` and `actix` have the handler that clients connect to.
#[derive(Clone, Default)]
pub struct SseHub {
    pub(super) inner: Arc<Inner>,
}

impl SseHub {
    /// A hub with the default [`SseHubOptions`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A hub with bounds and times of one's own.
    #[must_use]
    pub fn with_options(options: SseHubOptions) -> Self {
        Self { inner: Arc::new(Inner::new(options)) }
    }

    /// The signal of `T`, whose key is the name of the type: the one that is there, or a new one with this value.
    ///
    /// What [`try_signal`](Self::try_signal) refuses is logged; the signal is then the caller's alone, and nobody can follow it.
    /// A signal stays until it is [removed](Self::remove).
    pub fn signal<T: Serialize + Send + Sync + 'static>(&self, initial: T) -> ServerSignal<T> {
        self.or_alone(Ok(Key::of::<T>()), initial)
    }

    /// One signal of many of `T`, by an id: the one that is there, or a new one with this value.
    ///
    /// Its key is the name of the type, a colon, and the id. As for errors, see [`signal`](Self::signal).
    pub fn signal_for<T: Serialize + Send + Sync + 'static>(&self, id: impl Display, initial: T) -> ServerSignal<T> {
        self.or_alone(Key::of::<T>().id(id), initial)
    }

    /// A signal with a key of one's own: the one that is there, or a new one with this value.
    ///
    /// As for errors, see [`signal`](Self::signal).
    pub fn signal_named<T: Serialize + Send + Sync + 'static>(
        &self,
        key: impl Into<Cow<'static, str>>,
        initial: T,
    ) -> ServerSignal<T> {
        self.or_alone(Key::named(key), initial)
    }

    /// The signal of a key: the one that is there, or a new one with this value.
    ///
    /// # Errors
    ///
    /// When the hub has the key as another type or as a feed, and when the value cannot be written as JSON or is larger than
    /// the hub takes.
    pub fn try_signal<T: Serialize + Send + Sync + 'static>(
        &self,
        key: Key,
        initial: T,
    ) -> Result<ServerSignal<T>, Error> {
        match self.inner.signal(&key)? {
            Some(signal) => Ok(signal),
            None => self.inner.make(key, initial, false).map_err(|(error, _)| error),
        }
    }

    /// The signal of a key, if it is there.
    ///
    /// # Errors
    ///
    /// When the hub has the key as another type or as a feed.
    pub fn find<T: Serialize + Send + Sync + 'static>(&self, key: &Key) -> Result<Option<ServerSignal<T>>, Error> {
        self.inner.signal(key)
    }

    /// Has the signals of many of `T` made when they are first asked for, by their id; none where there is no such thing,
    /// which refuses the key.
    ///
    /// Such a signal is let go [some time](SseHubOptions::linger) after its last follower left, unless someone holds its
    /// [`ServerSignal`]. The last provider of a type counts. What it captures lives as long as the hub: let it not be a handle
    /// to the hub itself. It must not [load](Self::load) the very signal that it makes.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::SseHub;
    /// # use serde::Serialize;
    /// # #[derive(Serialize)]
    /// # struct Room { name: String }
    /// # async fn load(id: String) -> Option<Room> { None }
    /// # let hub = SseHub::new();
    /// hub.provide::<Room, _>(|id| async move { load(id).await });
    /// ```
    pub fn provide<T, F>(&self, provider: impl Fn(String) -> F + Send + Sync + 'static)
    where
        T: Serialize + Send + Sync + 'static,
        F: Future<Output: Into<Option<T>>> + Send + 'static,
    {
        let provider: Arc<Provider> = Arc::new(move |hub, key, id| {
            let value = provider(id);
            Box::pin(async move {
                let Some(value) = value.await.into() else { return false };
                let made = hub.inner.make(key, value, true);
                made.inspect_err(|(error, _)| tracing::error!(%error, "a provided value was not taken")).is_ok()
            })
        });
        let mut providers = self.inner.providers.write().unwrap_or_else(PoisonError::into_inner);
        let before = providers.insert(Key::of::<T>(), provider);
        drop(providers);
        drop(before);
        // Some may wait for it already.
        let topics: Vec<_> = self.inner.topics().values().cloned().collect();
        topics.iter().for_each(|topic| provider::load(&self.inner, topic));
    }

    /// One signal of many of `T`: the one that is there, or the one that its [provider](Self::provide) makes; none where
    /// there is neither.
    pub async fn load<T: Serialize + Send + Sync + 'static>(&self, id: impl Display) -> Option<ServerSignal<T>> {
        match Key::of::<T>().id(id) {
            Ok(key) => provider::loaded(&self.inner, &key).await,
            Err(error) => {
                tracing::error!(%error, "no signal can have this id");
                None
            }
        }
    }

    /// The feed of a key: the one that is there, or a new one.
    ///
    /// What [`try_feed`](Self::try_feed) refuses is logged; the feed then works, but nobody can follow it.
    pub fn feed<E: Serialize + 'static>(&self, key: impl Into<Cow<'static, str>>) -> ServerFeed<E> {
        let feed = Key::named(key).and_then(|key| self.try_feed(key));
        feed.unwrap_or_else(|error| {
            tracing::error!(%error, "nobody can follow a feed");
            let topic = Arc::new(self.inner.shared.new_topic(Key::of::<E>()));
            let born = self.inner.shared.begin_feed::<E>(&topic);
            ServerFeed::new(topic, self.inner.shared.clone(), born)
        })
    }

    /// The feed of a key: the one that is there, or a new one.
    ///
    /// # Errors
    ///
    /// When the hub has the key as a signal, or as a feed of another type.
    pub fn try_feed<E: Serialize + 'static>(&self, key: Key) -> Result<ServerFeed<E>, Error> {
        self.inner.feed(key)
    }

    /// Removes a signal or a feed, and says whether it was there. Its followers are told; a handle to it writes no more.
    pub fn remove(&self, key: &Key) -> bool {
        self.inner.remove(key)
    }

    /// The stream of what a client asked for: a response in axum and in actix-web, as its refusal is.
    ///
    /// # Errors
    ///
    /// When the whole connection is refused: the hub is [closed](Self::close), or a bound of [`SseHubOptions`] is reached.
    pub fn subscribe(&self, request: SseRequest) -> Result<Subscription, SseRefusal> {
        let (user, address) = (request.user.clone(), request.address.map(display));
        self.inner.subscribe(request).inspect_err(|refusal| {
            tracing::warn!(user = user.as_deref(), address, %refusal, "a connection was refused");
            count(&self.inner.shared.counters.refused, 1);
        })
    }

    /// Ends the connections [of a user](SseRequest::for_user), as when they log out, and gives their number. Each is told,
    /// and comes back for a new decision. End the session first; a request that was let in just before ends at once, too.
    pub fn close_user(&self, user: &str) -> usize {
        let connections = self.inner.connections.close_user(user);
        tracing::debug!(user, connections, "the connections of a user are to end");
        connections
    }

    /// Ends all connections, and refuses new ones: to be called when the server shuts down, before it waits for its
    /// connections to end. Each client is told, and comes back after a random wait.
    pub fn close(&self) {
        let connections = self.inner.connections.close();
        tracing::info!(connections, "the hub was closed");
    }

    /// What the hub holds and has done.
    #[must_use]
    pub fn stats(&self) -> HubStats {
        let mut stats = self.inner.shared.counters.read();
        stats.connections = self.inner.connections.len() as u64;
        stats.bytes = self.inner.connections.sent();
        for topic in self.inner.topics().values() {
            match topic.state().source {
                Source::Signal(_) => stats.signals += 1,
                Source::Feed { .. } => stats.feeds += 1,
                Source::Vacant | Source::Loading { .. } => {}
            }
        }
        stats
    }

    /// Where the hub's counter stands.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.inner.shared.log.cursor()
    }

    fn or_alone<T: Serialize + Send + Sync + 'static>(&self, key: Result<Key, Error>, initial: T) -> ServerSignal<T> {
        let made = match key {
            Ok(key) => match self.inner.signal(&key) {
                Ok(Some(signal)) => return signal,
                Ok(None) => self.inner.make(key, initial, false),
                Err(error) => Err((error, initial)),
            },
            Err(error) => Err((error, initial)),
        };
        made.unwrap_or_else(|(error, initial)| {
            tracing::error!(%error, "nobody can follow a signal");
            ServerSignal(Core::alone(self.inner.shared.clone(), initial))
        })
    }
}

impl fmt::Debug for SseHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseHub").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
