//! Values that serde did not foresee. Whatever comes of them, there is no panic, and both ends hold the same.

use super::*;
use crate::{choices::Choices, json as any};
use serde::{
    Serializer,
    ser::{Error, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::json;
use std::cell::Cell;

/// Fails to be written, after some of it was.
struct Bad;

impl Serialize for Bad {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        seq.serialize_element(&[1, 2])?;
        Err(S::Error::custom("it is bad"))
    }
}

/// Writes its good items, and goes on after its bad ones.
struct Swallowing(Vec<Result<Value, Bad>>);

impl Serialize for Swallowing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for item in &self.0 {
            match item {
                Ok(item) => seq.serialize_element(item)?,
                // As if nothing had happened.
                Err(bad) => drop(seq.serialize_element(bad)),
            }
        }
        seq.end()
    }
}

#[test]
fn an_error_that_is_swallowed_within_a_list_does_no_harm() {
    let list = |items: &[Option<i32>]| {
        Swallowing(
            items
                .iter()
                .map(|item| item.map_or(Err(Bad), |item| Ok(json!({ "id": item, "text": "filler" }))))
                .collect(),
        )
    };
    let (one, two, bad) = (Some(1), Some(2), None);
    let lists: [&[Option<i32>]; 9] = [
        &[one, two],
        &[one, bad, two],
        &[bad],
        &[two, one],
        &[bad, two, one],
        &[two, one, bad],
        &[],
        &[bad, bad],
        &[one],
    ];
    assert_eq!(follow_strange(&lists.map(list)), Some(json!([{ "id": 1, "text": "filler" }])));
}

/// The same in a map and in a struct.
struct SwallowingMembers {
    members: Vec<(&'static str, Result<Value, Bad>)>,
    as_struct: bool,
}

impl Serialize for SwallowingMembers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.as_struct {
            let mut fields = serializer.serialize_struct("Swallowing", self.members.len())?;
            for (name, value) in &self.members {
                match value {
                    Ok(value) => fields.serialize_field(name, value)?,
                    Err(bad) => drop(fields.serialize_field(name, bad)),
                }
            }
            fields.end()
        } else {
            let mut map = serializer.serialize_map(None)?;
            for (name, value) in &self.members {
                match value {
                    Ok(value) => map.serialize_entry(name, value)?,
                    Err(bad) => drop(map.serialize_entry(name, bad)),
                }
            }
            map.end()
        }
    }
}

#[test]
fn an_error_that_is_swallowed_within_a_map_or_a_struct_does_no_harm() {
    for as_struct in [false, true] {
        let members = |members: &[(&'static str, Option<i32>)]| SwallowingMembers {
            members: members
                .iter()
                .map(|(name, value)| (*name, value.map_or(Err(Bad), |value| Ok(json!([value, "filler"])))))
                .collect(),
            as_struct,
        };
        let all: [&[(&str, Option<i32>)]; 7] = [
            &[("a", Some(1)), ("b", Some(2))],
            &[("a", None), ("b", Some(2))],
            &[("a", Some(1)), ("b", None)],
            &[("a", None), ("a", Some(1)), ("b", Some(3))],
            &[("b", Some(3)), ("a", None)],
            &[("c", None)],
            &[("a", Some(1))],
        ];
        assert_eq!(follow_strange(&all.map(members)), Some(json!({ "a": [1, "filler"] })));
    }
}

/// Each time that it is written it is something else.
struct Fickle(Cell<u64>);

impl Serialize for Fickle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut state = self.0.get();
        let mut bytes = [0; 512];
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
        self.0.set(state);
        any::value(&mut Choices::new(&bytes), 0).serialize(serializer)
    }
}

#[test]
fn a_value_that_is_not_the_same_twice_leaves_both_ends_alike() {
    for seed in 0..200 {
        let values: Vec<_> =
            (0..5).map(|step| vec![Fickle(Cell::new(seed * 7 + step)), Fickle(Cell::new(seed))]).collect();
        let values: Vec<_> = values.iter().map(|value| ("filler", value, "more filler")).collect();
        follow_strange(&values);
    }
}

