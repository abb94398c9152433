//! The triggers of a store's fields: only those that somebody has asked for.

use super::{changed_paths::ChangedPaths, upstream::Pair};
use leptos::prelude::{ArcTrigger, Notify};
use reactive_stores::{StoreFieldTrigger, StorePath};
use std::{
    collections::{HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

#[derive(Default)]
pub(crate) struct Triggers(RwLock<Requested>);

/// What somebody has asked for.
#[derive(Default)]
struct Requested {
    triggers: HashMap<StorePath, StoreFieldTrigger>,
    /// The lists that are followed for their order, by each of the places above them.
    lists: HashMap<StorePath, Vec<StorePath>>,
}

impl Triggers {
    pub(super) fn of(&self, path: StorePath) -> StoreFieldTrigger {
        let mut requested = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(trigger) = requested.triggers.get(&path) {
            return trigger.clone();
        }
        if let Some(list) = list_of(&path) {
            for above in prefixes(&list).skip(1) {
                requested.lists.entry(above).or_default().push(list.clone());
            }
        }
        requested.triggers.entry(path).or_default().clone()
    }

    /// Whether somebody has asked for it.
    pub(super) fn has(&self, path: &StorePath) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).triggers.contains_key(path)
    }

    /// Tells those who read what has changed. Nobody follows a path that has no trigger, and none is made for it.
    pub(super) fn notify(&self, changed: &ChangedPaths) {
        let requested = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut triggers = requested.lists_first(changed);
        let above: HashSet<StorePath> = changed.replaced.keys().chain(&changed.reordered).flat_map(prefixes).collect();
        triggers.extend(sorted(&above).into_iter().filter_map(|path| requested.pair(path)?.children));
        triggers.extend(sorted(changed.replaced.keys()).into_iter().filter_map(|path| requested.pair(path)?.this));
        // Not under the lock, as it may run effects that read.
        drop(requested);
        triggers.iter().for_each(Notify::notify);
    }
}

impl Requested {
    fn pair(&self, path: &StorePath) -> Option<Pair> {
        self.triggers.get(path).cloned().map(Pair::of)
    }

    /// Effects run in the order in which they are told. Who renders the items of a list comes first, so that the view of an
    /// item that is gone does not read it any more: also where nothing is known of the list but that what holds it is another
    /// one. Before that comes only who shows what holds the list, if that may be there no more. Then who reads what holds
    /// something, from the root down, as the view of an `Option`; and at last who reads what is in it.
    fn lists_first(&self, changed: &ChangedPaths) -> Vec<ArcTrigger> {
        let below = changed.replaced.keys().filter_map(|path| self.lists.get(path)).flatten();
        let lists: HashSet<&StorePath> = changed.reordered.iter().chain(below).collect();
        let mut triggers = Vec::new();
        for list in sorted(lists) {
            let mut above: Vec<StorePath> = prefixes(list).skip(1).collect();
            above.retain(|path| changed.replaced.get(path).is_some_and(|may_end| *may_end));
            triggers.extend(above.iter().rev().filter_map(|path| self.pair(path)?.children));
            triggers.extend(self.pair(&order_of(list.clone())).and_then(|order| order.this));
            triggers.extend(self.pair(list).and_then(|list| list.children));
        }
        triggers
    }
}

/// From the root down.
fn sorted<'p>(paths: impl IntoIterator<Item = &'p StorePath>) -> Vec<&'p StorePath> {
    let mut paths: Vec<&StorePath> = paths.into_iter().collect();
    paths.sort_by_key(|path| path.len());
    paths
}

/// Below a list, what tells of its order alone. No item has that segment.
pub(super) fn order_of(mut list: StorePath) -> StorePath {
    list.push(usize::MAX);
    list
}

/// The list of whose order that path tells.
fn list_of(path: &StorePath) -> Option<StorePath> {
    let mut list = path.clone();
    (list.pop()? == usize::MAX.into()).then_some(list)
}

/// A path and all above it.
pub(super) fn prefixes(path: &StorePath) -> impl Iterator<Item = StorePath> + use<> {
    let mut next = Some(path.clone());
    std::iter::from_fn(move || {
        let path = next.take()?;
        let mut above = path.clone();
        next = above.pop().map(|_| above);
        Some(path)
    })
}
