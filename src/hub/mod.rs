//! The hub: one value, written anywhere on the server, followed by everyone.
//!
//! Knows neither Leptos nor a web framework. A write passes the one ordered [`log`]; each connection is a
//! [`Subscription`], which reads from there what it has not sent yet.

mod connections;
mod encode;
mod feed;
mod follow;
mod log;
mod options;
mod provider;
mod refusal;
mod request;
mod signal;
mod stats;
mod subscription;
mod topic;
mod turn;
mod wake;

pub use feed::ServerFeed;
pub use options::SseHubOptions;
pub use refusal::SseRefusal;
pub use request::SseRequest;
pub use signal::ServerSignal;
pub use stats::HubStats;
pub use subscription::Subscription;

use crate::{
    Epoch, Error, Key,
    protocol::{Cursor, Refused},
};
use connections::Connections;
use encode::{Draft, Kind};
use follow::Followed;
use log::{Bounds, History, Log};
use provider::Provider;
use serde::Serialize;
use signal::Core;
use stats::{Counters, count};
use std::{
    borrow::Cow,
    collections::HashMap,
    convert::Infallible,
    fmt::{self, Display},
    future::Future,
    mem,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use subscription::Asked;
use topic::{Source, Topic};
use tracing::field::display;

/// The server's signals and feeds, for everyone to follow.
///
/// Clones are handles to the same hub. It is embedded: nothing is to be installed or run beside it. What is written is
/// compared once and encoded once, however many follow.
///
/// ```
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
    inner: Arc<Inner>,
}

/// What signals and feeds know of their hub.
#[derive(Debug)]
struct Shared {
    log: Log,
    options: SseHubOptions,
    counters: Counters,
}

