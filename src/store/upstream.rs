//! What is known of the inside of `reactive_stores` 0.4.
//!
//! A field's trigger is a pair. `this` is notified when the field was replaced, and followed by all who read it or anything
//! below it; `children` is notified when anything below it has changed, and followed by those who read the field as a whole.
//! The items of a keyed list have segments of their own in its `KeyMap`, which lasts for as long as the item does.
//!
//! 0.5 is to be met here: there the pair, `update_keys` and `with_field_keys` are what they are in 0.4.

use leptos::prelude::{ArcTrigger, UntrackableGuard};
use reactive_stores::{FieldKeys, KeyMap, KeyedSubfield, StoreField, StoreFieldTrigger, StorePath, StorePathSegment};
use std::{
    convert::Infallible,
    fmt,
    hash::Hash,
    iter,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// The two triggers of a field.
pub(super) struct Pair {
    pub(super) this: Option<ArcTrigger>,
    pub(super) children: Option<ArcTrigger>,
}

impl Pair {
    pub(super) fn of(trigger: StoreFieldTrigger) -> Self {
        // Root before child, and `this` of a field last.
        let mut triggers = Alone(trigger).triggers_for_path(StorePath::new());
        Self { this: triggers.pop(), children: triggers.pop() }
    }
}

/// What tells that a field itself, and not something below it, was replaced.
pub(super) fn this_of(field: &impl StoreField, path: StorePath) -> Option<ArcTrigger> {
    Pair::of(field.get_trigger(path)).this
}

/// The segment of a keyed item; none when the list has no such key. `keys` are those of the list, if it was not asked before.
pub(super) fn segment<K>(
    map: &KeyMap,
    list: &StorePath,
    key: &K,
    keys: impl FnOnce() -> Vec<K>,
) -> Option<StorePathSegment>
where
    K: fmt::Debug + Eq + Hash + Send + Sync + 'static,
{
    let find = |held: &mut FieldKeys<K>| (held.get(key).map(|(segment, _)| segment), Vec::new());
    map.with_field_keys(list.clone(), find, keys).flatten()
}

/// Tells a list's keys, in their order. Those that it had keep their segments.
pub(super) fn renew_keys<K>(map: &KeyMap, list: &StorePath, keys: Vec<K>)
where
    K: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static,
{
    let mut path = list.clone();
    let Some(segment) = path.pop() else { return };
    let parent = LatestKeys { path, keys: Arc::new(keys), map: map.clone() };
    KeyedSubfield::new(parent, segment, |key: &K| key.clone(), |keys| keys, |keys| keys).update_keys();
}

/// What holds a list, as far as its keys go.
struct LatestKeys<K> {
    path: StorePath,
    keys: Arc<Vec<K>>,
    map: KeyMap,
}

impl<K> Clone for LatestKeys<K> {
    fn clone(&self) -> Self {
        Self { path: self.path.clone(), keys: self.keys.clone(), map: self.map.clone() }
    }
}

impl<K: 'static> StoreField for LatestKeys<K> {
    type Value = Vec<K>;
    type Reader = SharedValue<Vec<K>>;
    type Writer = NoWriter<Vec<K>>;

    fn get_trigger(&self, _: StorePath) -> StoreFieldTrigger {
        StoreFieldTrigger::new()
    }

    fn get_trigger_unkeyed(&self, path: StorePath) -> StoreFieldTrigger {
        self.get_trigger(path)
    }

    fn path(&self) -> impl IntoIterator<Item = StorePathSegment> {
        self.path.clone()
    }

    fn reader(&self) -> Option<Self::Reader> {
        Some(SharedValue(self.keys.clone()))
    }

    fn writer(&self) -> Option<Self::Writer> {
        None
    }

    fn keys(&self) -> Option<KeyMap> {
        Some(self.map.clone())
    }
}

struct SharedValue<T>(Arc<T>);

impl<T> Deref for SharedValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A field of which there is nothing but its trigger.
struct Alone(StoreFieldTrigger);

impl StoreField for Alone {
    type Value = ();
    type Reader = &'static ();
    type Writer = NoWriter<()>;

    fn get_trigger(&self, _: StorePath) -> StoreFieldTrigger {
        self.0.clone()
    }

    fn get_trigger_unkeyed(&self, path: StorePath) -> StoreFieldTrigger {
        self.get_trigger(path)
    }

    fn path(&self) -> impl IntoIterator<Item = StorePathSegment> {
        iter::empty()
    }

    fn reader(&self) -> Option<Self::Reader> {
        Some(&())
    }

    fn writer(&self) -> Option<Self::Writer> {
        None
    }

    fn keys(&self) -> Option<KeyMap> {
        None
    }
}

/// The write guard of what cannot be written: there is none.
#[derive(Debug)]
pub struct NoWriter<T> {
    never: Infallible,
    of: PhantomData<T>,
}

impl<T> Deref for NoWriter<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self.never {}
    }
}

impl<T> DerefMut for NoWriter<T> {
    fn deref_mut(&mut self) -> &mut T {
        match self.never {}
    }
}

impl<T> UntrackableGuard for NoWriter<T> {
    fn untrack(&mut self) {
        match self.never {}
    }
}
