use super::{
    on_error::{report, report_first},
    provider::use_connection,
    several::Member,
    shared::{change, unlike},
    value::initial_document,
};
use crate::browser::is_hydrating;
use leptos::{
    prelude::{ArcRwSignal, ReadSignal, WithUntracked, on_cleanup},
    task::spawn_local,
};
use leptos_sse_client::{
    feeds::Step,
    slots::{Follower, Kind},
};
use leptos_sse_core::{
    Error, Key,
    document::{Document, Node},
    patch::{Pointer, Touch},
};
use serde::de::DeserializeOwned;
use std::{
    any::{TypeId, type_name},
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A signal of one part of the server's value of `T`, which changes when that part does, and not else.
///
/// The part is found by a [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) into the value as JSON: `/rows/3/name`, and
/// the empty text for the whole. Only the part is read, and only when the server has touched it, so that it costs next to nothing
/// within a large value. It is none until the first value, and while there is no such part; a part that is no `U` is logged and
/// leaves the last good one. `T` is nothing but the key.
///
/// A path that closures can say, as one through an enum or by a key, is better said by [`create_sse_memo`](crate::create_sse_memo).
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::create_sse_part;
///
/// struct Settings;
///
/// #[component]
/// fn Title() -> impl IntoView {
///     let title = create_sse_part::<Settings, String>("/page/title");
///     view! { <h1>{move || title.get().unwrap_or_default()}</h1> }
/// }
/// ```
#[must_use]
pub fn create_sse_part<T, U>(pointer: impl Into<Cow<'static, str>>) -> ReadSignal<Option<U>>
where
    T: ?Sized,
    U: DeserializeOwned + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), pointer.into(), "create_sse_part")
}

/// A signal of one part of the server's value with this key; see [`create_sse_part`].
///
/// ```
/// # use leptos_sse::create_sse_part_named;
/// # fn component() {
/// let first = create_sse_part_named::<String>("names", "/0");
/// # }
/// ```
#[must_use]
pub fn create_sse_part_named<U>(
    key: impl Into<Cow<'static, str>>,
    pointer: impl Into<Cow<'static, str>>,
) -> ReadSignal<Option<U>>
where
    U: DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::named(key), pointer.into(), "create_sse_part_named")
}

/// The same as [`create_sse_part`].
#[must_use]
pub fn use_sse_part<T, U>(pointer: impl Into<Cow<'static, str>>) -> ReadSignal<Option<U>>
where
    T: ?Sized,
    U: DeserializeOwned + Send + Sync + 'static,
{
    follow(Ok(Key::of::<T>()), pointer.into(), "use_sse_part")
}

/// The same as [`create_sse_part_named`].
#[must_use]
pub fn use_sse_part_named<U>(
    key: impl Into<Cow<'static, str>>,
    pointer: impl Into<Cow<'static, str>>,
) -> ReadSignal<Option<U>>
where
    U: DeserializeOwned + Send + Sync + 'static,
{
    follow(Key::named(key), pointer.into(), "use_sse_part_named")
}

fn follow<U>(key: Result<Key, Error>, pointer: Cow<'static, str>, call: &'static str) -> ReadSignal<Option<U>>
where
    U: DeserializeOwned + Send + Sync + 'static,
{
    let document = initial_document(key.as_ref().ok());
    let known = key.as_ref().ok().cloned();
    let part = key.and_then(|key| Ok((key, Part::new(Pointer::parse(&pointer)?))));
    let followed = part.and_then(|(key, part)| {
        if let Some(Err(error)) = document.map(|document| part.accept(&document, None)) {
            report_first(&key, &error);
        }
        let part = Arc::new(part);
        let signal = part.signal.clone();
        let member = Arc::new(Member::new(&use_connection(call)?, &key, part)?);
        if is_hydrating() {
            // What hydrates must find what the server rendered.
            let hydrated = Arc::downgrade(&member);
            spawn_local(async move {
                if let Some(member) = hydrated.upgrade() {
                    member.begin();
                }
            });
        } else {
            member.begin();
        }
        on_cleanup(move || drop(member));
        Ok(signal)
    });
    let signal = followed.unwrap_or_else(|error| {
        report(known.as_ref(), &error);
        ArcRwSignal::new(None)
    });
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
        let read =
            |node: &Node| node.read().map_err(|error| Error::unreadable::<U>(error, &Document::new(node.clone())));
        let part = node.map(read).transpose()?;
        // One that was none is none still.
        if part.is_some() || self.signal.with_untracked(Option::is_some) {
            change(&self.signal, |held| *held = part).ok_or_else(Error::borrowed)?;
        }
        self.seen().is_behind = false;
        Ok(())
    }
}

impl<U: DeserializeOwned + Send + Sync + 'static> Follower for Part<U> {
    const KIND: Kind = Kind::Signal;

    fn type_name() -> &'static str {
        type_name::<U>()
    }

    fn value() -> Option<TypeId> {
        None
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        if !self.may_differ(touches) {
            return Ok(());
        }
        let node = self.pointer.find(document.root());
        if self.see(node) { self.show(node) } else { Ok(()) }
    }

    fn take(&self, step: Step, _: Option<Document>) -> Result<(), Error> {
        unlike(step)
    }

    fn removed(&self) -> Result<(), Error> {
        if self.see(None) { self.show(None) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
