//! The JSON value of a signal, as both ends hold it: small, shared, and changed in place.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod build;
mod deserialize;
mod fault;
mod float;
mod json;
mod key;
mod known_keys;
mod length;
pub(crate) mod limits;
mod node;
mod number;
mod object_parser;
mod private;
mod quote;
mod read;
mod shape;
mod shapes;
mod utf16;
mod value;
mod write;

pub(crate) use build::Builder;
pub(crate) use fault::Fault;
pub use json::{Flaw, Json};
pub(crate) use key::with_key;
pub use known_keys::KnownKeys;
pub(crate) use length::digits;
pub(crate) use node::Object;
pub use node::{Array, Node};
pub(crate) use private::is_private;
pub(crate) use shape::{Name, Shape, is_same};
pub(crate) use shapes::{ObjectBuilder, Shapes};
pub(crate) use utf16::{utf16_len, utf16_units};
pub use write::write_text;
pub(crate) use write::{Driven, write_escaped, write_segment};

use crate::error::Error;
use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// The JSON value of a signal; clones share it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    root: Arc<Node>,
}

impl Document {
    /// A document with this root.
    #[inline]
    pub fn new(root: Node) -> Self {
        Self { root: Arc::new(root) }
    }

    /// The root.
    #[inline]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The root, to change it: copied first where another clone shares it.
    #[inline]
    pub(crate) fn root_mut(&mut self) -> &mut Node {
        Arc::make_mut(&mut self.root)
    }

    /// The document of a value.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON ([`is_serialize`](Error::is_serialize)); the error names the place.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        Self::of_with(value, &mut Shapes::default())
    }

    pub(crate) fn of_with<T: Serialize + ?Sized>(value: &T, shapes: &mut Shapes) -> Result<Self, Error> {
        let root = value.serialize(Builder::new(shapes, limits::WRITTEN));
        root.map(Self::new).map_err(|fault| Error::serialize(std::any::type_name::<T>(), fault))
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    ///
    /// When the text is no JSON ([`is_malformed`](Error::is_malformed)), or nested deeper than 127 levels, as in `serde_json`.
    pub fn parse(json: &str) -> Result<Self, Error> {
        Json::whole(json, |text| text.node(&mut KnownKeys::default()))
            .map(Self::new)
            .map_err(|flaw| Error::malformed("a document", flaw, json))
    }

    /// Reads a value of `T` from the document.
    ///
    /// # Errors
    ///
    /// When the document is no `T` ([`is_unreadable`](Error::is_unreadable)).
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.root.read().map_err(|error| self.root.unreadable::<T>(error))
    }

    /// The document as a [`serde_json::Value`].
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::from(&*self.root)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root.serialize(serializer)
    }
}

/// As JSON.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl From<&Value> for Document {
    fn from(value: &Value) -> Self {
        Self::new(value.into())
    }
}

impl Document {
    /// Whether this is a clone of the other document, and neither has changed since.
    #[inline]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.root, &other.root)
    }

    /// Whether another clone shares the content, so that a change would copy it first.
    #[inline]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.root) > 1
    }
}
