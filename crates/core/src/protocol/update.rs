use super::key::Key;
use crate::error::Error;
use json_patch::{Patch, PatchOperation};
use serde::{Deserialize, Serialize};
use std::{fmt, io::Write};

/// One step of a signal: its key, and the patch from the document before to the one after.
///
/// The wire's form is `{"name":…,"from":…,"to":…,"patch":[…]}`; without `from` it is a snapshot, whose patch is one root
/// `replace` and fits any document.
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::ServerSignalUpdate;
///
/// let text = r#"{"name":"count","from":41,"to":42,"patch":[{"op":"replace","path":"/value","value":2}]}"#;
/// let update = ServerSignalUpdate::parse(text)?;
/// assert_eq!((update.name.as_str(), update.from, update.to), ("count", Some(41), 42));
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSignalUpdate {
    /// The key of the signal.
    pub name: Key,
    /// The seq that the patch starts from; `None` for a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The seq that the patch leads to.
    pub to: u64,
    /// RFC 6902 operations.
    pub patch: Patch,
}

impl ServerSignalUpdate {
    /// Reads an update from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of an update, or a snapshot does more than replace the root.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let update: Self = serde_json::from_str(text).map_err(|error| Error::malformed("an update", error, text))?;
        if update.from.is_none() && !is_root_replace(&update.patch) {
            return Err(Error::malformed("a snapshot", "its patch is not one root `replace`", text));
        }
        Ok(update)
    }
}

fn is_root_replace(patch: &Patch) -> bool {
    matches!(patch.0.as_slice(), [PatchOperation::Replace(replace)] if replace.path.is_root())
}

/// Writes an update as the data of an event, without making a [`ServerSignalUpdate`] first. `patch` writes JSON without a line
/// break.
///
/// # Errors
///
/// When `patch` writes bytes that are not UTF-8.
pub fn write_update(name: &Key, from: Option<u64>, to: u64, patch: impl FnOnce(&mut Vec<u8>)) -> Result<String, Error> {
    let failed = |error: &dyn fmt::Display| Error::serialize(name.as_str(), error);
    let mut data = br#"{"name":"#.to_vec();
    serde_json::to_writer(&mut data, name).map_err(|error| failed(&error))?;
    if let Some(from) = from {
        write!(data, ",\"from\":{from}").map_err(|error| failed(&error))?;
    }
    write!(data, ",\"to\":{to},\"patch\":").map_err(|error| failed(&error))?;
    patch(&mut data);
    data.push(b'}');
    String::from_utf8(data).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let text = r#"{"name":"count","from":41,"to":42,"patch":[{"op":"replace","path":"/value","value":2}]}"#;
        let update = ServerSignalUpdate::parse(text).unwrap();
        assert_eq!(serde_json::to_string(&update).unwrap(), text);
        let patch = |data: &mut Vec<u8>| serde_json::to_writer(data, &update.patch).unwrap();
        assert_eq!(write_update(&update.name, update.from, update.to, patch).unwrap(), text);
    }

    #[test]
    fn text_that_is_no_update_is_named_with_the_reason() {
        let cases = [
            ("hello", "expected value"),
            ("{}", "missing field `name`"),
            (r#"{"name":"","to":1,"patch":[]}"#, "it is empty"),
            (r#"{"name":"a","patch":[]}"#, "missing field `to`"),
            (r#"{"name":"a","to":-1,"patch":[]}"#, "invalid value"),
            (r#"{"name":"a","to":1,"patch":[{"op":"explode","path":""}]}"#, "unknown variant `explode`"),
            (r#"{"name":"a","to":1,"patch":[]}"#, "not one root `replace`"),
            (r#"{"name":"a","to":1,"patch":[{"op":"replace","path":"/x","value":1}]}"#, "not one root `replace`"),
        ];
        for (text, why) in cases {
            let error = ServerSignalUpdate::parse(text).unwrap_err();
            assert!(error.is_malformed() && error.to_string().contains(why), "{text}: {error}");
        }
    }
}
