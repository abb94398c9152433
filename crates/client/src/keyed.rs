//! What is held for each key.
//!
//! A page has a few keys, at most about a thousand. A sorted list finds one among them fast enough, and takes far less code
//! in the browser than a tree or a hash table for each type of value.

use leptos_sse_core::protocol::Key;
use std::mem;

/// Values by their keys, in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed<V>(Vec<(Key, V)>);

/// A set of keys.
pub type Keys = Keyed<()>;

impl<V> Default for Keyed<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Keyed<V> {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a value for the key.
    pub fn contains(&self, key: &Key) -> bool {
        self.find(key).is_ok()
    }

    /// The value of a key.
    pub fn get(&self, key: &Key) -> Option<&V> {
        self.find(key).ok().map(|place| &self.0[place].1)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &Key) -> Option<&mut V> {
        self.find(key).ok().map(|place| &mut self.0[place].1)
    }

    /// The value of a key; a new one where there is none.
    pub fn get_or_insert_with(&mut self, key: &Key, make: impl FnOnce() -> V) -> &mut V {
        let place = self.find(key).unwrap_or_else(|place| {
            self.0.insert(place, (key.clone(), make()));
            place
        });
        &mut self.0[place].1
    }

    /// Sets the value of a key, and gives out the one before.
    pub fn insert(&mut self, key: Key, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// Removes a key, and returns its value.
    pub fn remove(&mut self, key: &Key) -> Option<V> {
        self.find(key).ok().map(|place| self.0.remove(place).1)
    }

    /// Keeps only the keys for which the function returns true.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&Key) -> bool) {
        self.0.retain(|(key, _)| is_kept(key));
    }

    /// The keys and their values.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys and their values, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The keys and their values, as a list.
    pub fn into_vec(self) -> Vec<(Key, V)> {
        self.0
    }

    /// The place of a key, or else the one where it would be.
    fn find(&self, key: &Key) -> Result<usize, usize> {
        self.0.binary_search_by(|(held, _)| held.cmp(key))
    }
}

impl Keys {
    /// The keys that the other set has not.
    pub fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Key> {
        self.keys().filter(|key| !other.contains(key))
    }
}

impl FromIterator<Key> for Keys {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut all = Self::default();
        for key in keys {
            all.insert(key, ());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str) -> Key {
        Key::named(name).unwrap()
    }

    #[test]
    fn values_are_found_by_their_keys_in_whatever_order_they_came() {
        let mut keyed = Keyed::default();
        for (at, name) in ["m", "b", "z", "a", "n"].into_iter().enumerate() {
            assert_eq!(keyed.insert(key(name), at), None);
        }
        assert_eq!(keyed.insert(key("z"), 7), Some(2));
        *keyed.get_or_insert_with(&key("b"), || 0) += 10;
        *keyed.get_or_insert_with(&key("c"), || 20) += 1;
        assert_eq!(keyed.remove(&key("m")), Some(0));
        assert_eq!((keyed.remove(&key("m")), keyed.get(&key("m"))), (None, None));
        keyed.retain(|kept| *kept != key("n"));
        let held: Vec<_> = keyed.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(held, [("a", 3), ("b", 11), ("c", 21), ("z", 7)]);
    }

    #[test]
    fn a_set_without_another_has_what_that_has_not() {
        let (some, others): (Keys, Keys) =
            (["b", "a", "c"].map(key).into_iter().collect(), [key("b")].into_iter().collect());
        assert_eq!(some.without(&others).map(Key::as_str).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(some.len(), 3);
    }
}
