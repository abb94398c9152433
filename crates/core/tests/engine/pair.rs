//! The two ends of a signal, held to all that a patch promises.

use crate::{ensure::ensure, reference};
use leptos_sse_core::{Differ, Document};
use serde::Serialize;
use serde_json::Value;

/// How a differ is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub identity: Option<&'static str>,
    pub string_edits: bool,
    /// Leaves out what other libraries make of the patches, which takes most of the time.
    pub alone: bool,
}

/// Differs, and the documents that follow their patches.
pub struct Pair<T: Serialize> {
    options: Options,
    differ: Differ<T>,
    client: Document,
    /// A document that another library keeps.
    other: Value,
    by_operations: Differ<T>,
    last: Option<String>,
    /// What was in it before must stay.
    patch: Vec<u8>,
}

impl<T: Serialize> Pair<T> {
    pub fn new(options: Options) -> Self {
        let differ = || match options.identity {
            Some(name) => Differ::new().identity(name),
            None => Differ::new(),
        };
        Self {
            options,
            differ: differ().string_edits(options.string_edits),
            client: Document::parse("null").unwrap(),
            other: Value::Null,
            by_operations: differ(),
            last: None,
            patch: b"before it".to_vec(),
        }
    }

    /// Takes a value, which is `next` as JSON, and gives its patch; an empty one when nothing changed.
    pub fn advance(&mut self, value: &T, next: &Value) -> Result<String, String> {
        let patch = self.text(value)?;
        // As texts, numbers compare by their bits, and members have one order.
        let text = next.to_string();
        ensure(patch.is_empty() == (self.last.as_ref() == Some(&text)), || {
            format!("the patch is `{patch}` from {:?} to {text}", self.last)
        })?;
        if !patch.is_empty() {
            let snapshot = root_replace(value);
            ensure(patch.len() <= snapshot.len(), || format!("{patch} is longer than {snapshot}"))?;
            self.client.apply(&patch).map_err(|error| format!("{error}: {patch}"))?;
        }
        let client = self.client.to_value();
        ensure(is_written(&client, &text), || {
            format!("{patch} leads from {:?} to {client} and not to {text}", self.last)
        })?;
        if !self.options.alone {
            self.advance_the_other(value, &patch, &text)?;
        }
        self.last = Some(text);
        Ok(patch)
    }

    /// What another library makes of it, and of the same step as operations.
    fn advance_the_other(&mut self, value: &T, patch: &str, text: &str) -> Result<(), String> {
        let operations = self.by_operations.advance_patch(value).map_err(|error| error.to_string())?;
        ensure(operations.is_none() == patch.is_empty(), || format!("{operations:?} is not {patch}"))?;
        let Some(operations) = operations else { return Ok(()) };
        let mut by_operations = self.other.clone();
        json_patch::patch(&mut by_operations, &operations)
            .map_err(|error| format!("json_patch: {error}: {operations}"))?;
        ensure(is_written(&by_operations, text), || {
            format!("{operations} leads to {by_operations} and not to {text}")
        })?;
        if self.options.string_edits {
            reference::apply(&mut self.other, patch)?;
        } else {
            let patch: json_patch::Patch = serde_json::from_str(patch).map_err(|error| format!("{error}: {patch}"))?;
            json_patch::patch(&mut self.other, &patch).map_err(|error| format!("json_patch: {error}: {patch}"))?;
        }
        ensure(is_written(&self.other, text), || format!("{patch} leads others to {} and not to {text}", self.other))
    }

    /// The patch of a value, which comes behind what was there.
    fn text(&mut self, value: &T) -> Result<String, String> {
        let before = self.patch.len();
        let changed = self.differ.advance(value, &mut self.patch).map_err(|error| error.to_string())?;
        ensure(self.patch.starts_with(b"before it"), || "what was there before is gone".to_owned())?;
        ensure(self.patch.len() >= before, || "what was there before is gone".to_owned())?;
        let patch = String::from_utf8(self.patch.split_off(before)).map_err(|error| error.to_string())?;
        ensure(changed != patch.is_empty(), || format!("it says {changed} and appends `{patch}`"))?;
        Ok(patch)
    }

    /// Takes a value that cannot be written: nothing changes.
    pub fn fail(&mut self, value: &T) -> Result<(), String> {
        let (document, patch) = (self.differ.document().cloned(), self.patch.clone());
        match self.differ.advance(value, &mut self.patch) {
            Ok(_) => return Err("it takes a value that fails".to_owned()),
            Err(error) => ensure(error.is_serialize(), || format!("it calls it `{error}`"))?,
        }
        ensure(self.patch == patch, || format!("a value that fails leaves {}", self.patch.escape_ascii()))?;
        ensure(self.differ.document() == document.as_ref(), || "a value that fails changes the document".to_owned())
    }

    /// The document of the one who sends.
    pub fn sent(&self) -> Option<&Document> {
        self.differ.document()
    }

    /// The document of the one who follows.
    pub fn client(&self) -> &Document {
        &self.client
    }
}

/// The text of a snapshot.
fn root_replace<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_string(value).unwrap();
    format!(r#"[{{"op":"replace","path":"","value":{value}}}]"#)
}

fn is_written(value: &Value, text: &str) -> bool {
    let written = value.to_string();
    written == text
}
