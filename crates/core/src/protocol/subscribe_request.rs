use super::{
    cursor::{Cursor, Epoch},
    key::Key,
};
use crate::error::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::{
    collections::{HashMap, hash_map::Entry},
    fmt::Write,
};

/// What a client asks for: keys, each with the seq that it holds, and the epoch of those seqs.
///
/// It is the query of the stream's URL, `epoch=9f3c&s=app::Count~41&s=Room:42&ops=str`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscribeRequest {
    /// The epoch that the seqs belong to.
    pub epoch: Option<Epoch>,
    /// The keys, each once, with the seq held; none for a fresh start.
    pub keys: Vec<(Key, Option<u64>)>,
    /// Whether the client takes `str_ins` and `str_del`, the string edits of JSON Patch Extended, beside RFC 6902.
    pub string_edits: bool,
}

/// The parameter of a client that takes string edits, among others that we do not know.
const STRING_EDITS: &str = "ops=str";

/// What stands as it is in a value of the query, beside letters and digits.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b':');

impl SubscribeRequest {
    /// How many keys can be asked for, whatever a server is told to allow: each may cost a decision.
    pub const MAX_KEYS: usize = 1_024;

    /// Reads the query of a URL, without its `?`. Parameters of other names are passed over.
    ///
    /// # Errors
    ///
    /// When the epoch is none, or a key is none once it is decoded, and when there are more than 1,024 keys.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let mut ask = Self::default();
        let mut places = HashMap::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("epoch", epoch)) => ask.epoch = Some(decode(epoch)?.parse()?),
                // It may be of others, who write it as they like.
                Some(("ops", ops)) => {
                    ask.string_edits |= decode(ops).is_ok_and(|ops| ops.split(',').any(|op| op == "str"));
                }
                Some(("s", text)) => {
                    let (key, seq) = key_and_seq(&decode(text)?)?;
                    match places.entry(key) {
                        Entry::Occupied(place) => {
                            let (_, held): &mut (_, Option<u64>) = &mut ask.keys[*place.get()];
                            *held = seq.max(*held);
                        }
                        Entry::Vacant(_) if ask.keys.len() == Self::MAX_KEYS => {
                            return Err(Error::malformed("a query", "it asks for more than 1,024 keys", query));
                        }
                        Entry::Vacant(place) => {
                            ask.keys.push((place.key().clone(), seq));
                            place.insert(ask.keys.len() - 1);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(ask)
    }

    /// The query of a URL, without its `?`.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        if let Some(epoch) = self.epoch.as_ref().filter(|_| self.keys.iter().any(|(_, seq)| seq.is_some())) {
            let _ = write!(query, "epoch={epoch}");
        }
        for (key, seq) in &self.keys {
            let separator = if query.is_empty() { "" } else { "&" };
            let _ = write!(query, "{separator}s={}", utf8_percent_encode(key.as_str(), ENCODED));
            match seq {
                Some(seq) => {
                    let _ = write!(query, "~{seq}");
                }
                // The last `~` separates, wherever it comes from.
                None if key.as_str().contains('~') => query.push('~'),
                None => {}
            }
        }
        if self.string_edits {
            query += if query.is_empty() { "" } else { "&" };
            query += STRING_EDITS;
        }
        query
    }

    /// The seqs that count in `epoch`: of each key the larger of the one asked with and that of `Last-Event-ID`, which a
    /// browser adds when it repeats a request.
    pub fn resume(&mut self, epoch: &Epoch, last_event_id: Option<&Cursor>) {
        let last = last_event_id.filter(|cursor| cursor.epoch == *epoch).map(|cursor| cursor.seq);
        let same = self.epoch.as_ref() == Some(epoch);
        for (_, seq) in &mut self.keys {
            *seq = seq.filter(|_| same).max(last);
        }
    }
}

fn key_and_seq(text: &str) -> Result<(Key, Option<u64>), Error> {
    let (name, seq) = match text.rsplit_once('~') {
        Some((name, "")) => (name, None),
        Some((name, seq)) if seq.bytes().all(|byte| byte.is_ascii_digit()) => {
            let seq = seq.parse().map_err(|_| Error::malformed("a seq", "it is no number of 64 bits", text))?;
            (name, Some(seq))
        }
        _ => (text, None),
    };
    Ok((Key::named(name.to_owned())?, seq))
}

