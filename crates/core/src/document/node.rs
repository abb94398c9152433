//! The nodes that a document is made of, and the objects among them.

use super::{
    fault::Fault,
    float::widened,
    shape::{MAX_SHARED, Name, Shape},
};
use std::sync::Arc;

/// One JSON value, in 24 bytes.
///
/// A number keeps the kind that it was written as, since `1` and `1.0` differ for a type that takes both.
#[derive(Clone, Debug, Default)]
pub enum Node {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any whole number that is not negative.
    Unsigned(u64),
    /// A negative one.
    Negative(i64),
    /// Always finite.
    Float(f64),
    /// Always finite; its text is the shortest one of an `f32` where that reads back the same through an `f64`.
    Single(f32),
    /// A number that fits no variant above, as its text.
    Number(Box<str>),
    /// A text.
    String(String),
    /// A list.
    Array(Box<Array>),
    /// Members by their names.
    Object(Box<Object>),
}

/// A list of nodes.
#[derive(Clone, Debug, Default)]
pub struct Array {
    /// The nodes, in their order.
    pub items: Vec<Node>,
}

/// The members of an object: keys that are shared, and a node for each.
#[derive(Clone, Debug, Default)]
pub struct Object {
    shape: Arc<Shape>,
    nodes: Vec<Node>,
}

const _: () = assert!(size_of::<Node>() <= 24);

impl Node {
    pub(crate) fn from_i64(number: i64) -> Self {
        u64::try_from(number).map_or(Self::Negative(number), Self::Unsigned)
    }

    pub(crate) fn from_i128(number: i128) -> Result<Self, Fault> {
        let small = i64::try_from(number).map(Self::from_i64);
        small.or_else(|_| u64::try_from(number).map(Self::Unsigned)).map_err(|_| Fault::out_of_range(number))
    }

    pub(crate) fn from_u128(number: u128) -> Result<Self, Fault> {
        u64::try_from(number).map(Self::Unsigned).map_err(|_| Fault::out_of_range(number))
    }

    /// Whether it nests no deeper than so many levels.
    pub(crate) fn nests_within(&self, levels: usize) -> bool {
        match self {
            Self::Array(array) => levels > 0 && array.items.iter().all(|item| item.nests_within(levels - 1)),
            Self::Object(object) => levels > 0 && object.nodes().iter().all(|node| node.nests_within(levels - 1)),
            _ => true,
        }
    }
}

/// Floats are equal by their bits, objects whatever the order of their members.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Unsigned(a), Self::Unsigned(b)) => a == b,
            (Self::Negative(a), Self::Negative(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Single(a), Self::Single(b)) => a.to_bits() == b.to_bits(),
            (Self::Single(single), Self::Float(float)) | (Self::Float(float), Self::Single(single)) => {
                widened(*single).to_bits() == float.to_bits()
            }
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a.items == b.items,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Object {
    /// # Panics
    ///
    /// In debug builds, when there are more or fewer nodes than keys.
    pub fn new(shape: Arc<Shape>, nodes: Vec<Node>) -> Self {
        debug_assert_eq!(shape.len(), nodes.len(), "an object has a node for each key");
        Self { shape, nodes }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    #[inline]
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    #[inline]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    #[inline]
    pub fn nodes_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Node)> {
        self.shape.names().iter().zip(&self.nodes)
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
        if self.len() <= MAX_SHARED && self.shape.names() == other.shape.names() {
            self.shape = other.shape.clone();
        }
    }

    /// Inserts a member at a place.
    pub fn insert_at(&mut self, place: usize, name: Name, node: Node) {
        Arc::make_mut(&mut self.shape).insert(place, name);
        self.nodes.insert(place, node);
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

impl From<Array> for Node {
    fn from(array: Array) -> Self {
        Self::Array(Box::new(array))
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Array { items }.into()
    }
}

impl From<Object> for Node {
    fn from(object: Object) -> Self {
        Self::Object(Box::new(object))
    }
}
