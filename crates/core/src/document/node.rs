//! What a document is made of.

use super::{Fault, float::widened, object::Object};

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
    /// A number that none of these can hold, as its text.
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

    /// The node of a text that is JSON already. A number that would lose digits is kept as it is.
    pub fn from_json(text: &str, depth: usize) -> Result<Self, Fault> {
        let node: Self = serde_json::from_str(text).map_err(Fault::new)?;
        match node {
            Self::Float(number) if zmij::Buffer::new().format_finite(number) != text => {
                Ok(Self::Number(text.trim().into()))
            }
            node if node.depth() <= depth => Ok(node),
            _ => Err(Fault::too_deep(super::build::MAX_DEPTH)),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Array(array) => 1 + array.items.iter().map(Self::depth).max().unwrap_or_default(),
            Self::Object(object) => 1 + object.nodes().iter().map(Self::depth).max().unwrap_or_default(),
            _ => 0,
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
