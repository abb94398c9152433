//! Maps, whose keys are read from the names of members.

use super::{
    Rebuild,
    touched::{Touched, keys},
};
use crate::error::Error;
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash},
};

/// The part that was read of a map.
pub enum MapPart<M, K, V: Rebuild> {
    Whole(M),
    Members(PreparedMembers<M, K, V>),
}

/// The members that were touched, as they were read.
pub struct PreparedMembers<M, K, V: Rebuild> {
    changed: Vec<(K, V::Part)>,
    new: M,
    gone: Vec<K>,
}

/// The new ones as they were read, two of which can have the same key.
type ListedMembers<K, V> = PreparedMembers<Vec<(K, V)>, K, V>;

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<$($generics)*> Rebuild for $type {
            type Part = MapPart<Self, K, V>;

            fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
                let whole = || touched.read().map(MapPart::Whole);
                let Some(members) = prepare(touched, |key| self.get(key))? else { return whole() };
                let PreparedMembers { changed, new, gone } = members;
                // Two names can be the same key for a type of its own. Which one counts is told by a look at all of them.
                let has_all = touched.members_len() + gone.len() == self.len() + new.len();
                let count = new.len();
                let new: Self = new.into_iter().collect();
                if !has_all || new.len() != count {
                    return whole();
                }
                Ok(MapPart::Members(PreparedMembers { changed, new, gone }))
            }

            fn rebuild(&mut self, part: Self::Part) {
                let PreparedMembers { changed, new, gone } = match part {
                    MapPart::Whole(whole) => {
                        *self = whole;
                        return;
                    }
                    MapPart::Members(members) => members,
                };
                for key in &gone {
                    self.remove(key);
                }
                for (key, part) in changed {
                    if let Some(value) = self.get_mut(&key) {
                        value.rebuild(part);
                    }
                }
                self.extend(new);
            }
        }
    )*};
}

maps! {
    [K: DeserializeOwned + Eq + Hash, V: Rebuild, S: BuildHasher + Default] HashMap<K, V, S>;
    [K: DeserializeOwned + Ord, V: Rebuild] BTreeMap<K, V>;
}

/// Reads the members that were touched; `None` when the map must be read as a whole.
fn prepare<'v, K: DeserializeOwned, V: Rebuild + 'v>(
    touched: Touched<'_>,
    value: impl Fn(&K) -> Option<&'v V>,
) -> Result<Option<ListedMembers<K, V>>, Error> {
    let Some(members) = touched.members() else { return Ok(None) };
    let (names, members): (Vec<&str>, Vec<Option<Touched<'_>>>) = members.unzip();
    let Some(keys) = keys(names.into_iter()) else { return Ok(None) };
    let mut parts = PreparedMembers { changed: Vec::new(), new: Vec::new(), gone: Vec::new() };
    for (key, member) in keys.into_iter().zip(members) {
        match (value(&key), member) {
            (Some(value), Some(member)) => parts.changed.push((key, value.prepare(member)?)),
            (None, Some(member)) => parts.new.push((key, member.read()?)),
            (Some(_), None) => parts.gone.push(key),
            // It came and went in one patch.
            (None, None) => {}
        }
    }
    Ok(Some(parts))
}
