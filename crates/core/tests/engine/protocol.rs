//! Whatever comes from the wire is what it says, or an error.

use crate::{choices::Choices, ensure::ensure, json, texts};
use leptos_sse_core::{Cursor, Document, Epoch, Key, ServerSignalUpdate};
use serde_json::json;

/// A text through all that reads one.
pub fn read_any(text: &str) -> Result<(), String> {
    match text.parse::<Cursor>() {
        Ok(cursor) => ensure(cursor.to_string().parse().as_ref() == Ok(&cursor), || format!("the cursor {cursor}"))?,
        Err(error) => ensure(error.is_malformed(), || error.to_string())?,
    }
    match text.parse::<Epoch>() {
        Ok(epoch) => ensure(epoch.as_str() == text, || format!("the epoch {epoch}"))?,
        Err(error) => ensure(error.is_malformed(), || error.to_string())?,
    }
    match Key::named(text.to_owned()) {
        Ok(key) => {
            ensure(key.as_str() == text && !text.contains(['\n', '\r', '\0']), || format!("the key {key}"))?;
            ensure(key.id(text).is_ok() == (text.len() < 512), || format!("the id {key}"))?;
        }
        Err(error) => ensure(error.is_invalid_key(), || error.to_string())?,
    }
    read_document(text)?;
    read_update(text)
}

/// Updates, cursors and documents that are good but for a few bytes.
pub fn read_nearly_good(choices: &mut Choices) -> Result<(), String> {
    let mut text = match choices.below(4) {
        0 => format!("{}.{}", choices.pick(&["9f3c", "a", "", "é"]), choices.bits()),
        1 => json::value(choices, 0).to_string(),
        _ => {
            let mut update = json!({ "name": texts::key(choices), "to": choices.below(3) });
            if choices.chance(128) {
                update["from"] = json!(choices.below(3));
                update["patch"] = json!([{ "op": "add", "path": "/a", "value": json::value(choices, 1) }]);
            } else {
                update["patch"] = json!([{ "op": "replace", "path": "", "value": json::value(choices, 0) }]);
            }
            update.to_string()
        }
    };
    if choices.chance(128) {
        texts::edit(choices, &mut text);
    }
    read_any(&text)
}

fn read_document(text: &str) -> Result<(), String> {
    match Document::parse(text) {
        Ok(document) => {
            let written = document.to_string();
            let again = Document::parse(&written).map_err(|error| format!("{error}: {written}"))?;
            ensure(again == document, || format!("{text} is written as {written}"))?;
            ensure(again.to_string() == written, || format!("{written} is written as {again}"))
        }
        Err(error) => ensure(error.is_malformed(), || error.to_string()),
    }
}

fn read_update(text: &str) -> Result<(), String> {
    match ServerSignalUpdate::parse(text) {
        Ok(update) => {
            let written = serde_json::to_string(&update).map_err(|error| error.to_string())?;
            let again = ServerSignalUpdate::parse(&written).map_err(|error| format!("{error}: {written}"))?;
            ensure(again == update, || format!("{text} is written as {written}"))
        }
        Err(error) => ensure(error.is_malformed(), || error.to_string()),
    }
}
