use super::{
    follow::{Form, follow},
    id::Choice,
    on_error::report,
    signal::{change, unlike},
};
use leptos::prelude::{ArcRwSignal, ReadSignal, WithUntracked};
use leptos_sse_client::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
};
use leptos_sse_core::{
    Error,
    document::{Document, Node},
    patch::{Pointer, Touch},
};
use serde::de::DeserializeOwned;
use std::{
    any::type_name,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Follows one part. A text that is not a pointer is reported, and the signal stays `None`.
pub(super) fn follow_part<U>(choice: Choice, pointer: &str) -> ReadSignal<Option<U>>
where
    U: DeserializeOwned + Send + Sync + 'static,
{
    let signal = match Pointer::parse(pointer) {
        Ok(pointer) => follow(choice, &|| Part::<U>::new(pointer.clone())).scoped().signal.clone(),
        Err(error) => {
            report(choice.base.as_ref().ok(), &error);
            ArcRwSignal::new(None)
        }
    };
    signal.read_only().into()
}

/// One part of the documents of a key.
struct Part<U> {
    pointer: Pointer,
    signal: ArcRwSignal<Option<U>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The part as it was the last time; a copy, since who holds a document makes each change of it one.
    node: Option<Node>,
    /// Whether the signal could not show it.
    is_behind: bool,
}

impl<U> Part<U> {
    fn new(pointer: Pointer) -> Self {
        Self { pointer, signal: ArcRwSignal::new(None), seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the part is another one than the one before, as far as that can be told without a look at it.
    fn may_differ(&self, touches: Option<&[Touch]>) -> bool {
        let is_touched = |touches: &[Touch]| touches.iter().any(|touch| touch.crosses(&self.pointer));
        touches.is_none_or(is_touched) || self.seen().is_behind
    }

    /// Whether the part is another one than the one before, which it takes the place of.
    fn see(&self, node: Option<&Node>) -> bool {
        let mut seen = self.seen();
        let is_same = !seen.is_behind && seen.node.as_ref() == node;
        if !is_same {
            *seen = Seen { node: node.cloned(), is_behind: true };
        }
        !is_same
    }
}

impl<U: DeserializeOwned + Send + Sync + 'static> Part<U> {
    fn show(&self, node: Option<&Node>) -> Result<(), Error> {
        let read = |node: &Node| node.read().map_err(|error| node.unreadable::<U>(error));
        let part = node.map(read).transpose()?;
        // One that was none is none still.
        if part.is_some() || self.signal.with_untracked(Option::is_some) {
            change(&self.signal, |held| *held = part).ok_or_else(Error::borrowed)?;
        }
        self.seen().is_behind = false;
        Ok(())
    }
}

impl<U: DeserializeOwned + Send + Sync + 'static> Form for Part<U> {
    const IS_SHARED: bool = false;

    fn restart(&self, document: Option<&Document>) -> Result<(), Error> {
        document.map_or_else(|| self.removed(), |document| self.accept(document, None))
    }
}

impl<U: DeserializeOwned + Send + Sync + 'static> Subscriber for Part<U> {
    fn describe() -> SubscriberType {
        SubscriberType { kind: KeyKind::Signal, watches: false, name: type_name::<U>(), value: None }
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        if !self.may_differ(touches) {
            return Ok(());
        }
        let node = self.pointer.find(document.root());
        if self.see(node) { self.show(node) } else { Ok(()) }
    }

    fn take(&self, step: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }

    fn removed(&self) -> Result<(), Error> {
        if self.see(None) { self.show(None) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
