//! An update as the client takes it, read straight into what is applied.

use crate::{Error, patch::Operations, protocol::Key};
use serde::Deserialize;

/// One step of a signal: its key, and what leads to its next document.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Wire")]
pub(crate) struct Update {
    pub(crate) name: Key,
    pub(crate) change: Change,
}

#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The seq that the operations start from; none for a snapshot.
    pub(crate) from: Option<u64>,
    /// The seq that they lead to.
    pub(crate) to: u64,
    pub(crate) operations: Operations,
}

impl Update {
    /// Reads an update from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of an update, or a snapshot does more than replace the root.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let update: Self = serde_json::from_str(text).map_err(|error| Error::malformed("an update", error, text))?;
        if update.change.from.is_none() && !update.change.operations.is_root_replace() {
            return Err(Error::malformed("a snapshot", "its patch is not one root `replace`", text));
        }
        Ok(update)
    }
}

#[derive(Deserialize)]
struct Wire {
    name: Key,
    #[serde(default)]
    from: Option<u64>,
    to: u64,
    patch: Operations,
}

impl From<Wire> for Update {
    fn from(Wire { name, from, to, patch }: Wire) -> Self {
        Self { name, change: Change { from, to, operations: patch } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_is_read() {
        let text = r#"{"name":"count","from":41,"to":42,"patch":[{"op":"replace","path":"/value","value":2}]}"#;
        let Update { name, change } = Update::parse(text).unwrap();
        assert_eq!((name.as_str(), change.from, change.to, change.operations.0.len()), ("count", Some(41), 42, 1));
        Update::parse(r#"{"name":"a","to":1,"patch":[{"op":"replace","path":"","value":null}],"more":[]}"#).unwrap();
    }

    #[test]
    fn text_that_is_no_update_is_named_with_the_reason() {
        let cases = [
            ("hello", "expected value"),
            ("{}", "missing field `name`"),
            (r#"{"name":"","to":1,"patch":[]}"#, "it is empty"),
            (r#"{"name":"a","patch":[]}"#, "missing field `to`"),
            (r#"{"name":"a","to":-1,"patch":[]}"#, "invalid value"),
            (r#"{"name":"a","to":1}"#, "missing field `patch`"),
            (r#"{"name":"a","to":1,"patch":[{"op":"explode","path":""}]}"#, "unknown variant `explode`"),
            (r#"{"name":"a","to":1,"patch":[{"op":"replace","path":"x","value":1}]}"#, "no JSON Pointer"),
            (r#"{"name":"a","to":1,"patch":[]}"#, "not one root `replace`"),
            (r#"{"name":"a","to":1,"patch":[{"op":"replace","path":"/x","value":1}]}"#, "not one root `replace`"),
        ];
        for (text, why) in cases {
            let error = Update::parse(text).unwrap_err();
            assert!(error.is_malformed() && error.to_string().contains(why), "{text}: {error}");
        }
    }
}
