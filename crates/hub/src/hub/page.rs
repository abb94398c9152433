//! What a page that the server renders has of a hub.

use super::{SseHub, topic::Source};
use leptos_sse_core::{
    Document,
    protocol::{Cursor, Epoch, Key},
};

impl SseHub {
    /// The document of a signal as it is now, and the place in the hub's writes that it belongs to; none where there is no
    /// such signal. Nothing is made or loaded for it.
    #[doc(hidden)]
    pub fn glance(&self, key: &Key) -> Option<(Document, Cursor)> {
        // Not while the topics are locked.
        let topic = self.inner.topics().get(key).cloned()?;
        let source = topic.state().source.clone();
        let Source::Signal(signal) = source else { return None };
        let (seq, document) = signal.document();
        Some((document, Cursor { epoch: self.epoch().clone(), seq }))
    }

    /// What the hub's seqs belong to.
    #[doc(hidden)]
    pub fn epoch(&self) -> &Epoch {
        self.inner.shared.log.epoch()
    }
}
