//! Keys of objects, shared between the objects that have the same ones.

use hashbrown::{DefaultHashBuilder, HashTable, hash_table};
use std::{borrow::Cow, hash::BuildHasher, sync::OnceLock};

/// A key of an object: borrowed from a struct's field where it can be.
pub type Name = Cow<'static, str>;

/// Keys in their order, without repetition.
#[derive(Debug, Default)]
pub struct Shape {
    names: Vec<Name>,
    index: OnceLock<Index>,
    /// The fields of a struct that the keys are known to be.
    fields: OnceLock<&'static [&'static str]>,
}

/// Up to this many keys are searched one after the other.
const FEW: usize = 12;
/// Objects with more keys than this are taken for maps, whose keys come and go one by one: shared, they would be copied each time.
pub const MAX_SHARED: usize = 32;

impl Shape {
    /// The keys must differ from each other.
    pub fn new(names: Vec<Name>) -> Self {
        Self { names, index: OnceLock::new(), fields: OnceLock::new() }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    #[inline]
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// Whether the key at a place is this one.
    #[inline]
    pub fn is_at(&self, place: usize, name: &str) -> bool {
        self.names.get(place).is_some_and(|held| is_same(held, name))
    }

    /// The place of a key.
    pub fn find(&self, name: &str) -> Option<usize> {
        if self.names.len() <= FEW {
            return self.names.iter().position(|held| is_same(held, name));
        }
        self.index.get_or_init(|| Index::of(&self.names)).find(&self.names, name)
    }

    /// Whether the keys are the fields of a struct, in their order.
    #[inline]
    pub fn has_fields(&self, fields: &'static [&'static str]) -> bool {
        self.fields.get().is_some_and(|known| std::ptr::eq(*known, fields)) || self.are(fields)
    }

    fn are(&self, fields: &'static [&'static str]) -> bool {
        let are = self.names.len() == fields.len() && self.names.iter().zip(fields).all(|(name, field)| name == field);
        if are {
            // Another struct may have the same fields; it is compared each time.
            let _ = self.fields.set(fields);
        }
        are
    }

    /// Takes a key out; those behind it move up. Keys of a large map go one by one, and each by itself must not cost them all.
    pub fn remove(&mut self, place: usize) -> Name {
        self.fields.take();
        if let Some(index) = self.index.get_mut() {
            index.remove(&self.names, place);
        }
        self.names.remove(place)
    }

    pub fn insert(&mut self, place: usize, name: Name) {
        self.fields.take();
        self.index.take();
        self.names.insert(place, name);
    }

    /// Adds a key, which must not be there yet.
    pub fn push(&mut self, name: Name) {
        self.fields.take();
        if let Some(index) = self.index.get_mut() {
            index.push(&self.names, &name);
        }
        self.names.push(name);
    }
}

/// A clone builds its own index when a search first needs it.
impl Clone for Shape {
    fn clone(&self) -> Self {
        Self::new(self.names.clone())
    }
}

/// Compares two names. **Fast path:** the same field of the same struct usually has its name at the same address.
#[inline]
pub fn is_same(held: &str, name: &str) -> bool {
    held.len() == name.len() && (std::ptr::eq(held, name) || held == name)
}

/// The places of keys by their hashes, which differ from run to run: keys may come from users.
#[derive(Debug)]
struct Index {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Index {
    fn of(names: &[Name]) -> Self {
        let mut index = Self { table: HashTable::with_capacity(names.len()), hasher: DefaultHashBuilder::default() };
        for (place, name) in names.iter().enumerate() {
            index.push(&names[..place], name);
        }
        index
    }

    fn find(&self, names: &[Name], name: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(name);
        self.table.find(hash, |place| names[*place as usize] == name).map(|place| *place as usize)
    }

    /// Takes a key out of these, and moves those behind it up.
    fn remove(&mut self, names: &[Name], place: usize) {
        let hash = self.hasher.hash_one(&*names[place]);
        if let Ok(entry) = self.table.find_entry(hash, |held| *held as usize == place) {
            entry.remove();
        }
        self.table.iter_mut().filter(|held| **held as usize > place).for_each(|held| *held -= 1);
    }

    /// The place of the key that comes after these.
    #[inline(always)]
    fn push(&mut self, names: &[Name], name: &str) {
        let hash = self.hasher.hash_one(name);
        let hasher = &self.hasher;
        let rehash =
            |place: &u32| hasher.hash_one(if *place as usize == names.len() { name } else { &*names[*place as usize] });
        if let hash_table::Entry::Vacant(entry) = self.table.entry(hash, |_| false, rehash) {
            entry.insert(u32::try_from(names.len()).unwrap_or(u32::MAX));
        }
    }
}
