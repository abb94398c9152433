//! Subscribers that show what they are given, without a framework.

use crate::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, document::Document, patch::Touch};
use serde::de::DeserializeOwned;
use std::{
    any::{TypeId, type_name},
    sync::{Arc, Mutex, Weak},
};

/// A value that tells its observers of each change. Clones share it.
pub(super) struct Observable<T>(Arc<Shared<T>>);

struct Shared<T> {
    value: Mutex<T>,
    observers: Mutex<Vec<Weak<Call>>>,
}

type Call = dyn Fn() + Send + Sync;

/// Calls its function until it is dropped.
pub(super) struct Observer(#[expect(dead_code, reason = "it is held to be called")] Arc<Call>);

impl<T> Clone for Observable<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Observable<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Shared { value: Mutex::new(value), observers: Mutex::default() }))
    }

    pub(super) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.0.value.lock().unwrap())
    }

    pub(super) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Calls the function now and after each change, with no lock held.
    pub(super) fn observe(&self, call: impl Fn() + Send + Sync + 'static) -> Observer {
        call();
        let observer: Arc<Call> = Arc::new(call);
        self.0.observers.lock().unwrap().push(Arc::downgrade(&observer));
        Observer(observer)
    }

    fn set(&self, value: T) {
        let before = std::mem::replace(&mut *self.0.value.lock().unwrap(), value);
        drop(before);
        let observers: Vec<_> = self.0.observers.lock().unwrap().iter().filter_map(Weak::upgrade).collect();
        observers.iter().for_each(|call| call());
    }
}

/// Shows the last document that it could read.
pub(super) struct Signal<T>(Observable<T>);

impl<T> Signal<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Observable::new(value))
    }

    pub(super) fn value(&self) -> &Observable<T> {
        &self.0
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Subscriber for Signal<T> {
    fn describe() -> SubscriberType {
        SubscriberType { kind: KeyKind::Signal, watches: false, name: type_name::<T>(), value: Some(TypeId::of::<T>()) }
    }

    fn accept(&self, document: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        document.read().map(|value| self.0.set(value))
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }
}

/// The same, and `None` before the first document and after a removal.
pub(super) struct Optional<T>(Observable<Option<T>>);

impl<T> Optional<T> {
    pub(super) fn empty() -> Self {
        Self(Observable::new(None))
    }

    pub(super) fn value(&self) -> &Observable<Option<T>> {
        &self.0
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Subscriber for Optional<T> {
    fn describe() -> SubscriberType {
        Signal::<T>::describe()
    }

    fn accept(&self, document: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        document.read().map(|value| self.0.set(Some(value)))
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }

    fn removed(&self) -> Result<(), Error> {
        self.0.set(None);
        Ok(())
    }
}

/// Shows where its key stands.
#[derive(Clone)]
pub(super) struct Status(Observable<SseSignalStatus>);

impl Status {
    pub(super) fn new() -> Self {
        Self(Observable::new(SseSignalStatus::default()))
    }

    pub(super) fn value(&self) -> &Observable<SseSignalStatus> {
        &self.0
    }
}

impl Subscriber for Status {
    fn describe() -> SubscriberType {
        SubscriberType { kind: KeyKind::Signal, watches: true, name: "Status", value: None }
    }

    fn accept(&self, _: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        Ok(())
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }

    fn status_changed(&self, status: &SseSignalStatus) -> Result<(), Error> {
        if self.0.with_untracked(|held| held != status) {
            self.0.set(status.clone());
        }
        Ok(())
    }
}
