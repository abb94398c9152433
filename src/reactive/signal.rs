//! The signal of a key: it takes each value of its document as a whole, or rebuilds it in place.

use super::follow::Form;
use leptos::prelude::{ArcReadSignal, ArcRwSignal, Notify, ReadUntracked, Write};
use leptos_sse_client::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
};
use leptos_sse_core::{Error, Rebuild, document::Document, patch::Touch, rebuild::prepare};
use serde::de::DeserializeOwned;
use std::{
    any::TypeId,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// A signal that takes the values of its key.
pub(crate) struct Signal<T> {
    value: ArcRwSignal<T>,
    /// How its parts are rebuilt, once one of its users has asked for that.
    in_place: OnceLock<InPlace<T>>,
    /// Whether the value is the one of the document as it is before the next change. It is not before the first one, nor
    /// after one that could not be read.
    in_step: AtomicBool,
}

/// Rebuilds what was touched. Whether that could be done: the value is what it was, if not.
type InPlace<T> = fn(&ArcRwSignal<T>, &Document, &[Touch]) -> bool;

impl<T: 'static> Signal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: ArcRwSignal::new(value), in_place: OnceLock::new(), in_step: AtomicBool::new(false) }
    }

    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(super) fn value(&self) -> &ArcRwSignal<T> {
        &self.value
    }

    pub(super) fn read_only(&self) -> ArcReadSignal<T> {
        self.value.read_only()
    }

    /// From now on it rebuilds what was touched, for all who share it.
    pub(crate) fn rebuild_in_place(&self)
    where
        T: Rebuild + Send + Sync,
    {
        // When it is set already, it is this one.
        let _ = self.in_place.set(rebuild);
    }

    fn rebuild(&self, document: &Document, touches: Option<&[Touch]>) -> bool {
        match (self.in_place.get(), touches) {
            (Some(in_place), Some(touches)) => in_place(&self.value, document, touches),
            _ => false,
        }
    }
}

impl<T: Default + DeserializeOwned + Send + Sync + 'static> Form for Signal<T> {
    fn restart(&self, document: Option<&Document>) -> Result<(), Error> {
        let shown = match document {
            Some(document) => self.accept(document, None),
            None => change(&self.value, |held| *held = T::default()).ok_or_else(Error::borrowed),
        };
        // The next change starts from the document of the connection, which is another one.
        self.in_step.store(false, Ordering::Relaxed);
        shown
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Subscriber for Signal<T> {
    fn describe() -> SubscriberType {
        SubscriberType {
            kind: KeyKind::Signal,
            watches: false,
            name: std::any::type_name::<T>(),
            value: Some(TypeId::of::<T>()),
        }
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        let was_in_step = self.in_step.swap(false, Ordering::Relaxed);
        if !(was_in_step && self.rebuild(document, touches)) {
            let value = document.read()?;
            change(&self.value, |held| *held = value).ok_or_else(Error::borrowed)?;
        }
        self.in_step.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn take(&self, step: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }
}

/// What is followed as a signal is a feed.
///
/// # Errors
///
/// With its start: it is told once, and not with each event.
pub(crate) fn unlike(step: FeedOutcome) -> Result<(), Error> {
    match step {
        FeedOutcome::Start | FeedOutcome::StartAfterGap => Err(Error::other_kind("feed", "use_sse::<E>().feed()")),
        FeedOutcome::Repeat | FeedOutcome::Gap | FeedOutcome::Next => Ok(()),
    }
}

fn rebuild<T: Rebuild + Send + Sync + 'static>(
    signal: &ArcRwSignal<T>,
    document: &Document,
    touches: &[Touch],
) -> bool {
    let Some(value) = signal.try_read_untracked() else { return false };
    let prepared = prepare(&*value, document, touches);
    drop(value);
    // What cannot be read in part is read as a whole then, which says what is wrong.
    prepared.is_ok_and(|part| change(signal, |value| value.rebuild(part)).is_some())
}

/// Changes the value, and then tells those who follow it. None, and not a wait without end, when somebody holds a guard of
/// the value, as across an `.await`.
pub(crate) fn change<T: Send + Sync + 'static>(signal: &ArcRwSignal<T>, change: impl FnOnce(&mut T)) -> Option<()> {
    let mut value = signal.try_write_untracked()?;
    change(&mut value);
    drop(value);
    signal.notify();
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_is_followed_as_a_signal_is_told_once() {
        let signal = Signal::new(7_u8);
        let error = signal.take(FeedOutcome::Start, None).unwrap_err();
        assert!(error.is_type_conflict() && error.to_string().contains("use_sse::<E>().feed()"), "{error}");
        signal.take(FeedOutcome::Next, Some(Document::default())).unwrap();
    }
}