fn decode(text: &str) -> Result<String, Error> {
    // As in a form: URLs that were not made by us have their blanks so.
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(Into::into).map_err(|error| Error::malformed("a query", error, &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(epoch: Option<&str>, keys: &[(&str, Option<u64>)]) -> SubscribeRequest {
        let keys = keys.iter().map(|(key, seq)| (Key::named((*key).to_owned()).unwrap(), *seq)).collect();
        SubscribeRequest { epoch: epoch.map(|epoch| epoch.parse().unwrap()), keys, string_edits: false }
    }

    #[test]
    fn what_is_asked_can_be_read_again() {
        let cases = [
            (ask(None, &[]), ""),
            (ask(None, &[("app::Count", None)]), "s=app::Count"),
            (
                ask(Some("9f3c"), &[("app::Count", Some(41)), ("Room:42", Some(17))]),
                "epoch=9f3c&s=app::Count~41&s=Room:42~17",
            ),
            (ask(None, &[("a~7", None), ("~", None)]), "s=a%7E7~&s=%7E~"),
            (ask(None, &[("a&b=c d+é", None)]), "s=a%26b%3Dc%20d%2B%C3%A9"),
            (SubscribeRequest { string_edits: true, ..ask(None, &[]) }, "ops=str"),
            (SubscribeRequest { string_edits: true, ..ask(Some("e"), &[("a", Some(1))]) }, "epoch=e&s=a~1&ops=str"),
        ];
        for (ask, query) in cases {
            assert_eq!(ask.to_query(), query);
            assert_eq!(SubscribeRequest::parse(query).unwrap(), ask, "{query}");
        }
    }

    #[test]
    fn a_query_that_others_wrote_is_read_as_it_is_meant() {
        assert_eq!(SubscribeRequest::parse("room=1&s=a%7E41&x").unwrap(), ask(None, &[("a", Some(41))]));
        assert_eq!(SubscribeRequest::parse("s=a~1&s=a~3&s=a~2").unwrap(), ask(None, &[("a", Some(3))]));
        assert_eq!(SubscribeRequest::parse("s=a~b").unwrap(), ask(None, &[("a~b", None)]));
    }

    #[test]
    fn string_edits_are_one_of_the_operations_that_a_client_takes() {
        let cases = [
            ("ops=str", true),
            ("ops=later,str&s=a", true),
            ("ops=later%2Cstr", true),
            ("ops=later&ops=str&ops=", true),
            ("ops", false),
            ("ops=", false),
            ("ops=string", false),
            ("ops=STR", false),
            ("ops=%FF", false),
            ("s=ops", false),
        ];
        for (query, string_edits) in cases {
            assert_eq!(SubscribeRequest::parse(query).unwrap().string_edits, string_edits, "{query}");
        }
    }

    #[test]
    fn a_query_without_sense_is_named() {
        for bad in ["s=", "s=%00", "s=~7", "s=%FF", "epoch=", "epoch=a.b", "s=a~18446744073709551616"] {
            SubscribeRequest::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn a_query_asks_for_a_bounded_number_of_keys() {
        let query = |keys: usize| (0..keys).map(|key| format!("s={key}&s={key}~7&")).collect::<String>();
        assert_eq!(SubscribeRequest::parse(&query(1_024)).unwrap().keys.len(), 1_024);
        assert!(SubscribeRequest::parse(&query(1_025)).unwrap_err().is_malformed());
    }

    #[test]
    fn of_two_cursors_the_larger_counts_and_another_epoch_none() {
        let epoch: Epoch = "e".parse().unwrap();
        let cases = [
            (Some("e"), Some(5), Some("e.7"), Some(7)),
            (Some("e"), Some(9), Some("e.7"), Some(9)),
            (Some("e"), Some(9), Some("f.70"), Some(9)),
            (Some("f"), Some(9), Some("e.7"), Some(7)),
            (Some("f"), Some(9), None, None),
            (None, Some(9), None, None),
            (None, None, Some("e.7"), Some(7)),
        ];
        for (asked, seq, last, expected) in cases {
            let mut ask = ask(asked, &[("a", seq)]);
            ask.resume(&epoch, last.map(|last| last.parse().unwrap()).as_ref());
            assert_eq!(ask.keys[0].1, expected, "{asked:?} {seq:?} {last:?}");
        }
    }
}
