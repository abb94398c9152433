//! The places of a store that are not what they were.

use super::{changed_paths::ChangedPaths, triggers::Triggers, upstream};
use leptos_sse_core::rebuild::{ItemKey, Marks};
use reactive_stores::{KeyMap, StorePath, StorePathSegment};
use std::{collections::HashMap, mem};

/// Gathers the places of a store that a change touched, while the value is walked: before it is rebuilt, and after.
pub(crate) struct StoreMarks<'s> {
    keys: &'s KeyMap,
    triggers: &'s Triggers,
    is_after: bool,
    /// Whether something above is another one. Those who follow what is above are told then, and not all kinds of fields
    /// follow that: so each is told by itself, if there is anyone to be told.
    is_covered: bool,
    /// Where the walk is.
    path: StorePath,
    changed: ChangedPaths,
    /// The items of keyed lists that were touched, by the indices that they had.
    items: HashMap<StorePath, HashMap<usize, StorePathSegment>>,
}

impl<'s> StoreMarks<'s> {
    /// For a walk along the value as it is before it is rebuilt.
    pub(super) fn before(keys: &'s KeyMap, triggers: &'s Triggers) -> Self {
        Self {
            keys,
            triggers,
            is_after: false,
            is_covered: false,
            path: StorePath::new(),
            changed: ChangedPaths::default(),
            items: HashMap::new(),
        }
    }

    /// For a walk along the value as it is now.
    pub(super) fn after(&mut self) {
        self.is_after = true;
    }

    pub(super) fn into_changed(self) -> ChangedPaths {
        self.changed
    }

    fn another(&mut self, may_end: bool) {
        // Said before, when it is said of what is new.
        if !self.is_after && self.is_told() {
            *self.changed.replaced.entry(self.path.clone()).or_default() |= may_end;
        }
    }
}

impl Marks for StoreMarks<'_> {
    type Segment = StorePathSegment;

    fn is_after(&self) -> bool {
        self.is_after
    }

    fn is_told(&self) -> bool {
        !self.is_covered || self.triggers.has(&self.path)
    }

    fn whole(&mut self) {
        self.another(true);
    }

    fn renewed(&mut self) {
        self.another(false);
    }

    fn order(&mut self) {
        if self.is_told() {
            self.changed.reordered.insert(self.path.clone());
        }
    }

    fn at(&mut self, place: usize, inside: impl FnOnce(&mut Self)) {
        self.at_item(place.into(), inside);
    }

    fn at_item(&mut self, segment: StorePathSegment, inside: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        inside(self);
        self.path.pop();
    }

    fn covered(&mut self, inside: impl FnOnce(&mut Self)) {
        let was_covered = mem::replace(&mut self.is_covered, true);
        inside(self);
        self.is_covered = was_covered;
    }

    fn segment<K: ItemKey>(&self, key: &K, keys: impl Fn() -> Vec<K>) -> Option<StorePathSegment> {
        let find = || upstream::segment(self.keys, &self.path, key, &keys);
        find().or_else(|| {
            if self.is_after {
                return None;
            }
            // The place was another list's before.
            self.renew_keys(keys());
            find()
        })
    }

    fn renew_keys<K: ItemKey>(&self, keys: Vec<K>) {
        upstream::renew_keys(self.keys, &self.path, keys);
    }

    fn remember(&mut self, index: usize, segment: StorePathSegment) {
        if let Some(items) = self.items.get_mut(&self.path) {
            items.insert(index, segment);
        } else {
            self.items.insert(self.path.clone(), HashMap::from([(index, segment)]));
        }
    }

    fn remembered(&mut self) -> HashMap<usize, StorePathSegment> {
        self.items.remove(&self.path).unwrap_or_default()
    }

    fn replaced(&mut self, segment: StorePathSegment) {
        let mut path = self.path.clone();
        path.push(segment);
        self.changed.replaced.entry(path).or_default();
    }
}
