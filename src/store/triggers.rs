//! The triggers of a store's fields: only those that somebody has asked for.

use super::{marks::Places, upstream::Pair};
use leptos::prelude::Notify;
use reactive_stores::{StoreFieldTrigger, StorePath};
use std::{
    collections::{HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

#[derive(Default)]
pub(crate) struct Triggers(RwLock<HashMap<StorePath, StoreFieldTrigger>>);

impl Triggers {
    pub(super) fn of(&self, path: StorePath) -> StoreFieldTrigger {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(path).or_default().clone()
    }

    /// Whether somebody has asked for it.
    pub(super) fn has(&self, path: &StorePath) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(path)
    }

    /// Tells those who read what has changed. Nobody follows a path that has no trigger, and none is made for it.
    pub(super) fn notify(&self, places: &Places) {
        // Effects run in the order in which they are told. Who renders the items of a list comes first, so that the view of an
        // item that is gone does not read it any more; then who reads what holds something, from the root down, as the view of
        // an `Option`; and at last who reads what is in it.
        let above: HashSet<StorePath> = places.replaced.iter().chain(&places.reordered).flat_map(prefixes).collect();
        let (above, lists, replaced) = (sorted(&above), sorted(&places.reordered), sorted(&places.replaced));
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let pair = |path: &StorePath| held.get(path).cloned().map(Pair::of);
        let mut triggers = Vec::new();
        for list in lists {
            triggers.extend(pair(&order_of(list.clone())).and_then(|order| order.this));
            triggers.extend(pair(list).and_then(|list| list.children));
        }
        triggers.extend(above.into_iter().filter_map(|path| pair(path)?.children));
        triggers.extend(replaced.into_iter().filter_map(|path| pair(path)?.this));
        // Not under the lock, as it may run effects that read.
        drop(held);
        triggers.iter().for_each(Notify::notify);
    }
}

/// From the root down.
fn sorted(paths: &HashSet<StorePath>) -> Vec<&StorePath> {
    let mut paths: Vec<&StorePath> = paths.iter().collect();
    paths.sort_by_key(|path| path.len());
    paths
}

/// Below a list, what tells of its order alone. No item has that segment.
pub(super) fn order_of(mut list: StorePath) -> StorePath {
    list.push(usize::MAX);
    list
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
