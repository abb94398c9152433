//! A patch onto a document: all of it or nothing.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

use crate::Error;
use json_patch::Patch;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The JSON value of a signal; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Document(Arc<Value>);

impl Document {
    /// The document of a value that is JSON already.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self(Arc::new(value))
    }

    /// Applies RFC 6902 operations in order.
    ///
    /// # Errors
    ///
    /// When an operation does not fit; the document is then what it was before.
    pub fn apply(&mut self, patch: &Patch) -> Result<(), Error> {
        json_patch::patch(Arc::make_mut(&mut self.0), &patch.0).map_err(Error::misfit)
    }

    /// Reads a value of `T` from the document.
    ///
    /// # Errors
    ///
    /// When the document is no `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&*self.0).map_err(|error| Error::unreadable::<T>(error, &self.0))
    }

    #[cfg(test)]
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every kind of operation that can fail, after one that did not.
    #[test]
    fn a_patch_that_fails_midway_changes_nothing() {
        let failing = [
            json!({ "op": "test", "path": "/a", "value": 9 }),
            json!({ "op": "remove", "path": "/nowhere" }),
            json!({ "op": "replace", "path": "/list/7", "value": 1 }),
            json!({ "op": "add", "path": "/list/01", "value": 1 }),
            json!({ "op": "add", "path": "/a/b/c", "value": 1 }),
            json!({ "op": "move", "from": "/nowhere", "path": "/a" }),
            json!({ "op": "copy", "from": "/nowhere", "path": "/a" }),
            json!({ "op": "move", "from": "/deep", "path": "/deep/er/est" }),
        ];
        let before = json!({ "a": 1, "list": [1, 2], "deep": { "er": {} } });
        for operation in failing {
            let patch = json!([
                { "op": "replace", "path": "/a", "value": 2 },
                { "op": "remove", "path": "/list/0" },
                { "op": "add", "path": "/new", "value": [] },
                { "op": "move", "from": "/list/0", "path": "/moved" },
                operation,
            ]);
            let mut document = Document::new(before.clone());
            let error = document.apply(&serde_json::from_value(patch).unwrap()).unwrap_err();
            assert!(error.is_out_of_step(), "{operation}: {error}");
            assert_eq!(document.as_value(), &before, "{operation}");
        }
    }

    #[test]
    fn a_document_of_another_type_says_what_is_wrong() {
        let error = Document::new(json!({ "value": "x" })).read::<u8>().unwrap_err();
        assert!(error.is_unreadable());
        assert!(error.to_string().contains(r#"it starts `{"value":"x"}`"#), "{error}");
    }
}
