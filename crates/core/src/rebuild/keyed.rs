//! Lists whose items are known by keys.

use super::{
    Rebuild,
    marks::{ItemKey, Marks},
    touched::{Touched, keys},
};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{BuildHasher, Hash},
};

/// A collection that a field with `#[store(key: … = …)]` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list that a store can follow by keys",
    label = "a field with `#[store(key: …)]` is a `Vec`, a `VecDeque`, a `BTreeMap` or a `HashMap`",
    note = "without `#[store(key: …)]` the field is followed as a whole, or by indices"
)]
pub trait Keyed
where
    for<'a> &'a Self: IntoIterator,
{
    /// Marks the items that were touched, by their keys.
    fn mark_keyed<K: ItemKey, M: Marks>(
        &self,
        touched: Option<Touched<'_>>,
        marks: &mut M,
        key: for<'a> fn(<&'a Self as IntoIterator>::Item) -> K,
    );
}

macro_rules! lists {
    ($($type:ident),*) => {$(
        impl<T: Rebuild> Keyed for $type<T> {
            fn mark_keyed<K: ItemKey, M: Marks>(
                &self,
                touched: Option<Touched<'_>>,
                marks: &mut M,
                key: for<'a> fn(&'a T) -> K,
            ) {
                let list = List { len: self.len(), item: |index| self.get(index), key };
                if marks.is_after() { list.mark_after(touched, marks) } else { list.mark_before(touched, marks) }
            }
        }
    )*};
}

lists!(Vec, VecDeque);

struct List<F, T, K> {
    len: usize,
    item: F,
    key: for<'a> fn(&'a T) -> K,
}

impl<'v, F: Fn(usize) -> Option<&'v T>, T: Rebuild + 'v, K: ItemKey> List<F, T, K> {
    fn key(&self, index: usize) -> Option<K> {
        (self.item)(index).map(self.key)
    }

    fn keys(&self) -> Vec<K> {
        (0..self.len).filter_map(|index| self.key(index)).collect()
    }

    fn mark_item<M: Marks>(&self, index: usize, touched: Option<Touched<'_>>, marks: &mut M) {
        let segment = self.key(index).and_then(|key| marks.segment(&key, || self.keys()));
        if let (Some(segment), Some(item)) = (segment, (self.item)(index)) {
            marks.at_item(segment, |marks| item.mark(touched, marks));
        }
    }

    fn mark_before<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        let Some(list) = touched.and_then(|touched| marks.list(touched, self.len)) else {
            // Keys are not asked for where nobody follows the list.
            if marks.is_told() {
                marks.order();
                marks.renewed();
                marks.covered(|marks| (0..self.len).for_each(|index| self.mark_item(index, None, marks)));
            }
            return;
        };
        for (index, _, touched) in list.placed() {
            if let Some(segment) = self.key(index).and_then(|key| marks.segment(&key, || self.keys())) {
                marks.remember(index, segment);
            }
            self.mark_item(index, Some(touched), marks);
        }
        if list.is_rearranged() {
            marks.order();
            list.gone(self.len).for_each(|index| self.mark_item(index, None, marks));
        }
    }

    fn mark_after<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        let Some(list) = touched.and_then(|touched| marks.list(touched, self.len)) else {
            marks.renew_keys(self.keys());
            return (0..self.len).for_each(|index| self.mark_item(index, None, marks));
        };
        let had = marks.remembered();
        let mut others: Vec<usize> = list.comes().collect();
        let mut is_changed = list.is_rearranged();
        for (old, index, _) in list.placed() {
            let (had, has) = (had.get(&old), self.key(index).and_then(|key| marks.segment(&key, || self.keys())));
            // An item that has another's key in another's place now.
            if had != has.as_ref() {
                had.copied().into_iter().chain(has).for_each(|segment| marks.replaced(segment));
                marks.order();
                others.push(index);
                is_changed = true;
            }
        }
        if is_changed {
            marks.renew_keys(self.keys());
        }
        for (_, index, touched) in list.placed().filter(|(_, index, _)| !others.contains(index)) {
            self.mark_item(index, Some(touched), marks);
        }
        // Below an item that is new there may be lists with keys of their own.
        others.iter().for_each(|index| self.mark_item(*index, None, marks));
    }
}

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<$($generics)*> Keyed for $type {
            fn mark_keyed<I: ItemKey, M: Marks>(
                &self,
                touched: Option<Touched<'_>>,
                marks: &mut M,
                key: for<'a> fn((&'a K, &'a V)) -> I,
            ) {
                let map = Map {
                    len: self.len(),
                    find: |name: &K| self.get_key_value(name),
                    all: || self.iter().collect(),
                    key,
                };
                map.mark(touched, marks);
            }
        }
    )*};
}

