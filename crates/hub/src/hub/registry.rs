//! The topics of a hub by their keys, and their beginning and end.

use super::{
    connections::Connections,
    encode::{Draft, EventKind},
    engine::Link,
    feed::{self, ServerFeed},
    idle::Idle,
    log::Log,
    options::SseHubOptions,
    signal::{self, FirstDocument, ServerSignal, SignalCore},
    topic::{self, Topic, TopicSource},
};
use futures::future::BoxFuture;
use leptos_sse_core::{Error, Key};
use serde::Serialize;
use std::{
    collections::HashMap,
    mem,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak},
};
use tokio::sync::Semaphore;

/// Makes the signal of a key and an id, and says whether there is one.
pub(super) type Provider = dyn Fn(Weak<Registry>, Key, String) -> BoxFuture<'static, bool> + Send + Sync;

/// The state of a hub, which all its handles share.
pub(super) struct Registry {
    pub(super) log: Arc<Log>,
    topics: RwLock<HashMap<Key, Arc<Topic>>>,
    pub(super) providers: RwLock<HashMap<Key, Arc<Provider>>>,
    pub(super) connections: Connections,
    pub(super) idle: Idle,
    /// How many providers may be at work at once.
    pub(super) loads: Arc<Semaphore>,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new(SseHubOptions::default(), None)
    }
}

impl Drop for Registry {
    /// A signal holds its topic, and the topic its signal.
    fn drop(&mut self) {
        let topics = mem::take(self.topics.get_mut().unwrap_or_else(PoisonError::into_inner));
        for topic in topics.into_values() {
            let source = mem::replace(&mut topic.state().source, TopicSource::Vacant);
            drop(source);
        }
    }
}

impl Registry {
    pub(super) fn new(options: SseHubOptions, link: Option<Arc<Link>>) -> Self {
        Self {
            loads: Arc::new(Semaphore::new(options.max_loading.clamp(1, Semaphore::MAX_PERMITS))),
            log: Arc::new(Log::new(options, link)),
            topics: RwLock::default(),
            providers: RwLock::default(),
            connections: Connections::default(),
            idle: Idle::default(),
        }
    }

    pub(super) fn signal<T: Send + Sync + 'static>(&self, key: &Key) -> Result<Option<ServerSignal<T>>, Error> {
        let Some(topic) = self.topics().get(key).cloned() else { return Ok(None) };
        // The topics are no longer locked.
        signal::of_topic(&topic)
    }

    /// Makes a signal, or gives the one that someone else has just made. With an error the value comes back.
    pub(super) fn make<T: Serialize + Send + Sync + 'static>(
        &self,
        key: Key,
        initial: T,
        provided: bool,
    ) -> Result<ServerSignal<T>, (Error, T)> {
        let first = match FirstDocument::of(&self.log.options, &key, &initial) {
            Ok(first) => first,
            Err(error) => return Err((error, initial)),
        };
        let draft = topic::snapshot_draft(&topic::json_name(&key), self.log.epoch(), &first.document);
        let (topic, core) = {
            let mut topics = self.topics_mut();
            let topic = self.topic(&mut topics, key);
            match signal::of_topic(&topic) {
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
            let core = SignalCore::new(topic.clone(), self.log.clone(), initial, first);
            core.begin(draft, provided);
            (topic, core)
        };
        topic.waiters.wake_all();
        Ok(ServerSignal(core))
    }

    pub(super) fn feed<E: Serialize + 'static>(&self, key: Key) -> Result<ServerFeed<E>, Error> {
        let item = std::any::type_name::<E>();
        let (topic, born) = {
            let mut topics = self.topics_mut();
            let topic = self.topic(&mut topics, key);
            let held = topic.state().source.clone();
            let born = match held {
                TopicSource::Vacant | TopicSource::Loading { .. } => feed::begin::<E>(&self.log, &topic),
                TopicSource::Feed { item: held, born, .. } if held == item => born,
                TopicSource::Feed { item: held, .. } => return Err(Error::taken(topic.key.as_str(), held, item)),
                TopicSource::Signal(held) => return Err(Error::taken(topic.key.as_str(), held.type_name(), item)),
            };
            (topic, born)
        };
        topic.waiters.wake_all();
        Ok(ServerFeed::new(topic, self.log.clone(), born))
    }

    /// Removes a signal or a feed, and gives the seq of the removal; `None` where there is neither.
    pub(super) fn remove(&self, key: &Key) -> Option<u64> {
        let mut source = TopicSource::Vacant;
        let (topic, seq) = {
            let mut topics = self.topics_mut();
            let topic = topics.get(key).cloned()?;
            let draft = Draft::new(EventKind::Removed, &topic.name, self.log.epoch(), |_| ());
            let removed = self.log.begin(&topic, Some(draft), |state, _| {
                let there = matches!(state.source, TopicSource::Signal(_) | TopicSource::Feed { .. });
                if there {
                    mem::swap(&mut state.source, &mut source);
                    state.provided = false;
                }
                there
            });
            let seq = removed.ok()?;
            if topic.state().subscribers == 0 {
                topics.remove(key);
            }
            (topic, seq)
        };
        topic.waiters.wake_all();
        // Not under a lock, as it may run code of the user.
        drop(source);
        Some(seq)
    }

    /// Adds a subscriber to a topic.
    fn add_subscriber(topic: &Arc<Topic>, string_edits: bool) -> Arc<Topic> {
        let mut state = topic.state();
        state.subscribers += 1;
        state.plain_subscribers += usize::from(!string_edits);
        state.visits += 1;
        topic.clone()
    }

    /// The topic of a key, with one subscriber more.
    pub(super) fn follow(&self, key: &Key, string_edits: bool) -> Arc<Topic> {
        // While the topics are locked, so that the topic is not evicted in between.
        if let Some(topic) = self.topics().get(key) {
            return Self::add_subscriber(topic, string_edits);
        }
        let mut topics = self.topics_mut();
        Self::add_subscriber(&self.topic(&mut topics, key.clone()), string_edits)
    }

    /// The provider of a key, and the id in the key.
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

    fn topic(&self, topics: &mut HashMap<Key, Arc<Topic>>, key: Key) -> Arc<Topic> {
        let topic = topics.entry(key).or_insert_with_key(|key| Arc::new(self.log.new_topic(key.clone())));
        topic.clone()
    }

    pub(super) fn topics(&self) -> RwLockReadGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn topics_mut(&self) -> RwLockWriteGuard<'_, HashMap<Key, Arc<Topic>>> {
        self.topics.write().unwrap_or_else(PoisonError::into_inner)
    }
}
