//! The topics of a hub by their keys, and how they come and go.

use super::{
    ServerFeed, ServerSignal, SseHubOptions, SseRefusal, SseRequest, Subscription,
    connections::Connections,
    encode::{Draft, Kind},
    follow::Followed,
    idle::{self, Idle},
    log::{Bounds, History, Log},
    provider::Provider,
    signal::Core,
    stats::{Counters, count},
    subscription::Asked,
    topic::{self, Source, Topic},
};
use leptos_sse_core::{Epoch, Error, Key, protocol::Refused};
use serde::Serialize;
use std::{
    collections::HashMap,
    mem,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tokio::sync::Semaphore;

/// What signals and feeds know of their hub.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) log: Log,
    pub(super) options: SseHubOptions,
    pub(super) counters: Counters,
}

/// What all handles to a hub share.
pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    topics: RwLock<HashMap<Key, Arc<Topic>>>,
    pub(super) providers: RwLock<HashMap<Key, Arc<Provider>>>,
    pub(super) connections: Connections,
    pub(super) idle: Idle,
    /// How many providers may be at work at once.
    pub(super) loads: Arc<Semaphore>,
}

impl Default for Inner {
    fn default() -> Self {
        Self::new(SseHubOptions::default())
    }
}

impl Drop for Inner {
    /// A signal knows its topic, and the topic its signal.
    fn drop(&mut self) {
        let topics = mem::take(self.topics.get_mut().unwrap_or_else(PoisonError::into_inner));
        for topic in topics.into_values() {
            let source = mem::replace(&mut topic.state().source, Source::Vacant);
            drop(source);
        }
    }
}

impl Inner {
    pub(super) fn new(options: SseHubOptions) -> Self {
        let log = Log::new(Epoch::from_random(fastrand::u64(..)));
        let shared = Arc::new(Shared { log, options, counters: Counters::default() });
        Self {
            loads: Arc::new(Semaphore::new(shared.options.max_loading.clamp(1, Semaphore::MAX_PERMITS))),
            shared,
            topics: RwLock::default(),
            providers: RwLock::default(),
            connections: Connections::default(),
            idle: Idle::default(),
        }
    }