struct Inner {
    shared: Arc<Shared>,
    topics: RwLock<HashMap<Key, Arc<Topic>>>,
    providers: RwLock<HashMap<Key, Arc<Provider>>>,
    connections: Connections,
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
    /// What [`try_signal`](Self::try_signal) refuses is logged; the signal then works, but nobody can follow it.
    pub fn signal<T: Serialize + Send + Sync + 'static>(&self, initial: T) -> ServerSignal<T> {
        self.or_alone(Ok(Key::of::<T>()), initial)
    }

    /// One signal of many of `T`, by an id: the one that is there, or a new one with this value.
    ///
    /// Its key is the name of the type, a colon, and the id. As for errors, see [`signal`](Self::signal).
    pub fn signal_for<T: Serialize + Send + Sync + 'static>(&self, id: impl Display, initial: T) -> ServerSignal<T> {
        self.or_alone(Key::of::<T>().with_id(id), initial)
    }

    /// A signal with a key of one's own: the one that is there, or a new one with this value.
    ///
    /// As for errors, see [`signal`](Self::signal).
    pub fn signal_named<T: Serialize + Send + Sync + 'static>(
        &self,
        key: impl Into<Cow<'static, str>>,
        initial: T,
    ) -> ServerSignal<T> {
        self.or_alone(Key::new(key), initial)
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

    /// Has the signals of many of `T` made when they are first asked for, by their id; none where there is no such thing,
    /// which refuses the key.
    ///
    /// Such a signal is let go [some time](SseHubOptions::linger) after its last follower left, unless someone holds its
    /// [`ServerSignal`]. The last provider of a type counts.
    ///
    /// ```
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
    }

    /// One signal of many of `T`: the one that is there, or the one that its [provider](Self::provide) makes; none where
    /// there is neither.
    pub async fn load<T: Serialize + Send + Sync + 'static>(&self, id: impl Display) -> Option<ServerSignal<T>> {
        match Key::of::<T>().with_id(id) {
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
        let feed = Key::new(key).and_then(|key| self.try_feed(key));
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
    /// and comes back for a new decision.
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
        for topic in self.inner.topics().values() {
            match topic.state().source {
                Source::Signal(_) => stats.signals += 1,
                Source::Feed { .. } => stats.feeds += 1,
                Source::Vacant | Source::Loading => {}
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

impl Default for Inner {
    fn default() -> Self {
        Self::new(SseHubOptions::default())
    }
}

impl Inner {
    fn new(options: SseHubOptions) -> Self {
        let log = Log::new(Epoch::from_random(fastrand::u64(..)));
        let shared = Arc::new(Shared { log, options, counters: Counters::default() });
        Self { shared, topics: RwLock::default(), providers: RwLock::default(), connections: Connections::default() }
    }

    fn signal<T: Send + Sync + 'static>(&self, key: &Key) -> Result<Option<ServerSignal<T>>, Error> {
        let Some(topic) = self.topics().get(key).cloned() else { return Ok(None) };
        // Not while the topics are locked.
        topic.signal()
    }

    /// Makes a signal, or gives the one that someone else just made; where there can be none the value comes back.
    fn make<T: Serialize + Send + Sync + 'static>(
        &self,
        key: Key,
        initial: T,
        provided: bool,
    ) -> Result<ServerSignal<T>, (Error, T)> {
        let first = match self.shared.first_document(&key, &initial) {
            Ok(first) => first,
            Err(error) => return Err((error, initial)),
        };
        let draft = match topic::snapshot_draft(&topic::json_name(&key), self.shared.log.epoch(), &first.value) {
            Ok(draft) => draft,
            Err(error) => return Err((Error::serialize(key.as_str(), error), initial)),
        };
        let (topic, core) = {
            let mut topics = self.topics_mut();
            let topic = self.topic(&mut topics, key);
            match topic.signal() {
                Ok(Some(signal)) => {
                    // The value is dropped after the lock.
                    drop(topics);
                    return Ok(signal);
                }
                Ok(None) => {}
                Err(error) => {
                    drop(topics);
                    return Err((error, initial));
                }
            }
            let core = Core::new(topic.clone(), self.shared.clone(), initial, first);
            core.begin(draft, provided);
            (topic, core)
        };
        topic.waiting.wake_all();
        Ok(ServerSignal(core))
    }

    fn feed<E: Serialize + 'static>(&self, key: Key) -> Result<ServerFeed<E>, Error> {
        let item = std::any::type_name::<E>();
        let (topic, born) = {
            let mut topics = self.topics_mut();
            let topic = self.topic(&mut topics, key);
            let held = topic.state().source.clone();
            let born = match held {
                Source::Vacant | Source::Loading => self.shared.begin_feed::<E>(&topic),
                Source::Feed { item: held, born, .. } if held == item => born,
                Source::Feed { item: held, .. } => return Err(Error::taken(topic.key.as_str(), held, item)),
                Source::Signal(held) => return Err(Error::taken(topic.key.as_str(), held.type_name(), item)),
            };
            (topic, born)
        };
        topic.waiting.wake_all();
        Ok(ServerFeed::new(topic, self.shared.clone(), born))
    }

    fn remove(&self, key: &Key) -> bool {
        let mut source = Source::Vacant;
        let topic = {
            let mut topics = self.topics_mut();
            let Some(topic) = topics.get(key).cloned() else { return false };
            let draft = Draft::new(Kind::Removed, &topic.name, self.shared.log.epoch(), |_| Ok::<_, Infallible>(()));
            let Ok(draft) = draft;
            let removed = self.shared.log.begin(&topic, Some(draft), |state, _| {
                let there = matches!(state.source, Source::Signal(_) | Source::Feed { .. });
                if there {
                    mem::swap(&mut state.source, &mut source);
                    state.provided = false;
                }
                there
            });
            if removed.is_err() {
                return false;
            }
            if topic.state().followers == 0 {
                topics.remove(key);
            }
            topic
        };
        topic.waiting.wake_all();
        // Not under a lock, as it may run code of the user.
        drop(source);
        true
    }

    fn subscribe(self: &Arc<Self>, request: SseRequest) -> Result<Subscription, SseRefusal> {
        let options = &self.shared.options;
        let SseRequest { mut ask, last_event_id, len, forbidden, user, address, lasts } = request;
        if len > options.max_request_len {
            return Err(SseRefusal::too_long(len, options.max_request_len));
        }
        let member = self.connections.admit(options, user, address)?;
        let keys = ask.keys.len();
        let span = tracing::debug_span!("sse", user = member.user(), address = address.map(display), keys);
        ask.resume(self.shared.log.epoch(), last_event_id.as_ref());
        let too_many =
            ask.keys.split_off(keys.min(options.max_keys)).into_iter().map(|(key, _)| (key, "too many keys"));
        let forbidden = forbidden.into_iter().map(|key| (key, "forbidden"));
        let refused = too_many.chain(forbidden).map(|(name, reason)| Refused { name, reason: reason.to_owned() });
        let refused = refused.take(options.max_keys).collect::<Vec<_>>();
        count(&self.shared.counters.refused, refused.len());
        let asked = span.in_scope(|| {
            let asked = || ask.keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" ");
            tracing::debug!(asked = asked(), refused = refused.len(), "a client has come");
            for Refused { name, reason } in &refused {
                tracing::debug!(key = %name, reason, "a key was refused");
            }
            let follow = |(key, seq)| Asked { followed: Followed::new(self, &key), seq };
            ask.keys.into_iter().map(follow).collect()
        });
        Ok(Subscription::new(self.clone(), member, asked, refused, lasts, span))
    }

    /// One follower of a topic less.
    fn unfollow(self: &Arc<Self>, topic: &Arc<Topic>) {
        topic.state().followers -= 1;
        self.leave_if_idle(topic);
    }

    /// Lets a topic go that nobody follows: at once where there is nothing, later where a provider made it.
    fn leave_if_idle(self: &Arc<Self>, topic: &Arc<Topic>) {
        let provided = {
            let mut topics = self.topics_mut();
            let state = topic.state();
            if state.followers > 0 {
                return;
            }
            if matches!(state.source, Source::Vacant)
                && topics.get(&topic.key).is_some_and(|held| Arc::ptr_eq(held, topic))
            {
                topics.remove(&topic.key);
            }
            state.provided
        };
        if provided {
            provider::let_go_later(self, topic);
        }
    }

    /// Who makes the signal of a key, and its id.
    fn provider(&self, key: &Key) -> Option<(Arc<Provider>, String)> {
        let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
        if providers.is_empty() {
            return None;
        }
        // The longest name first; an id may have a colon, too.
        let (provider, id) = key.as_str().rmatch_indices(':').find_map(|(colon, _)| {
            let (name, id) = (&key.as_str()[..colon], &key.as_str()[colon + 1..]);
            let provider = providers.get(&Key::new(name.to_owned()).ok()?)?;
            (!id.is_empty()).then_some((provider, id))
        })?;
        Some((provider.clone(), id.to_owned()))
    }

    fn topic(&self, topics: &mut HashMap<Key, Arc<Topic>>, key: Key) -> Arc<Topic> {
        let topic = topics.entry(key).or_insert_with_key(|key| Arc::new(self.shared.new_topic(key.clone())));
        topic.clone()
    }

    fn topics(&self) -> RwLockReadGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn topics_mut(&self) -> RwLockWriteGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn new_topic(&self, key: Key) -> Topic {
        let SseHubOptions { history_len: len, history_bytes: bytes, .. } = self.options;
        Topic::new(key, History::new(Bounds { len, bytes, least: 0 }))
    }

    /// Makes a topic a feed, and gives the seq that it begins with.
    fn begin_feed<E>(&self, topic: &Topic) -> u64 {
        let mut begun = 0;
        let begin = self.log.begin(topic, None, |state, born| {
            begun = born;
            state.source = Source::Feed { item: std::any::type_name::<E>(), born, replay: usize::MAX };
            let SseHubOptions { feed_len: len, feed_bytes: bytes, .. } = self.options;
            state.history.set_bounds(Bounds { len, bytes, least: 1 });
            true
        });
        begin.unwrap_or(begun)
    }
}

#[cfg(test)]
mod tests;
