use super::{
    Shared,
    encode::{Draft, Kind, Plain},
    stats::count,
    topic::{Source, Topic},
};
use leptos_sse_core::{Document, Error, Key};
use serde::Serialize;
use std::{fmt, marker::PhantomData, sync::Arc};

/// A series of events that everyone can follow: chat lines, log lines, notifications.
///
/// Clones are handles to the same feed. It keeps its latest events for those who come later and for those who come back;
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
/// let log = hub.feed::<LogLine>("build-7");
/// log.push(LogLine { text: "Compiling".to_owned() });
/// ```
pub struct ServerFeed<E> {
    topic: Arc<Topic>,
    shared: Arc<Shared>,
    born: u64,
    item: PhantomData<fn(E)>,
}

impl<E> ServerFeed<E> {
    pub(super) fn new(topic: Arc<Topic>, shared: Arc<Shared>, born: u64) -> Self {
        Self { topic, shared, born, item: PhantomData }
    }

    /// The key that clients follow it by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.topic.key
    }

    /// Sets how many of the events that it keeps are given to one who is new to it. Default is all; with 0 a newcomer is
    /// given only what is pushed from then on, as suits notifications.
    pub fn replay(&self, events: usize) {
        if let Source::Feed { born, replay, .. } = &mut self.topic.state().source
            && *born == self.born
        {
            *replay = events;
        }
    }
}

impl<E: Serialize> ServerFeed<E> {
    /// Appends an event. One that [`try_push`](Self::try_push) refuses is logged.
    pub fn push(&self, event: E) {
        if let Err(error) = self.try_push(&event) {
            tracing::error!(key = %self.key(), %error, "an event was not pushed");
        }
    }

    /// Appends an event, and gives its seq.
    ///
    /// # Errors
    ///
    /// When the event cannot be written as JSON or is nested deeper than 120 levels ([`is_serialize`](Error::is_serialize),
    /// with the place); when it is larger than the hub takes ([`is_too_large`](Error::is_too_large)); and when the feed was
    /// removed.
    pub fn try_push(&self, event: &E) -> Result<u64, Error> {
        let (key, epoch) = (self.key().as_str(), self.shared.log.epoch());
        let item = Document::of(event)?;
        let draft = Draft::new(Kind::Feed, &self.topic.name, epoch, |body| item.root().write(body));
        let (len, max) = (draft.body().len(), self.shared.options.max_value_len);
        if len > max {
            return Err(Error::too_large(key, len, max));
        }
        let appended = self.shared.log.append(
            &self.topic,
            draft,
            Plain::Same,
            |topic| matches!(topic.source, Source::Feed { born, .. } if born == self.born),
        );
        let seq = appended.map_err(|_| Error::removed(key))?;
        count(&self.shared.counters.updates, 1);
        self.topic.waiting.wake_all();
        Ok(seq)
    }
}

impl<E> Clone for ServerFeed<E> {
    fn clone(&self) -> Self {
        Self::new(self.topic.clone(), self.shared.clone(), self.born)
    }
}

impl<E> fmt::Debug for ServerFeed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerFeed").field("key", self.key()).finish_non_exhaustive()
    }
}