    pub(super) fn signal<T: Send + Sync + 'static>(&self, key: &Key) -> Result<Option<ServerSignal<T>>, Error> {
        let Some(topic) = self.topics().get(key).cloned() else { return Ok(None) };
        // Not while the topics are locked.
        topic.signal()
    }

    /// Makes a signal, or gives the one that someone else just made; where there can be none the value comes back.
    pub(super) fn make<T: Serialize + Send + Sync + 'static>(
        &self,
        key: Key,
        initial: T,
        provided: bool,
    ) -> Result<ServerSignal<T>, (Error, T)> {
        let first = match self.shared.first_document(&key, &initial) {
            Ok(first) => first,
            Err(error) => return Err((error, initial)),
        };
        let draft = topic::snapshot_draft(&topic::json_name(&key), self.shared.log.epoch(), &first.document);
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

    pub(super) fn feed<E: Serialize + 'static>(&self, key: Key) -> Result<ServerFeed<E>, Error> {
        let item = std::any::type_name::<E>();
        let (topic, born) = {
            let mut topics = self.topics_mut();
            let topic = self.topic(&mut topics, key);
            let held = topic.state().source.clone();
            let born = match held {
                Source::Vacant | Source::Loading { .. } => self.shared.begin_feed::<E>(&topic),
                Source::Feed { item: held, born, .. } if held == item => born,
                Source::Feed { item: held, .. } => return Err(Error::taken(topic.key.as_str(), held, item)),
                Source::Signal(held) => return Err(Error::taken(topic.key.as_str(), held.type_name(), item)),
            };
            (topic, born)
        };
        topic.waiting.wake_all();
        Ok(ServerFeed::new(topic, self.shared.clone(), born))
    }

    pub(super) fn remove(&self, key: &Key) -> bool {
        let mut source = Source::Vacant;
        let topic = {
            let mut topics = self.topics_mut();
            let Some(topic) = topics.get(key).cloned() else { return false };
            let draft = Draft::new(Kind::Removed, &topic.name, self.shared.log.epoch(), |_| ());
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

    pub(super) fn subscribe(self: &Arc<Self>, request: SseRequest) -> Result<Subscription, SseRefusal> {
        let options = &self.shared.options;
        let SseRequest { mut ask, last_event_id, len, forbidden, user, address, lasts, asked } = request;
        if len > options.max_request_len {
            return Err(SseRefusal::too_long(len, options.max_request_len));
        }
        let member = self.connections.admit(options, user, address, asked)?;
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
            // Before it is followed: a refusal may come at once, and is new to it.
            let head = self.shared.log.head();
            let string_edits = ask.string_edits;
            let follow = |(key, seq)| Asked { followed: Followed::new(self, &key, string_edits), seq, head };
            ask.keys.into_iter().map(follow).collect()
        });
        Ok(Subscription::new(self.clone(), member, asked, refused, lasts, span))
    }

    /// One follower of a key more.
    fn follower(topic: &Arc<Topic>, string_edits: bool) -> Arc<Topic> {
        let mut state = topic.state();
        state.followers += 1;
        state.plain_followers += usize::from(!string_edits);
        state.visits += 1;
        topic.clone()
    }

    /// The topic of a key, with one follower more.
    pub(super) fn follow(&self, key: &Key, string_edits: bool) -> Arc<Topic> {
        // While the topics are locked, so that it is not let go in between.
        if let Some(topic) = self.topics().get(key) {
            return Self::follower(topic, string_edits);
        }
        let mut topics = self.topics_mut();
        Self::follower(&self.topic(&mut topics, key.clone()), string_edits)
    }

    /// One follower of a topic less.
    pub(super) fn unfollow(self: &Arc<Self>, topic: &Arc<Topic>, string_edits: bool) {
        let left = {
            let mut state = topic.state();
            state.followers -= 1;
            state.plain_followers -= usize::from(!string_edits);
            state.followers
        };
        if left == 0 {
            self.leave_if_idle(topic);
        }
    }

    /// Lets a topic go that nobody follows: at once where there is nothing yet, later where a provider made it.
    pub(super) fn leave_if_idle(self: &Arc<Self>, topic: &Arc<Topic>) {
        let (visits, provided, source) = {
            let mut topics = self.topics_mut();
            let mut state = topic.state();
            if state.followers > 0 {
                return;
            }
            let mut source = Source::Vacant;
            if matches!(state.source, Source::Vacant | Source::Loading { .. }) {
                mem::swap(&mut state.source, &mut source);
                if topics.get(&topic.key).is_some_and(|held| Arc::ptr_eq(held, topic)) {
                    topics.remove(&topic.key);
                }
            }
            (state.visits, state.provided, source)
        };
        if let Source::Loading { abort: Some(abort), .. } = source {
            abort.abort();
        }
        if provided {
            idle::let_go_later(self, topic, visits);
        }
    }

    /// Who makes the signal of a key, and its id.
    pub(super) fn provider(&self, key: &Key) -> Option<(Arc<Provider>, String)> {
        let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
        if providers.is_empty() {
            return None;
        }
        // The longest name first; an id may have a colon, too.
        let (provider, id) = key.as_str().rmatch_indices(':').find_map(|(colon, _)| {
            let (name, id) = (&key.as_str()[..colon], &key.as_str()[colon + 1..]);
            let provider = providers.get(&Key::named(name.to_owned()).ok()?)?;
            (!id.is_empty()).then_some((provider, id))
        })?;
        Some((provider.clone(), id.to_owned()))
    }

    pub(super) fn topic(&self, topics: &mut HashMap<Key, Arc<Topic>>, key: Key) -> Arc<Topic> {
        let topic = topics.entry(key).or_insert_with_key(|key| Arc::new(self.shared.new_topic(key.clone())));
        topic.clone()
    }

    pub(super) fn topics(&self) -> RwLockReadGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn topics_mut(&self) -> RwLockWriteGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    pub(super) fn new_topic(&self, key: Key) -> Topic {
        let SseHubOptions { history_len: len, history_bytes: bytes, .. } = self.options;
        Topic::new(key, History::new(Bounds { len, bytes, least: 0 }))
    }

    /// Makes a topic a feed, and gives the seq that it begins with.
    pub(super) fn begin_feed<E>(&self, topic: &Topic) -> u64 {
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
