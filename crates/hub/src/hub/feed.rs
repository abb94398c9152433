use super::{
    encode::{Draft, EventKind, Plain},
    engine::Conflict,
    history::Bounds,
    log::Log,
    options::SseHubOptions,
    stats::count,
    topic::{Topic, TopicSource},
    write::{Outcome, ServerWrite, Written},
};
use leptos_sse_core::{Document, Error, Key};
use serde::Serialize;
use std::{fmt, marker::PhantomData, sync::Arc};

/// A series of events that everyone can follow: chat lines, log lines, notifications.
///
/// Clones are handles to the same feed. It keeps its latest events for readers that come later and for readers that come back;
/// each of them gets every event once and in order, or is told of the gap.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::SseHub;
/// # use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct LogLine { text: String }
///
/// let hub = SseHub::new();
/// let log = hub.feed_for::<LogLine>("build-7");
/// log.push(LogLine { text: "Compiling".to_owned() });
/// ```
pub struct ServerFeed<E> {
    topic: Arc<Topic>,
    log: Arc<Log>,
    born: u64,
    item: PhantomData<fn(E)>,
}

impl<E> ServerFeed<E> {
    pub(super) fn new(topic: Arc<Topic>, log: Arc<Log>, born: u64) -> Self {
        Self { topic, log, born, item: PhantomData }
    }

    /// A feed that nobody can follow.
    pub(super) fn alone(log: Arc<Log>) -> Self {
        let topic = Arc::new(log.new_topic(Key::of::<E>()));
        let born = begin::<E>(&log, &topic);
        Self::new(topic, log, born)
    }

    /// The key that clients follow it by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.topic.key
    }

    /// Sets how many of the events that it keeps are given to a reader that is new to it. Default is all; with 0 a new reader is
    /// given only what is pushed from then on, as suits notifications.
    pub fn replay(&self, events: usize) {
        if let TopicSource::Feed { born, replay, .. } = &mut self.topic.state().source
            && *born == self.born
        {
            *replay = events;
        }
    }
}

impl<E: Serialize> ServerFeed<E> {
    /// Appends an event.
    ///
    /// # Errors
    ///
    /// The [write](ServerWrite) fails when the event cannot be written as JSON or is nested deeper than 120 levels
    /// ([`is_serialize`](Error::is_serialize), with the place), when it is larger than the hub takes
    /// ([`is_too_large`](Error::is_too_large)), and when the feed was removed ([`is_removed`](Error::is_removed)).
    pub fn push(&self, event: E) -> ServerWrite<()> {
        let draft = match self.draft(&event) {
            Ok(draft) => draft,
            Err(error) => return ServerWrite::over(Outcome::failed(self.key().clone(), error)),
        };
        let Some(link) = &self.log.link else {
            return ServerWrite::over(append(&self.topic, &self.log, self.born, draft));
        };
        let (sender, write) = ServerWrite::under_way(self.key().clone());
        let (engine, topic, log, born) = (link.clone(), self.topic.clone(), self.log.clone(), self.born);
        let attempts = async move {
            let mut draft = Some(draft);
            let put = |()| draft.take().map(|draft| append(&topic, &log, born, draft)).ok_or(Conflict);
            let fail = |error| Outcome::failed(topic.key.clone(), error);
            sender.send(engine.attempt(&topic.key, || Ok(()), put, fail).await);
        };
        link.enqueue(self.key(), Box::pin(attempts));
        write
    }

    fn draft(&self, event: &E) -> Result<Draft, Error> {
        let item = Document::of(event)?;
        let draft = Draft::new(EventKind::Feed, &self.topic.name, self.log.epoch(), |body| item.root().write(body));
        let (len, max) = (draft.body().len(), self.log.options.max_value_len);
        if len > max { Err(Error::too_large(self.key().as_str(), len, max)) } else { Ok(draft) }
    }
}

/// Makes a topic a feed, and gives the seq that it begins with.
pub(super) fn begin<E>(log: &Log, topic: &Topic) -> u64 {
    let mut begun = 0;
    let begin = log.begin(topic, None, |state, born| {
        begun = born;
        state.source = TopicSource::Feed { item: std::any::type_name::<E>(), born, replay: usize::MAX };
        let SseHubOptions { feed_len: len, feed_bytes: bytes, .. } = log.options;
        state.history.set_bounds(Bounds { len, bytes, least: 1 });
        true
    });
    begin.unwrap_or(begun)
}

/// Appends an event to the life of a feed that began with `born`.
fn append(topic: &Topic, log: &Log, born: u64, draft: Draft) -> Outcome<(), Error> {
    let is_alive = |source: &TopicSource| matches!(source, TopicSource::Feed { born: held, .. } if *held == born);
    match log.append(topic, draft, Plain::Same, |state| is_alive(&state.source)) {
        Ok(seq) => {
            count(&log.counters.updates, 1);
            topic.waiters.wake_all();
            Outcome::Written(Written { value: (), changed: true, cursor: log.cursor(seq) })
        }
        Err(Conflict) => Outcome::failed(topic.key.clone(), Error::removed(topic.key.as_str())),
    }
}

impl<E> Clone for ServerFeed<E> {
    fn clone(&self) -> Self {
        Self::new(self.topic.clone(), self.log.clone(), self.born)
    }
}

impl<E> fmt::Debug for ServerFeed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerFeed").field("key", self.key()).finish_non_exhaustive()
    }
}
