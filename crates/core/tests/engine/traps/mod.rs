//! Where engines like this one have gone wrong, each by its name.

mod enums;
mod floats;
mod keys;
mod lists;
mod numbers;
mod shapes;
mod strange;
mod strings;
mod swallowed;
mod wire;

use crate::pair::{Options, Pair};
use leptos_sse_core::{Differ, Document};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt::Debug;

/// Follows these values with each set of options, and gives the patches of a plain differ.
fn follow<T: Serialize>(values: &[T]) -> Vec<String> {
    let plain = follow_with(Options::default(), values);
    follow_with(Options { string_edits: true, ..Options::default() }, values);
    follow_with(Options { string_edits: true, identity: Some("name"), ..Options::default() }, values);
    plain
}

fn follow_with<T: Serialize>(options: Options, values: &[T]) -> Vec<String> {
    let mut pair = Pair::new(options);
    let mut patches = Vec::new();
    for value in values {
        let next = serde_json::to_value(value).unwrap();
        patches.push(pair.advance(value, &next).unwrap_or_else(|error| panic!("{error}\nwith {options:?}")));
        assert_eq!(pair.advance(value, &next).unwrap(), "", "of the same value");
    }
    patches
}

/// The same, where each value must also be read again.
fn follow_and_read<T: Serialize + DeserializeOwned + PartialEq + Debug>(values: &[T]) -> Vec<String> {
    let mut differ = Differ::new();
    let mut client = Document::parse("null").unwrap();
    for value in values {
        let mut patch = Vec::new();
        if differ.advance(value, &mut patch).unwrap() {
            client.apply(std::str::from_utf8(&patch).unwrap()).unwrap();
        }
        assert_eq!(&client.read::<T>().unwrap(), value);
        assert_eq!(&differ.document().unwrap().read::<T>().unwrap(), value);
        assert_eq!(&Document::of(value).unwrap().read::<T>().unwrap(), value);
    }
    follow(values)
}

/// The first value needs a snapshot; gives what all others are sent as.
fn patches_after_the_first<T: Serialize>(values: &[T]) -> Vec<String> {
    follow(values).split_off(1)
}

/// Why a value is not taken: as the first one, after a good one, and as a document.
fn refusal<T: Serialize>(good: &T, bad: &T) -> String {
    let first = Differ::new().advance(bad, &mut Vec::new()).unwrap_err();
    let mut pair = Pair::new(Options::default());
    pair.advance(good, &serde_json::to_value(good).unwrap()).unwrap();
    pair.fail(bad).unwrap();
    pair.advance(good, &serde_json::to_value(good).unwrap()).unwrap();
    let mut differ = Differ::new();
    differ.advance(good, &mut Vec::new()).unwrap();
    let later = differ.advance(bad, &mut Vec::new()).unwrap_err();
    assert!(first.is_serialize() && later.is_serialize() && Document::of(bad).unwrap_err().is_serialize());
    assert_eq!(first.to_string(), later.to_string());
    assert_eq!(first.to_string(), Document::of(bad).unwrap_err().to_string());
    first.to_string()
}

/// Takes values that serde did not foresee: whatever comes of them, both ends hold the same, and a failure changes nothing.
/// Gives what they hold at the end.
fn follow_strange<T: Serialize>(values: &[T]) -> Option<Value> {
    let mut last = None;
    for string_edits in [false, true] {
        let mut differ = Differ::new().string_edits(string_edits);
        let mut client = Document::parse("null").unwrap();
        for value in values {
            let before = differ.document().cloned();
            let mut patch = b"before it".to_vec();
            match differ.advance(value, &mut patch) {
                Ok(true) => client.apply(std::str::from_utf8(&patch[9..]).unwrap()).unwrap(),
                Ok(false) => assert_eq!(patch, b"before it"),
                Err(error) => {
                    assert!(error.is_serialize(), "{error}");
                    assert_eq!(patch, b"before it", "{error}");
                    assert_eq!(differ.document(), before.as_ref(), "{error}");
                }
            }
            let sent = differ.document().map(Document::to_value);
            assert_eq!(sent.clone().unwrap_or_default(), client.to_value());
            last = sent;
        }
    }
    last
}

fn texts(patches: &[String]) -> Vec<&str> {
    patches.iter().map(String::as_str).collect()
}
