//! Objects whose keys are shared between those that have the same ones.

use super::node::Node;
use hashbrown::{DefaultHashBuilder, HashTable, hash_table};
use std::{
    borrow::Cow,
    hash::BuildHasher,
    sync::{Arc, OnceLock},
};

/// A key of an object: borrowed from a struct's field where it can be.
pub type Name = Cow<'static, str>;

/// The members of an object: keys that are shared, and a node for each.
#[derive(Clone, Debug, Default)]
pub struct Object {
    shape: Arc<Shape>,
    nodes: Vec<Node>,
}

/// Keys in their order, none of them twice.
#[derive(Debug, Default)]
pub struct Shape {
    names: Vec<Name>,
    index: OnceLock<Index>,
    /// The fields of a struct that the keys are known to be.
    fields: OnceLock<&'static [&'static str]>,
}

/// So many keys are looked up one after the other.
const FEW: usize = 12;

impl Object {
    /// # Panics
    ///
    /// In debug builds, when there are more or fewer nodes than keys.
    pub fn new(shape: Arc<Shape>, nodes: Vec<Node>) -> Self {
        debug_assert_eq!(shape.names.len(), nodes.len(), "an object has a node for each key");
        Self { shape, nodes }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn nodes_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Node)> {
        self.shape.names.iter().zip(&self.nodes)
    }

    /// The place of a key.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.shape.find(name)
    }

    pub fn get(&self, name: &str) -> Option<&Node> {
        self.find(name).map(|place| &self.nodes[place])
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        let place = self.find(name)?;
        Some(&mut self.nodes[place])
    }

    /// Sets the node of a key, and gives the one before; a new key comes last.
    pub fn insert(&mut self, name: Name, node: Node) -> Option<Node> {
        match self.find(&name) {
            Some(place) => Some(std::mem::replace(&mut self.nodes[place], node)),
            None => {
                self.push(name, node);
                None
            }
        }
    }

    /// Adds a key that is not there yet.
    pub fn push(&mut self, name: Name, node: Node) {
        Arc::make_mut(&mut self.shape).push(name);
        self.nodes.push(node);
    }

    /// Takes a key out; those behind it move up.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        self.find(name).map(|place| self.remove_at(place).1)
    }

    /// Takes the member at a place out; those behind it move up.
    pub fn remove_at(&mut self, place: usize) -> (Name, Node) {
        (Arc::make_mut(&mut self.shape).remove(place), self.nodes.remove(place))
    }

    /// Shares the keys of an object that has the same ones in the same order, unless they are so many that they are those of
    /// a map, which come and go.
    pub fn share_keys(&mut self, other: &Self) {
        if self.len() <= super::shapes::LARGEST && self.shape.names == other.shape.names {
            self.shape = other.shape.clone();
        }
    }

    /// Puts a member back to where it was.
    pub fn insert_at(&mut self, place: usize, name: Name, node: Node) {
        Arc::make_mut(&mut self.shape).insert(place, name);
        self.nodes.insert(place, node);
    }
}

impl Shape {
    /// The keys must differ from each other.
    pub fn new(names: Vec<Name>) -> Self {
        Self { names, index: OnceLock::new(), fields: OnceLock::new() }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

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
    fn remove(&mut self, place: usize) -> Name {
        self.fields.take();
        if let Some(index) = self.index.get_mut() {
            index.remove(&self.names, place);
        }
        self.names.remove(place)
    }

    fn insert(&mut self, place: usize, name: Name) {
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

/// The index is made anew when it is asked for.
impl Clone for Shape {
    fn clone(&self) -> Self {
        Self::new(self.names.clone())
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.shape, &other.shape) {
            return self.nodes == other.nodes;
        }
        self.len() == other.len() && self.iter().all(|(name, node)| other.get(name) == Some(node))
    }
}

impl<N: Into<Name>> FromIterator<(N, Node)> for Object {
    /// Of a key that comes twice, the last one counts.
    fn from_iter<I: IntoIterator<Item = (N, Node)>>(members: I) -> Self {
        let mut object = Self::default();
        for (name, node) in members {
            object.insert(name.into(), node);
        }
        object
    }
}

/// The same field of the same struct has its name in the same place, as a rule.
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
