//! A `Serialize` that takes an error, or a panic, for its own affair, and goes on. What the differ sends must be the value
//! that it would send to a client that is new.

use super::*;
use serde::{
    Serializer,
    ser::{Error, SerializeMap, SerializeSeq},
};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Each step is what a document of the value alone is.
fn follow_alone<T: Serialize>(values: &[T]) {
    for string_edits in [false, true] {
        let mut differ = Differ::new().string_edits(string_edits);
        let mut client = Document::parse("null").unwrap();
        for (step, value) in values.iter().enumerate() {
            let mut patch = Vec::new();
            if differ.advance(value, &mut patch).unwrap() {
                let patch = std::str::from_utf8(&patch).unwrap();
                client.apply(patch).unwrap_or_else(|error| panic!("step {step}: {error}: {patch}"));
            }
            assert_eq!(client.to_value(), Document::of(value).unwrap().to_value(), "step {step}");
            assert_eq!(differ.document().unwrap().to_value(), client.to_value(), "step {step}");
        }
    }
}

const FILLER: &str = "some text that is long enough, so that an item takes more than an operation does";

/// Goes on after any error.
struct Lenient(Vec<i32>);

impl Serialize for Lenient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for item in &self.0 {
            let _ = seq.serialize_element(item);
        }
        seq.end()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Text(&'static str),
    Row { a: u8, b: u8, tags: Lenient, name: &'static str },
}

#[test]
fn an_error_that_a_list_within_an_item_passes_over_leaves_nothing_behind() {
    let row = |tag| Line::Row { a: 1, b: 1, tags: Lenient(vec![tag]), name: FILLER };
    follow_alone(&[
        vec![Line::Text("x"), row(2), row(3)],
        vec![row(4), Line::Text("x"), row(2), row(3)],
        vec![row(4), row(5), row(2)],
        vec![row(2), row(9), row(4), Line::Text("x")],
    ]);
}

/// Puts words of its own around an error.
struct Wrapped<T>(T);

impl<T: Serialize> Serialize for Wrapped<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer).map_err(|error| S::Error::custom(format!("in a wrap: {error}")))
    }
}

#[test]
fn an_error_in_other_words_is_no_failure_of_the_value() {
    follow_alone(&[Wrapped(json!([1, 2, 3])), Wrapped(json!({ "a": 1 })), Wrapped(json!([[1], "x"]))]);
    let item = |id: u8| Wrapped(json!({ "filler": FILLER, "id": id }));
    follow_alone(&[vec![item(1), item(2)], vec![item(2), item(1)], vec![item(3), item(1)]]);
}

/// Panics after its members.
struct Panicking(Value, bool);

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0.as_object().unwrap() {
            map.serialize_entry(key, value)?;
        }
        if self.1 {
            resume_unwind(Box::new(()));
        }
        map.end()
    }
}

/// Goes on after a panic.
struct Catching(Vec<Panicking>, bool);

impl Serialize for Catching {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.1 {
            let mut seq = serializer.serialize_seq(None)?;
            for item in &self.0 {
                let _ = catch_unwind(AssertUnwindSafe(|| seq.serialize_element(item)));
            }
            seq.end()
        } else {
            let mut map = serializer.serialize_map(None)?;
            for (index, item) in self.0.iter().enumerate() {
                let _ = catch_unwind(AssertUnwindSafe(|| map.serialize_entry(&index, item)));
            }
            map.end()
        }
    }
}

#[test]
fn a_panic_that_is_caught_on_the_way_leaves_nothing_behind() {
    let item = |id: u8, value: u8, panics| Panicking(json!({ "a": value, "b": value, "id": id, "z": FILLER }), panics);
    for as_list in [true, false] {
        follow_alone(&[
            Catching(vec![item(1, 1, false), item(2, 1, false), item(3, 1, false)], as_list),
            Catching(vec![item(1, 2, true), item(2, 1, false), item(3, 1, false)], as_list),
            Catching(vec![item(1, 2, false), item(2, 1, false), item(3, 1, false)], as_list),
            Catching(vec![item(3, 2, true), item(2, 5, true), item(1, 1, false)], as_list),
            Catching(vec![item(2, 2, false), item(3, 5, true), item(1, 1, false), item(4, 1, false)], as_list),
        ]);
    }
}

#[test]
fn a_panic_midway_takes_no_option_of_the_differ_away() {
    let text = |words: usize, panics| Panicking(json!({ "text": "words ".repeat(words) }), panics);
    let mut differ = Differ::new().string_edits(true);
    differ.advance(&text(100, false), &mut Vec::new()).unwrap();
    catch_unwind(AssertUnwindSafe(|| differ.advance_patch(&text(101, true)))).unwrap_err();
    let mut patch = Vec::new();
    differ.advance(&text(101, false), &mut patch).unwrap();
    assert_eq!(String::from_utf8(patch).unwrap(), r#"[{"op":"str_ins","path":"/text","pos":600,"str":"words "}]"#);
}
