//! A rebuilt value is the one that is read from the whole document, whatever the patches do.

mod counts;
mod list;
mod pieces;
mod properties;
mod shapes;

use super::{Rebuild, prepare};
use crate::{document::Document, patch::Operations};
use serde_json::Value;
use std::fmt::Debug;

/// A value that follows a document as a signal does.
struct Follower<T> {
    document: Document,
    /// None when the document is no `T`.
    value: Option<T>,
}

impl<T: Rebuild + Clone + PartialEq + Debug> Follower<T> {
    fn new(value: &Value) -> Self {
        let document = Document::from(value);
        Self { value: document.read().ok(), document }
    }

    /// Applies a patch, and holds the rebuilt value against the one that is read. None when the patch does not fit.
    fn follow(&mut self, patch: &Value) -> Option<()> {
        let operations: Operations = serde_json::from_value(patch.clone()).unwrap();
        let touches = self.document.apply_operations(operations.0).ok()?;
        let whole: Result<T, _> = self.document.read();
        let place = || format!("{patch}\ntouched {touches:?}\nand made {}", self.document);
        let Some(mut value) = self.value.take() else {
            self.value = whole.ok();
            return Some(());
        };
        let before = value.clone();
        match prepare(&value, &self.document, &touches) {
            Ok(part) => {
                assert_eq!(value, before, "{}", place());
                value.rebuild(part);
                assert_eq!(whole.as_ref(), Ok(&value), "{}", place());
                self.value = Some(value);
            }
            Err(error) => {
                assert!(error.is_unreadable(), "{error}");
                assert_eq!(value, before, "{}", place());
                assert!(whole.is_err(), "it was not rebuilt, but is readable: {error}\n{}", place());
            }
        }
        Some(())
    }
}
