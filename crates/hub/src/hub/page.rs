//! The hub's part in pages that the server renders.

use super::{sse_hub::SseHub, topic::TopicSource};
use leptos_sse_core::{
    Document,
    protocol::{Cursor, Epoch, Key},
};

impl SseHub {
    /// The current document of a signal, and its place in the writes of the hub; `None` where there is no such signal. Nothing is
    /// made or loaded for it.
    #[doc(hidden)]
    pub fn glance(&self, key: &Key) -> Option<(Document, Cursor)> {
        let topic = self.registry.topics().get(key).cloned()?;
        // The topics are no longer locked.
        let source = topic.state().source.clone();
        let TopicSource::Signal(signal) = source else { return None };
        let (seq, document) = signal.document();
        Some((document, self.registry.log.cursor(seq)))
    }

    /// The epoch of the hub's seqs.
    #[doc(hidden)]
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        self.registry.log.epoch()
    }
}
