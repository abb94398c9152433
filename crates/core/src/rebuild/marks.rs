//! The seam to a store: marks at the places that a change touched.

use super::touched::{Touched, TouchedList};
use std::{collections::HashMap, fmt, hash::Hash, ops::Range};

/// The key of an item of a list.
pub trait ItemKey: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static> ItemKey for K {}

/// Gathers the places of a store that a change touched, while the value is walked: before it is rebuilt, and after.
pub trait Marks: Sized {
    /// The place of an item of a keyed list.
    type Segment: Copy + Eq;

    /// Whether the walk is the one after the rebuild.
    fn is_after(&self) -> bool;

    /// Whether a mark at this place is of use.
    fn is_told(&self) -> bool;

    /// This place was replaced, and what was in it may have ended.
    fn whole(&mut self);

    /// This place was replaced by another one of the same kind.
    fn renewed(&mut self);

    /// The items of the list at this place came, went or moved.
    fn order(&mut self);

    /// Walks what is below this place.
    fn at(&mut self, place: usize, inside: impl FnOnce(&mut Self));

    /// Walks an item of the keyed list at this place.
    fn at_item(&mut self, segment: Self::Segment, inside: impl FnOnce(&mut Self));

    /// Walks what is below a place that was marked.
    fn covered(&mut self, inside: impl FnOnce(&mut Self));

    /// The segment of an item of the keyed list at this place; `keys` are those of the list. Before the rebuild they are those
    /// that it has, and after it those that it had.
    fn segment<K: ItemKey>(&self, key: &K, keys: impl Fn() -> Vec<K>) -> Option<Self::Segment>;

    /// The keyed list at this place has these keys now.
    fn renew_keys<K: ItemKey>(&self, keys: Vec<K>);

    /// Remembers the segment of an item that was touched, by the index that it had.
    fn remember(&mut self, index: usize, segment: Self::Segment);

    /// Takes what was [remembered](Self::remember) of the list at this place.
    fn remembered(&mut self) -> HashMap<usize, Self::Segment>;

    /// An item turned out to be another one.
    fn replaced(&mut self, segment: Self::Segment);

    /// This place was replaced, and so was all below it.
    fn anew(&mut self, below: Range<usize>, mut inside: impl FnMut(usize, &mut Self)) {
        self.renewed();
        self.covered(|marks| below.for_each(|place| marks.at(place, |marks| inside(place, marks))));
    }

    /// Walks the fields of a struct. `touched` are those that were touched, by the numbers of their names: `None` when the
    /// struct was replaced as a whole. `numbers` has the numbers of the fields of the names, of `len` in all.
    fn fields<'t>(
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

    /// Walks a list whose items are known by keys, where it is read as a whole.
    fn keyed_whole<C, K>(&mut self, list: &C, key: for<'a> fn(<&'a C as IntoIterator>::Item) -> K)
    where
        for<'a> &'a C: IntoIterator,
        K: ItemKey,
    {
        if self.is_after() {
            self.renew_keys(list.into_iter().map(key).collect());
        } else {
            self.order();
            self.renewed();
        }
    }

    /// The changes of the list at this place, which has `len` items in this walk.
    fn list<'t>(&self, touched: Touched<'t>, len: usize) -> Option<TouchedList<'t>> {
        if self.is_after() { touched.list_now() } else { touched.list(len) }
    }
}
