use super::{
    follow::Form,
    signal::{Signal, change, unlike},
};
use leptos::prelude::{ArcRwSignal, WithUntracked};
use leptos_sse_client::{
    feeds::FeedOutcome,
    registry::{Subscriber, SubscriberType},
};
use leptos_sse_core::{Error, document::Document, patch::Touch};
use serde::de::DeserializeOwned;

/// A signal of a value that the server may not have. It is not a [`Signal`] of an `Option`, which reads `null` as `None`.
pub(crate) struct Optional<T>(ArcRwSignal<Option<T>>);

impl<T: Send + Sync + 'static> Optional<T> {
    pub(crate) fn new(shown: Option<T>) -> Self {
        Self(ArcRwSignal::new(shown))
    }

    pub(crate) fn signal(&self) -> &ArcRwSignal<Option<T>> {
        &self.0
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Form for Optional<T> {
    fn restart(&self, document: Option<&Document>) -> Result<(), Error> {
        let shown = document.map(Document::read).transpose()?;
        change(&self.0, |held| *held = shown).ok_or_else(Error::borrowed)
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Subscriber for Optional<T> {
    fn describe() -> SubscriberType {
        Signal::<T>::describe()
    }

    fn accept(&self, document: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        self.restart(Some(document))
    }

    fn take(&self, step: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }

    fn removed(&self) -> Result<(), Error> {
        if self.0.with_untracked(Option::is_some) { self.restart(None) } else { Ok(()) }
    }
}
