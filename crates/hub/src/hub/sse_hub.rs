use super::{
    engine::{Engine, Link},
    feed::ServerFeed,
    options::SseHubOptions,
    provider,
    refusal::SseRefusal,
    registry::{Provider, Registry},
    request::SseRequest,
    signal::{ServerSignal, SignalCore},
    stats::{SseHubStats, count},
    subscription::{RequestedKey, SseSubscription},
    topic::TopicSource,
    topic_handle::TopicHandle,
    write::{Outcome, ServerWrite, Written},
};
use leptos_sse_core::{Cursor, Error, IntoKey, Key, protocol::Refused};
use serde::Serialize;
use std::{
    fmt,
    future::Future,
    sync::{Arc, PoisonError, Weak},
};
use tracing::field::display;

/// The server's signals and feeds, for everyone to follow.
///
/// Clones are handles to the same hub. It is embedded: there is nothing to install and to run beside it. A write is compared
/// once and encoded once, however many clients follow.
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
///
/// # Keys
///
/// `x::<T>(..)` is about the one value of `T`, whose key is [`Key::of::<T>()`](Key::of), and `x_for(key, ..)` about any key: a
/// bare text or number is an id of `T`, and a [`Key`] stands for itself ([`IntoKey`]).
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// # use leptos_sse::SseHub;
/// use leptos_sse::Key;
///
/// # #[derive(Clone, Default, serde::Serialize)]
/// # struct Room;
/// # let hub = SseHub::new();
/// hub.signal(Room);                             // `app::Room`
/// hub.signal_for(7, Room);                      // `app::Room:7`
/// hub.signal_for(Key::named("lobby"), Room);    // `lobby`
/// assert!(hub.get_for::<Room>(7).is_some());
/// assert_eq!(hub.keys().len(), 3);
/// ```
#[derive(Clone, Default)]
pub struct SseHub {
    pub(super) registry: Arc<Registry>,
}

impl SseHub {
    /// A hub with the default [`SseHubOptions`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A hub with these bounds and times.
    #[must_use]
    pub fn with_options(options: SseHubOptions) -> Self {
        Self { registry: Arc::new(Registry::new(options, None)) }
    }

    /// A hub whose writes an engine decides on.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[doc(hidden)]
    #[must_use]
    pub fn over(engine: Arc<dyn Engine>, options: SseHubOptions) -> Self {
        Self { registry: Arc::new(Registry::new(options, Some(Arc::new(Link::new(engine))))) }
    }

