//! The JSON value of a signal, as both ends hold it: small, shared, and changed in place.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod build;
mod fault;
mod key;
mod length;
mod node;
mod object;
mod shapes;
mod value;
mod write;

pub(crate) use build::{Builder, MAX_DEPTH, is_private};
pub(crate) use fault::Fault;
pub(crate) use key::with_key;
pub(crate) use length::digits;
pub(crate) use node::{Array, Node};
pub(crate) use object::{Name, Object, Shape};
pub(crate) use shapes::{Members, Shapes};
pub(crate) use write::{write_escaped, write_segment, write_text};

use crate::Error;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// The JSON value of a signal; clones share it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    root: Arc<Node>,
}

impl Document {
    pub(crate) fn new(root: Node) -> Self {
        Self { root: Arc::new(root) }
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The root, to change it: a copy of it where others share this document.
    pub(crate) fn root_mut(&mut self) -> &mut Node {
        Arc::make_mut(&mut self.root)
    }

    /// The document of a value.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON ([`is_serialize`](Error::is_serialize)); the error names the place.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let root = value.serialize(Builder::new(&mut Shapes::default(), MAX_DEPTH));
        root.map(Self::new).map_err(|fault| Error::serialize(std::any::type_name::<T>(), fault))
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    ///
    /// When the text is no JSON.
    pub fn parse(json: &str) -> Result<Self, crate::Error> {
        let value: Value =
            serde_json::from_str(json).map_err(|error| crate::Error::malformed("a document", error, json))?;
        Ok(Self::from(&value))
    }

    /// Reads a value of `T` from the document.
    ///
    /// # Errors
    ///
    /// When the document is no `T`.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::Error> {
        let value = self.to_value();
        T::deserialize(&value).map_err(|error| crate::Error::unreadable::<T>(error, &value))
    }

    /// Applies a JSON Patch: all of it or nothing.
    ///
    /// # Errors
    ///
    /// When the text is no patch, or an operation does not fit.
    pub fn apply(&mut self, patch: &str) -> Result<(), crate::Error> {
        let operations: json_patch::Patch =
            serde_json::from_str(patch).map_err(|error| crate::Error::malformed("a patch", error, patch))?;
        let mut value = self.to_value();
        json_patch::patch(&mut value, &operations.0).map_err(crate::Error::misfit)?;
        *self = Self::from(&value);
        Ok(())
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
