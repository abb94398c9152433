//! The places of a store that are not what they were.

use super::{
    keyed::{Key, Keyed},
    triggers::Triggers,
    upstream,
};
use crate::rebuild::{Touched, TouchedList};
use reactive_stores::{KeyMap, StorePath, StorePathSegment};
use std::{
    collections::{HashMap, HashSet},
    mem,
    ops::Range,
};

/// Gathers the places of a store that a change touched, while the value is walked: before it is rebuilt, and after.
pub struct Marks<'s> {
    keys: &'s KeyMap,
    triggers: &'s Triggers,
    is_after: bool,
    /// Whether something above is another one. Those who follow what is above are told then, and not all kinds of fields
    /// follow that: so each is told by itself, if there is anyone to be told.
    is_covered: bool,
    /// Where the walk is.
    path: StorePath,
    places: Places,
    /// The items of keyed lists that were touched, by the indices that they had.
    items: HashMap<StorePath, HashMap<usize, StorePathSegment>>,
}

#[derive(Debug, Default)]
pub(super) struct Places {
    /// What is another one; and whether it may have ended what was in it, as an `Option` or an enum does.
    pub(super) replaced: HashMap<StorePath, bool>,
    /// The lists whose items came, went or moved.
    pub(super) reordered: HashSet<StorePath>,
}

impl<'s> Marks<'s> {
    /// For a walk along the value as it is before it is rebuilt.
    pub(super) fn before(keys: &'s KeyMap, triggers: &'s Triggers) -> Self {
        Self {
            keys,
            triggers,
            is_after: false,
            is_covered: false,
            path: StorePath::new(),
            places: Places::default(),
            items: HashMap::new(),
        }
    }

    /// For a walk along the value as it is now.
    pub(super) fn after(&mut self) {
        self.is_after = true;
    }

    pub(super) fn into_places(self) -> Places {
        self.places
    }

    pub(super) fn is_after(&self) -> bool {
        self.is_after
    }

    /// This place is another one, and may have ended what was in it.
    pub fn whole(&mut self) {
        self.another(true);
    }

    /// This place is another one of the same kind.
    pub(super) fn renewed(&mut self) {
        self.another(false);
    }

    fn another(&mut self, may_end: bool) {
        // Said before, when it is said of what is new.
        if !self.is_after && self.is_told() {
            *self.places.replaced.entry(self.path.clone()).or_default() |= may_end;
        }
    }

    /// The items of the list at this place came, went or moved.
    pub(crate) fn order(&mut self) {
        if self.is_told() {
            self.places.reordered.insert(self.path.clone());
        }
    }

    /// Whether a mark at this place is of use.
    pub(super) fn is_told(&self) -> bool {
        !self.is_covered || self.triggers.has(&self.path)
    }

    /// What is below this place.
    pub(crate) fn at(&mut self, segment: impl Into<StorePathSegment>, inside: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        inside(self);
        self.path.pop();
    }

    /// This place is another one, and so is all below it.
    pub(crate) fn anew(&mut self, below: Range<usize>, mut inside: impl FnMut(usize, &mut Self)) {
        self.renewed();
        self.covered(|marks| below.for_each(|segment| marks.at(segment, |marks| inside(segment, marks))));
    }

    /// What is below a place that was marked.
    pub(crate) fn covered(&mut self, inside: impl FnOnce(&mut Self)) {
        let was_covered = mem::replace(&mut self.is_covered, true);
        inside(self);
        self.is_covered = was_covered;
    }

    /// The fields of a struct. `touched` are those that were touched, by the numbers of their names: none when it is another
    /// one as a whole. `numbers` has the numbers of the fields of the names, of `len` in all.
    pub fn fields<'t>(
        &mut self,
        touched: Option<impl Iterator<Item = (Option<usize>, Option<Touched<'t>>)>>,
        numbers: &[usize],
        len: usize,
        inside: &mut dyn FnMut(usize, Option<Touched<'t>>, &mut Self),
    ) {
        let touched: Option<Vec<_>> = touched.map(Iterator::collect);
        // A field that is gone may have a default, or be an error.
        let is_whole = |touched: &Vec<(Option<usize>, Option<Touched<'_>>)>| {
            touched.iter().any(|(name, touched)| name.is_some() && touched.is_none())
        };
        let Some(touched) = touched.filter(|touched| !is_whole(touched)) else {
            return self.anew(0..len, |number, marks| inside(number, None, marks));
        };
        for (name, touched) in touched {
            if let Some(number) = name.and_then(|name| numbers.get(name)) {
                self.at(*number, |marks| inside(*number, touched, marks));
            }
        }
    }

    /// A list whose items are known by keys.
    pub fn keyed<C, K>(
        &mut self,
        list: &C,
        touched: Option<Touched<'_>>,
        key: for<'a> fn(<&'a C as IntoIterator>::Item) -> K,
    ) where
        C: Keyed,
        for<'a> &'a C: IntoIterator,
        K: Key,
    {
        list.mark_keyed(touched, self, key);
    }

    /// The same for a list that is read as a whole.
    pub fn keyed_whole<C, K>(&mut self, list: &C, key: for<'a> fn(<&'a C as IntoIterator>::Item) -> K)
    where
        for<'a> &'a C: IntoIterator,
        K: Key,
    {
        if self.is_after {
            self.renew_keys(list.into_iter().map(key).collect());
        } else {
            self.order();
            self.renewed();
        }
    }

    /// What became of the list at this place, which has `len` items in this walk.
    pub(crate) fn list<'t>(&self, touched: Touched<'t>, len: usize) -> Option<TouchedList<'t>> {
        if self.is_after { touched.list_now() } else { touched.list(len) }
    }

    /// The segment of an item of the keyed list at this place; `keys` are those of the list. Before the rebuild they are those
    /// that it has, and after it those that it had.
    pub(super) fn segment<K: Key>(&self, key: &K, keys: impl Fn() -> Vec<K>) -> Option<StorePathSegment> {
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

    /// The keyed list at this place has these keys now.
    pub(super) fn renew_keys<K: Key>(&self, keys: Vec<K>) {
        upstream::renew_keys(self.keys, &self.path, keys);
    }

    /// Remembers the segment of an item that was touched, by the index that it had.
    pub(super) fn remember(&mut self, index: usize, segment: StorePathSegment) {
        if let Some(items) = self.items.get_mut(&self.path) {
            items.insert(index, segment);
        } else {
            self.items.insert(self.path.clone(), HashMap::from([(index, segment)]));
        }
    }

    /// What was remembered of the list at this place.
    pub(super) fn remembered(&mut self) -> HashMap<usize, StorePathSegment> {
        self.items.remove(&self.path).unwrap_or_default()
    }

    /// An item turned out to be another one.
    pub(super) fn replaced(&mut self, segment: StorePathSegment) {
        let mut path = self.path.clone();
        path.push(segment);
        self.places.replaced.entry(path).or_default();
    }
}
