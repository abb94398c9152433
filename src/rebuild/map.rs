//! Maps, whose keys are read from the names of members.

use super::{Rebuild, Touched, touched::key};
use crate::Error;
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash},
};

/// What was read of a map.
pub enum MapPart<M, K, V: Rebuild> {
    Whole(M),
    Members(Members<K, V>),
}

type Members<K, V> = Vec<(K, MemberPart<V>)>;

/// What was read of one member of a map.
pub enum MemberPart<V: Rebuild> {
    Changed(V::Part),
    New(V),
    Gone,
}

macro_rules! maps {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<$($generics)*> Rebuild for $type {
            type Part = MapPart<Self, K, V>;

            fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
                match prepare(touched, self.len(), |key| self.get(key))? {
                    Some(members) => Ok(MapPart::Members(members)),
                    None => touched.read().map(MapPart::Whole),
                }
            }

            fn rebuild(&mut self, part: Self::Part) {
                let members = match part {
                    MapPart::Whole(whole) => {
                        *self = whole;
                        return;
                    }
                    MapPart::Members(members) => members,
                };
                for (key, member) in members {
                    match member {
                        MemberPart::New(value) => {
                            self.insert(key, value);
                        }
                        MemberPart::Gone => {
                            self.remove(&key);
                        }
                        MemberPart::Changed(part) => {
                            if let Some(value) = self.get_mut(&key) {
                                value.rebuild(part);
                            }
                        }
                    }
                }
            }
        }
    )*};
}

maps! {
    [K: DeserializeOwned + Eq + Hash, V: Rebuild, S: BuildHasher + Default] HashMap<K, V, S>;
    [K: DeserializeOwned + Ord, V: Rebuild] BTreeMap<K, V>;
}

/// None when the map is to be read as a whole.
fn prepare<'v, K: DeserializeOwned, V: Rebuild + 'v>(
    touched: Touched<'_>,
    len: usize,
    value: impl Fn(&K) -> Option<&'v V>,
) -> Result<Option<Members<K, V>>, Error> {
    let Some(members) = touched.members() else { return Ok(None) };
    let mut parts = Vec::new();
    let (mut came, mut went) = (0, 0);
    for (name, member) in members {
        let Some(key) = key(name) else { return Ok(None) };
        let part = match (value(&key), member) {
            (Some(value), Some(member)) => MemberPart::Changed(value.prepare(member)?),
            (None, Some(member)) => {
                came += 1;
                MemberPart::New(member.read()?)
            }
            (Some(_), None) => {
                went += 1;
                MemberPart::Gone
            }
            // It came and went in one patch.
            (None, None) => continue,
        };
        parts.push((key, part));
    }
    // Two names can be the same key for a type of its own; which one counts is told by a look at all of them.
    let has_all = touched.members_len() + went == len + came;
    Ok(has_all.then_some(parts))
}