/// Its length, its keys, its numbers and its texts change each time that it is written.
struct Counting(Cell<usize>);

impl Serialize for Counting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.set(self.0.get() + 1);
        let count = self.0.get();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("count", &count)?;
        map.serialize_entry(&format!("key {}", count % 3), &"text ".repeat(count % 5))?;
        let items: Vec<_> = (0..count % 4).map(|id| json!({ "id": (id + count) % 4, "text": count % 2 })).collect();
        map.serialize_entry("items", &items)?;
        map.end()
    }
}

#[test]
fn a_value_that_counts_how_often_it_is_written_leaves_both_ends_alike() {
    let counting = (1, Counting(Cell::new(0)), [Counting(Cell::new(7))], "filler");
    follow_strange(&[(); 50].map(|()| &counting));
}

#[test]
fn a_length_that_is_not_true_is_a_hint_only() {
    struct Boasting(usize, Vec<u8>);
    impl Serialize for Boasting {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(self.0))?;
            map.serialize_key("list")?;
            struct List<'a>(usize, &'a [u8]);
            impl Serialize for List<'_> {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut seq = serializer.serialize_seq(Some(self.0))?;
                    self.1.iter().try_for_each(|item| seq.serialize_element(item))?;
                    seq.end()
                }
            }
            map.serialize_value(&List(self.0, &self.1))?;
            map.end()
        }
    }
    let values = [
        Boasting(0, vec![1, 2]),
        Boasting(usize::MAX, vec![1]),
        Boasting(usize::MAX, vec![1, 2, 3]),
        Boasting(1, vec![]),
    ];
    assert_eq!(follow_strange(&values), Some(json!({ "list": [] })));
}

#[test]
fn a_struct_with_more_or_fewer_fields_than_it_says_has_those_that_it_writes() {
    struct Liar(usize, &'static [&'static str]);
    impl Serialize for Liar {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut fields = serializer.serialize_struct("Liar", self.0)?;
            self.1.iter().try_for_each(|name| fields.serialize_field(name, &1))?;
            fields.end()
        }
    }
    let values = [Liar(0, &["a", "b"]), Liar(usize::MAX, &["a"]), Liar(2, &["a", "b", "c"]), Liar(3, &["c"])];
    assert_eq!(follow_strange(&values), Some(json!({ "c": 1 })));
}

/// Keys without values and values without keys, which `serde_json` itself would take or panic at.
#[test]
fn a_map_that_is_written_in_the_wrong_order_panics_nowhere() {
    #[derive(Clone, Copy)]
    enum Call {
        Key(&'static str),
        Value(i32),
    }
    struct Calls(&'static [Call]);
    impl Serialize for Calls {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for call in self.0 {
                match call {
                    Call::Key(key) => map.serialize_key(key)?,
                    Call::Value(value) => map.serialize_value(value)?,
                }
            }
            map.end()
        }
    }
    use Call::{Key, Value};
    let good = Calls(&[Key("a"), Value(1)]);
    for calls in [
        &[Value(1)][..],
        &[Key("a")],
        &[Key("a"), Key("b"), Value(1)],
        &[Key("a"), Value(1), Value(2)],
        &[Key("a"), Value(2), Key("b")],
    ] {
        follow_strange(&[Calls(calls)]);
        follow_strange(&[&good, &Calls(calls), &good, &Calls(calls)]);
    }
}

/// An app may well write into a document what it has from another.
#[test]
fn a_document_can_be_part_of_a_value() {
    let documents = [json!({ "a": [1, 2] }), json!({ "a": [1, 3], "b": 1.0 })].map(|value| Document::from(&value));
    let patches = follow_strange(&documents.map(|document| (document, "filler".to_owned())));
    assert_eq!(patches, Some(json!([{ "a": [1, 3], "b": 1.0 }, "filler"])));
}
