use super::key::Key;
use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The data of a `feed` event: one step of a feed.
///
/// With an item it is an event of the feed. Without one it moves the client on: from a seq, over a gap of events that are
/// gone; without `from`, to where the feed starts for this client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "I: Deserialize<'de>"))]
pub struct FeedUpdate<I = Value> {
    /// The key of the feed.
    pub name: Key,
    /// The seq that the step starts from; `None` for the start of the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The seq that the step leads to.
    pub to: u64,
    /// The event itself.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub item: Option<I>,
}

impl FeedUpdate {
    /// Reads a step of a feed from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of a feed's step.
    // For those who check what the server wrote: the browser reads it without `serde`.
    #[allow(dead_code)]
    pub fn parse(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::malformed("an event of a feed", error, text))
    }
}

/// Reads `null` as an item, and not as a missing one.
fn present<'de, I: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<I>, D::Error> {
    I::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_null_is_an_item() {
        let with = FeedUpdate::parse(r#"{"name":"log","from":1,"to":2,"item":null}"#).unwrap();
        assert_eq!(with.item, Some(Value::Null));
        let without = FeedUpdate::parse(r#"{"name":"log","from":1,"to":2}"#).unwrap();
        assert_eq!(without.item, None);
        assert!(FeedUpdate::parse(r#"{"name":"log"}"#).unwrap_err().is_malformed());
    }
}
