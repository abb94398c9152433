use super::{follow::Form, signal::unlike};
use crate::store::StoreState;
use leptos_sse_client::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
};
use leptos_sse_core::{Error, Rebuild, document::Document, patch::Touch};
use std::any::TypeId;

/// A store that shows the default.
pub(super) fn held<T: Default + Send + Sync + 'static>() -> StoreState<T> {
    StoreState::new(T::default())
}

impl<T: Default + Rebuild + Send + Sync + 'static> Form for StoreState<T> {
    fn restart(&self, document: Option<&Document>) -> Result<(), Error> {
        StoreState::restart(self, document)
    }
}

impl<T: Rebuild + Send + Sync + 'static> Subscriber for StoreState<T> {
    fn describe() -> SubscriberType {
        SubscriberType {
            kind: KeyKind::Signal,
            watches: false,
            name: std::any::type_name::<T>(),
            value: Some(TypeId::of::<T>()),
        }
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.follow(document, touches)
    }

    fn take(&self, step: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }
}