maps! {
    [K: DeserializeOwned + Eq + Hash, V: Rebuild, S: BuildHasher + Default] HashMap<K, V, S>;
    [K: DeserializeOwned + Ord, V: Rebuild] BTreeMap<K, V>;
}

struct Map<F, A, K, V, I> {
    len: usize,
    find: F,
    all: A,
    key: for<'a> fn((&'a K, &'a V)) -> I,
}

/// Names of members, each with what was touched in it.
type TouchedMembers<'t, K> = Vec<(K, Option<Touched<'t>>)>;

impl<'v, F, A, K, V, I> Map<F, A, K, V, I>
where
    F: Fn(&K) -> Option<(&'v K, &'v V)>,
    A: Fn() -> Vec<(&'v K, &'v V)>,
    K: DeserializeOwned + 'v,
    V: Rebuild + 'v,
    I: ItemKey,
{
    fn keys(&self) -> Vec<I> {
        (self.all)().into_iter().map(self.key).collect()
    }

    fn segment<M: Marks>(&self, entry: (&'v K, &'v V), marks: &M) -> Option<M::Segment> {
        marks.segment(&(self.key)(entry), || self.keys())
    }

    fn mark_entry<M: Marks>(&self, entry: (&'v K, &'v V), touched: Option<Touched<'_>>, marks: &mut M) {
        if let Some(segment) = self.segment(entry, marks) {
            marks.at_item(segment, |marks| entry.1.mark(touched, marks));
        }
    }

    /// The members that were touched; `None` when the map was replaced.
    fn members<'t>(&self, touched: Option<Touched<'t>>, is_after: bool) -> Option<TouchedMembers<'t, K>> {
        let touched = touched?;
        let (names, members): (Vec<&str>, Vec<_>) = touched.members()?.unzip();
        let members: TouchedMembers<'_, K> = keys(names.into_iter())?.into_iter().zip(members).collect();
        // Two names can be the same key for a type of its own.
        let new = |(key, member): &&(K, Option<Touched<'_>>)| member.is_some() && (self.find)(key).is_none();
        let gone = |(key, member): &&(K, Option<Touched<'_>>)| member.is_none() && (self.find)(key).is_some();
        let (new, gone) = (members.iter().filter(new).count(), members.iter().filter(gone).count());
        let had = if is_after { self.len } else { self.len + new - gone.min(self.len + new) };
        (touched.members_len() == had).then_some(members)
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        match (self.members(touched, marks.is_after()), marks.is_after()) {
            (None, false) => {
                if marks.is_told() {
                    marks.order();
                    marks.renewed();
                    let all = (self.all)().into_iter();
                    marks.covered(|marks| all.for_each(|entry| self.mark_entry(entry, None, marks)));
                }
            }
            (None, true) => {
                marks.renew_keys(self.keys());
                (self.all)().into_iter().for_each(|entry| self.mark_entry(entry, None, marks));
            }
            (Some(members), false) => {
                for (name, touched) in members {
                    let entry = (self.find)(&name);
                    // It came, or went.
                    if entry.is_none() || touched.is_none() {
                        marks.order();
                    }
                    if let Some(entry) = entry {
                        self.mark_entry(entry, touched, marks);
                    }
                }
            }
            (Some(members), true) => {
                let is_new = |entry| self.segment(entry, marks).is_none();
                let is_changed = members.iter().any(|(name, _)| (self.find)(name).is_none_or(is_new));
                if is_changed {
                    marks.renew_keys(self.keys());
                }
                for (name, touched) in members {
                    if let Some(entry) = (self.find)(&name) {
                        self.mark_entry(entry, touched, marks);
                    }
                }
            }
        }
    }
}