    /// The signal of `T`: the one that is there, or a new one with this value.
    ///
    /// An error of [`try_signal_for`](Self::try_signal_for) is logged; the signal is then the caller's alone, and nobody can follow
    /// it. A signal stays until it is [removed](Self::remove).
    pub fn signal<T: Serialize + Send + Sync + 'static>(&self, initial: T) -> ServerSignal<T> {
        self.signal_for(Key::of::<T>(), initial)
    }

    /// The signal of a key: the one that is there, or a new one with this value.
    ///
    /// As for errors, see [`signal`](Self::signal).
    pub fn signal_for<T: Serialize + Send + Sync + 'static>(&self, key: impl IntoKey, initial: T) -> ServerSignal<T> {
        let made = match key.into_key::<T>() {
            Ok(key) => match self.registry.signal(&key) {
                Ok(Some(signal)) => return signal,
                Ok(None) => self.registry.make(key, initial, false),
                Err(error) => Err((error, initial)),
            },
            Err(error) => Err((error, initial)),
        };
        made.unwrap_or_else(|(error, initial)| {
            tracing::error!(%error, "nobody can follow a signal");
            ServerSignal(SignalCore::alone(self.registry.log.clone(), initial))
        })
    }

    /// The signal of a key: the one that is there, or a new one with this value.
    ///
    /// # Errors
    ///
    /// When the hub has the key as another type or as a feed, when the key is invalid, and when the value cannot be written as
    /// JSON or is larger than the hub takes.
    pub fn try_signal_for<T: Serialize + Send + Sync + 'static>(
        &self,
        key: impl IntoKey,
        initial: T,
    ) -> Result<ServerSignal<T>, Error> {
        let key = key.into_key::<T>()?;
        match self.registry.signal(&key)? {
            Some(signal) => Ok(signal),
            None => self.registry.make(key, initial, false).map_err(|(error, _)| error),
        }
    }

    /// The signal of `T`, if it is there.
    #[must_use]
    pub fn get<T: Serialize + Send + Sync + 'static>(&self) -> Option<ServerSignal<T>> {
        self.get_for(Key::of::<T>())
    }

    /// The signal of a key, if it is there. Nothing is [loaded](Self::load_for) for it.
    ///
    /// Where the hub has the key as another type or as a feed, that is logged.
    pub fn get_for<T: Serialize + Send + Sync + 'static>(&self, key: impl IntoKey) -> Option<ServerSignal<T>> {
        key.into_key::<T>().and_then(|key| self.registry.signal(&key)).unwrap_or_else(|error| {
            tracing::error!(%error, "no signal can be had of a key");
            None
        })
    }

    /// The keys of all signals and feeds, in their order.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let topics: Vec<_> = self.registry.topics().values().cloned().collect();
        let is_there = |source: &TopicSource| matches!(source, TopicSource::Signal(_) | TopicSource::Feed { .. });
        let mut keys: Vec<_> =
            topics.iter().filter(|topic| is_there(&topic.state().source)).map(|topic| topic.key.clone()).collect();
        keys.sort_unstable();
        keys
    }

    /// Makes the signals of `T` that are known by an id when they are first asked for. `provider` is called with the id; where it
    /// gives `None` the key is refused.
    ///
    /// Such a signal is evicted [some time](SseHubOptions::linger) after its last subscriber left, unless someone holds its
    /// [`ServerSignal`]. The last provider of a type counts. Its captures live as long as the hub: let none be a handle to the
    /// hub itself. It must not [load](Self::load_for) the very signal that it makes.
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
        let provider: Arc<Provider> = Arc::new(move |registry: Weak<Registry>, key, id| {
            let value = provider(id);
            Box::pin(async move {
                let Some(value) = value.await.into() else { return false };
                let Some(registry) = registry.upgrade() else { return false };
                let made = registry.make(key, value, true);
                made.inspect_err(|(error, _)| tracing::error!(%error, "a provided value was not taken")).is_ok()
            })
        });
        let mut providers = self.registry.providers.write().unwrap_or_else(PoisonError::into_inner);
        let before = providers.insert(Key::of::<T>(), provider);
        drop(providers);
        drop(before);
        // There may be subscribers that wait for it already.
        let topics: Vec<_> = self.registry.topics().values().cloned().collect();
        topics.iter().for_each(|topic| provider::load(&self.registry, topic));
    }

    /// The signal of a key: the one that is there, or the one that its [provider](Self::provide) makes; `None` where there is
    /// neither.
    pub async fn load_for<T: Serialize + Send + Sync + 'static>(&self, key: impl IntoKey) -> Option<ServerSignal<T>> {
        match key.into_key::<T>() {
            Ok(key) => provider::loaded(&self.registry, &key).await,
            Err(error) => {
                tracing::error!(%error, "no signal can have this key");
                None
            }
        }
    }

    /// The feed of `E`: the one that is there, or a new one.
    ///
    /// An error of [`try_feed_for`](Self::try_feed_for) is logged; the feed then works, but nobody can follow it.
    pub fn feed<E: Serialize + 'static>(&self) -> ServerFeed<E> {
        self.feed_for(Key::of::<E>())
    }

    /// The feed of a key: the one that is there, or a new one.
    ///
    /// As for errors, see [`feed`](Self::feed).
    pub fn feed_for<E: Serialize + 'static>(&self, key: impl IntoKey) -> ServerFeed<E> {
        self.try_feed_for(key).unwrap_or_else(|error| {
            tracing::error!(%error, "nobody can follow a feed");
            ServerFeed::alone(self.registry.log.clone())
        })
    }

    /// The feed of a key: the one that is there, or a new one.
    ///
    /// # Errors
    ///
    /// When the hub has the key as a signal or as a feed of another type, and when the key is invalid.
    pub fn try_feed_for<E: Serialize + 'static>(&self, key: impl IntoKey) -> Result<ServerFeed<E>, Error> {
        self.registry.feed(key.into_key::<E>()?)
    }

    /// Removes the signal or the feed of `T`. Its subscribers are told; a handle to it writes no more.
    ///
    /// [`Written::value`] says whether it was there.
    pub fn remove<T: ?Sized>(&self) -> ServerWrite<bool> {
        self.remove_for::<T>(Key::of::<T>())
    }

    /// Removes the signal or the feed of a key. In all else it is as [`remove`](Self::remove).
    ///
    /// `T` gives a bare id its key. For a [`Key`] it does not matter, as in `hub.remove_for::<()>(signal.key())`.
    pub fn remove_for<T: ?Sized>(&self, key: impl IntoKey) -> ServerWrite<bool> {
        let key = match key.into_key::<T>() {
            Ok(key) => key,
            Err(error) => return ServerWrite::over(Outcome::failed(Key::of::<T>(), error)),
        };
        let removed = |registry: &Registry, key: &Key| {
            let seq = registry.remove(key);
            let cursor = registry.log.cursor(seq.unwrap_or_else(|| registry.log.head()));
            Outcome::Written(Written { value: seq.is_some(), changed: seq.is_some(), cursor })
        };
        let Some(link) = &self.registry.log.link else { return ServerWrite::over(removed(&self.registry, &key)) };
        let (sender, write) = ServerWrite::under_way(key.clone());
        let (engine, registry, of) = (link.clone(), self.registry.clone(), key.clone());
        let attempts = async move {
            let (put, fail) = (|()| Ok(removed(&registry, &of)), |error| Outcome::failed(of.clone(), error));
            sender.send(engine.attempt(&of, || Ok(()), put, fail).await);
        };
        link.enqueue(&key, Box::pin(attempts));
        write
    }

    /// The stream of what a client asked for: a response in axum and in actix-web, as its refusal is.
    ///
    /// # Errors
    ///
    /// When the whole connection is refused: the hub is [closed](Self::close), or a bound of [`SseHubOptions`] is reached.
    pub fn subscribe(&self, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
        let (user, address) = (request.user.clone(), request.address.map(display));
        self.admit(request).inspect_err(|refusal| {
            tracing::warn!(user = user.as_deref(), address, %refusal, "a connection was refused");
            count(&self.registry.log.counters.refused, 1);
        })
    }

    fn admit(&self, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
        let (registry, log) = (&self.registry, &self.registry.log);
        let options = &log.options;
        let SseRequest { mut request, last_event_id, len, forbidden, user, address, lasts, logouts_seen } = request;
        if len > options.max_request_len {
            return Err(SseRefusal::too_long(len, options.max_request_len));
        }
        let connection = registry.connections.admit(options, user, address, logouts_seen)?;
        let keys = request.keys.len();
        let span = tracing::debug_span!("sse", user = connection.user(), address = address.map(display), keys);
        request.resume(log.epoch(), last_event_id.as_ref());
        let too_many =
            request.keys.split_off(keys.min(options.max_keys)).into_iter().map(|(key, _)| (key, "too many keys"));
        let forbidden = forbidden.into_iter().map(|key| (key, "forbidden"));
        let refused = too_many.chain(forbidden).map(|(name, reason)| Refused { name, reason: reason.to_owned() });
        let refused = refused.take(options.max_keys).collect::<Vec<_>>();
        count(&log.counters.refused, refused.len());
        let requested = span.in_scope(|| {
            let asked = || request.keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" ");
            tracing::debug!(asked = asked(), refused = refused.len(), "a client has come");
            for Refused { name, reason } in &refused {
                tracing::debug!(key = %name, reason, "a key was refused");
            }
            // Before the keys are followed: a refusal may come at once, and is new to the client.
            let head = log.head();
            let string_edits = request.string_edits;
            let follow = |(key, seq)| {
                let handle = TopicHandle::new(registry, &key, string_edits);
                provider::load(registry, &handle.topic);
                RequestedKey { handle, seq, head }
            };
            request.keys.into_iter().map(follow).collect()
        });
        Ok(SseSubscription::new(registry.clone(), connection, requested, refused, lasts, span))
    }

    /// Ends the connections [of a user](SseRequest::for_user), as when they log out, and gives their number. Each is told,
    /// and comes back for a new decision. End the session first; a request that was authorised just before ends at once, too.
    pub fn close_user(&self, user: &str) -> usize {
        let connections = self.registry.connections.close_user(user);
        tracing::debug!(user, connections, "the connections of a user are to end");
        connections
    }

    /// Ends all connections, and refuses new ones: call it when the server shuts down, before it waits for its connections to
    /// end. Each client is told, and comes back after a random wait.
    pub fn close(&self) {
        let connections = self.registry.connections.close();
        tracing::info!(connections, "the hub was closed");
    }

    /// The numbers of the hub.
    #[must_use]
    pub fn stats(&self) -> SseHubStats {
        let mut stats = self.registry.log.counters.read();
        stats.connections = self.registry.connections.len() as u64;
        stats.bytes = self.registry.connections.sent();
        for topic in self.registry.topics().values() {
            match topic.state().source {
                TopicSource::Signal(_) => stats.signals += 1,
                TopicSource::Feed { .. } => stats.feeds += 1,
                TopicSource::Vacant | TopicSource::Loading { .. } => {}
            }
        }
        stats
    }

    /// The cursor of the last write.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.registry.log.cursor(self.registry.log.head())
    }
}

impl fmt::Debug for SseHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseHub").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
