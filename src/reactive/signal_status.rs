use super::{follow::Form, signal::change};
use leptos::prelude::{ArcRwSignal, WithUntracked};
use leptos_sse_client::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, document::Document, patch::Touch};

/// A signal of where a key stands.
pub(crate) struct Status(ArcRwSignal<SseSignalStatus>);

impl Status {
    pub(crate) fn new(shown: SseSignalStatus) -> Self {
        Self(ArcRwSignal::new(shown))
    }

    pub(crate) fn signal(&self) -> &ArcRwSignal<SseSignalStatus> {
        &self.0
    }
}

impl Form for Status {
    /// A status has no first value.
    fn restart(&self, _: Option<&Document>) -> Result<(), Error> {
        self.status_changed(&SseSignalStatus::default())
    }
}

impl Subscriber for Status {
    fn describe() -> SubscriberType {
        SubscriberType { kind: KeyKind::Signal, watches: true, name: "SseSignalStatus", value: None }
    }

    fn accept(&self, _: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        Ok(())
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }

    fn status_changed(&self, status: &SseSignalStatus) -> Result<(), Error> {
        if self.0.with_untracked(|held| held == status) {
            return Ok(());
        }
        change(&self.0, |held| held.clone_from(status)).ok_or_else(Error::borrowed)
    }
}
