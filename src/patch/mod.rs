//! A patch onto a document: all of it or nothing.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod touch;

#[allow(unused_imports)]
pub(crate) use touch::{Segment, Touch, TouchKind};

use crate::Error;
use json_patch::{Patch, PatchOperation, patch, patch_unsafe};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// How deep a document may be nested, as in `serde_json`'s parser: what is deeper could exhaust the stack.
const MAX_DEPTH: usize = 128;
/// How much one patch may copy, in bytes as [`extent`] counts them: each `copy` can double a document.
const MAX_COPIED: usize = 64 << 20;

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
    /// When an operation does not fit, nests deeper than 128 levels, or copies more than 64 MiB; the document is then what
    /// it was before.
    pub fn apply(&mut self, operations: &Patch) -> Result<(), Error> {
        let relocates = |operation| matches!(operation, &PatchOperation::Move(_) | &PatchOperation::Copy(_));
        if operations.0.iter().any(relocates) {
            // `patch` cannot undo every `move`, and panics then; what a `move` or a `copy` brings is known only when its
            // turn comes.
            let mut next = Value::clone(&self.0);
            let mut copied = 0;
            for operation in &operations.0 {
                copied += check(operation, &next)?;
                if copied > MAX_COPIED {
                    return Err(Error::misfit("it copies more than 64 MiB"));
                }
                patch_unsafe(&mut next, std::slice::from_ref(operation)).map_err(Error::misfit)?;
            }
            self.0 = Arc::new(next);
            return Ok(());
        }
        operations.0.iter().try_for_each(|operation| check(operation, &self.0).map(drop))?;
        patch(Arc::make_mut(&mut self.0), &operations.0).map_err(Error::misfit)
    }

    /// Reads a value of `T` from the document.
    ///
    /// # Errors
    ///
    /// When the document is no `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&*self.0).map_err(|error| Error::unreadable::<T>(error, &self.0))
    }

    /// The document as a JSON value.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

/// Refuses what would nest too deep, and gives the extent of what is copied.
fn check(operation: &PatchOperation, document: &Value) -> Result<usize, Error> {
    let (path, value) = match operation {
        PatchOperation::Add(add) => (&add.path, Some(&add.value)),
        PatchOperation::Replace(replace) => (&replace.path, Some(&replace.value)),
        PatchOperation::Move(relocate) => (&relocate.path, relocate.from.resolve(document).ok()),
        PatchOperation::Copy(copy) => (&copy.path, copy.from.resolve(document).ok()),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => return Ok(0),
    };
    let left = MAX_DEPTH.checked_sub(path.count());
    match left.and_then(|left| value.map_or(Some(0), |value| extent(value, left))) {
        Some(extent) if matches!(operation, PatchOperation::Copy(_)) => Ok(extent),
        Some(_) => Ok(0),
        None => Err(Error::misfit(format_args!("it nests deeper than {MAX_DEPTH} levels"))),
    }
}

/// About how many bytes a value takes; none when it is nested deeper than `left` levels.
fn extent(value: &Value, left: usize) -> Option<usize> {
    let own = size_of::<Value>();
    let inner = match value {
        Value::Array(items) => {
            let left = left.checked_sub(1)?;
            items.iter().try_fold(0, |sum, item| Some(sum + extent(item, left)?))?
        }
        Value::Object(members) => {
            let left = left.checked_sub(1)?;
            members.iter().try_fold(0, |sum, (key, item)| Some(sum + key.len() + extent(item, left)?))?
        }
        Value::String(text) => text.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    Some(own + inner)
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
            json!({ "op": "add", "path": "/new", "value": nested(200) }),
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

    /// Upstream's own undo panics on these.
    #[test]
    fn a_child_moved_onto_its_parent_can_be_taken_back() {
        for (from, path) in [("/a", ""), ("/a/b", "/a"), ("/list/0", "/list"), ("/list/0/0", "/list/0")] {
            let before = json!({ "a": { "b": { "c": 1 } }, "list": [[1], 2] });
            let mut document = Document::new(before.clone());
            let patch = json!([{ "op": "move", "from": from, "path": path }, { "op": "remove", "path": "/no" }]);
            document.apply(&serde_json::from_value(patch).unwrap()).unwrap_err();
            assert_eq!(document.as_value(), &before, "{from} to {path}");
        }
    }

    #[test]
    fn a_short_patch_makes_no_document_that_exhausts_memory_or_stack() {
        let doubling: Vec<_> = (0..40).map(|n| json!({ "op": "copy", "from": "", "path": format!("/{n}") })).collect();
        let deepening: Vec<_> =
            (0..40).map(|n| json!({ "op": "copy", "from": "", "path": "/a".repeat(n + 1) })).collect();
        let nesting: Vec<_> = (0..40)
            .map(|n| json!({ "op": "add", "path": format!("{}/a", "/a".repeat(100 * n)), "value": nested(100) }))
            .collect();
        for (name, patch) in [("doubling", doubling), ("deepening", deepening), ("nesting", nesting)] {
            let mut document = Document::new(json!({}));
            let error = document.apply(&serde_json::from_value(patch.into()).unwrap()).unwrap_err();
            assert!(error.is_out_of_step(), "{name}: {error}");
            assert_eq!(document.as_value(), &json!({}), "{name}");
        }
    }

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
    }

    #[test]
    fn a_document_of_another_type_says_what_is_wrong() {
        let error = Document::new(json!({ "value": "x" })).read::<u8>().unwrap_err();
        assert!(error.is_unreadable());
        assert!(error.to_string().contains(r#"it starts `{"value":"x"}`"#), "{error}");
    }
}
