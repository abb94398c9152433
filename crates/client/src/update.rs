//! Events as the client takes them, read straight into what is applied.

use leptos_sse_core::{
    Error,
    document::{Document, Flaw, Json, KnownKeys},
    patch::Operations,
    protocol::{FeedUpdate, Key},
};

/// One step of a signal: its key, and what leads to its next document.
#[derive(Clone, Debug)]
pub struct Update {
    /// The key of the signal.
    pub name: Key,
    /// What leads to its next document.
    pub change: DocumentChange,
}

/// The operations that lead from one document of a signal to the next.
#[derive(Clone, Debug)]
pub struct DocumentChange {
    /// The seq that the operations start from; none for a snapshot.
    pub from: Option<u64>,
    /// The seq that they lead to.
    pub to: u64,
    /// The operations.
    pub operations: Operations,
}

/// One step of a feed, whose item is read as its type later.
pub type FeedStep = FeedUpdate<Document>;

impl Update {
    /// Reads an update from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of an update, or a snapshot does more than replace the root.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let update = Json::whole(text, Self::read).map_err(|flaw| Error::malformed("an update", flaw, text))?;
        if update.change.from.is_none() && !update.change.operations.is_root_replace() {
            return Err(Error::malformed("a snapshot", "its patch is not one root `replace`", text));
        }
        Ok(update)
    }

    fn read(json: &mut Json) -> Result<Self, Flaw> {
        let (mut name, mut from, mut to, mut patch) = (None, None, None, None);
        json.members("an update", &mut |member, json| {
            match member {
                "name" => name = Some(Key::read(json)?),
                "from" => from = json.optional(Json::unsigned)?,
                "to" => to = Some(json.unsigned()?),
                "patch" => patch = Some(Operations::read(json)?),
                _ => json.skip()?,
            }
            Ok(())
        })?;
        let (name, to) = (json.required(name, "name")?, json.required(to, "to")?);
        Ok(Self { name, change: DocumentChange { from, to, operations: json.required(patch, "patch")? } })
    }
}

/// Reads a step of a feed from an event's data.
///
/// # Errors
///
/// When the text is no JSON, or not that of a feed's step.
pub fn parse_feed_step(text: &str) -> Result<FeedStep, Error> {
    Json::whole(text, read_feed_step).map_err(|flaw| Error::malformed("an event of a feed", flaw, text))
}

fn read_feed_step(json: &mut Json) -> Result<FeedStep, Flaw> {
    let (mut name, mut from, mut to, mut item) = (None, None, None, None);
    json.members("an event of a feed", &mut |member, json| {
        match member {
            "name" => name = Some(Key::read(json)?),
            "from" => from = json.optional(Json::unsigned)?,
            "to" => to = Some(json.unsigned()?),
            // One that is `null` is an item all the same.
            "item" => item = Some(Document::new(json.node(&mut KnownKeys::default())?)),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(FeedStep { name: json.required(name, "name")?, from, to: json.required(to, "to")?, item })
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

    #[test]
    fn a_step_of_a_feed_is_read_as_the_server_reads_it() {
        let texts = [
            r#"{"name":"log","from":1,"to":2,"item":null}"#,
            r#"{"name":"log","to":2,"item":{"a":[1.5,"b"]},"more":{}}"#,
            r#"{"name":"log","from":null,"to":2}"#,
        ];
        for text in texts {
            let (step, update) = (parse_feed_step(text).unwrap(), FeedUpdate::parse(text).unwrap());
            assert_eq!((step.name, step.from, step.to), (update.name, update.from, update.to));
            assert_eq!(step.item.map(|item| item.to_value()), update.item);
        }
        for text in
            ["", "[]", r#"{"name":"log"}"#, r#"{"to":1}"#, r#"{"name":"","to":1}"#, r#"{"name":"log","to":1.5}"#]
        {
            assert!(parse_feed_step(text).unwrap_err().is_malformed(), "{text}");
        }
    }
}
