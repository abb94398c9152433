//! Every kind of type from every kind of document, against the same from a `&serde_json::Value`.

use crate::document::Document;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt::Debug,
    num::NonZeroU8,
    time::Duration,
};

const DOCUMENTS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "255",
    "256",
    "-129",
    "1.0",
    "1.5",
    "-0.0",
    "1e300",
    "18446744073709551615",
    "-9223372036854775808",
    r#""""#,
    r#""a""#,
    r#""ab""#,
    r#""é""#,
    r#""Unit""#,
    r#""Newtype""#,
    r#""Tuple""#,
    r#""Struct""#,
    r#""1""#,
    "[]",
    "[null]",
    "[1]",
    "[1,2]",
    "[1,2,3]",
    r#"["a",1]"#,
    "[[1,2],[3]]",
    "[true,false]",
    "{}",
    r#"{"Unit":null}"#,
    r#"{"Unit":1}"#,
    r#"{"Newtype":1}"#,
    r#"{"Newtype":[1]}"#,
    r#"{"Tuple":[1,"a"]}"#,
    r#"{"Tuple":[]}"#,
    r#"{"Tuple":[1]}"#,
    r#"{"Tuple":[1,"a",2]}"#,
    r#"{"Tuple":{}}"#,
    r#"{"Struct":{"a":1}}"#,
    r#"{"Struct":[1]}"#,
    r#"{"Struct":{}}"#,
    r#"{"Unit":null,"Newtype":1}"#,
    r#"{"Other":1}"#,
    r#"{"a":1}"#,
    r#"{"a":1,"b":"x"}"#,
    r#"{"a":1,"b":null,"c":[]}"#,
    r#"{"b":"x","a":1}"#,
    r#"{"a":"x"}"#,
    r#"{"t":"Unit"}"#,
    r#"{"t":"Newtype","c":1}"#,
    r#"{"t":"Struct","a":1}"#,
    r#"{"t":"Struct","c":{"a":1}}"#,
    r#"{"1":"a","2":"b"}"#,
    r#"{"-1":1}"#,
    r#"{"1.5":1}"#,
    r#"{"1 ":1}"#,
    r#"{" 1":1}"#,
    r#"{"01":1}"#,
    r#"{"1e3":1}"#,
    r#"{"256":1}"#,
    r#"{"true":1,"false":2}"#,
    r#"{"Unit":1,"Other":2}"#,
    r#"{"secs":1,"nanos":2}"#,
    r#"{"":1}"#,
    r#"{"+1":1}"#,
    r#"{"18446744073709551616":1}"#,
    r#"{"a":{"a":{"a":null}}}"#,
    r#"{"a":7,"x":[1],"y":{"z":null}}"#,
    r#"{"Ok":1}"#,
];

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are shown")]
enum Outer {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { a: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t")]
#[expect(dead_code, reason = "they are shown")]
enum Inner {
    Unit,
    Struct { a: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "they are shown")]
enum Beside {
    Unit,
    Newtype(u8),
    Struct { a: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "they are shown")]
enum Untagged {
    Unit,
    Number(u8),
    Text(String),
    List(Vec<u8>),
    Struct { a: Option<Box<Untagged>> },
}

#[derive(Debug, Deserialize, Hash, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Unit,
    #[serde(other)]
    Any,
}

#[derive(Debug, Deserialize)]
struct Unit;

#[derive(Debug, Deserialize, Hash, PartialEq, Eq, PartialOrd, Ord)]
struct Newtype<T>(T);

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are shown")]
struct Tuple(u8, u8);

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are shown")]
struct Struct {
    a: u8,
    b: Option<String>,
    #[serde(default)]
    c: Vec<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "they are shown")]
struct Strict {
    a: u8,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are shown")]
struct Flat {
    a: u8,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "they are shown")]
struct Nested {
    a: Option<Box<Nested>>,
}

fn check<T: DeserializeOwned + Debug>() {
    for text in DOCUMENTS {
        let value: Value = serde_json::from_str(text).unwrap();
        let expected = shown(T::deserialize(&value));
        // By its members in the order in which a `Value` has them, as some errors name the first one.
        let document = Document::parse(&value.to_string()).unwrap();
        assert_eq!(shown(T::deserialize(document.root())), expected, "{} of {text}", std::any::type_name::<T>());
        let by_place = document.root().read::<T>();
        assert_eq!(shown(by_place), expected, "{} of {text}", std::any::type_name::<T>());
        let built = Document::of(&value).unwrap();
        assert_eq!(shown(T::deserialize(built.root())), expected, "{} of {text}", std::any::type_name::<T>());
    }
}

fn shown<T: Debug>(read: Result<T, serde_json::Error>) -> Result<String, String> {
    read.map(|value| format!("{value:?}")).map_err(|error| error.to_string())
}

macro_rules! check {
    ($($type:ty),* $(,)?) => { $(check::<$type>();)* };
}

#[test]
fn a_value_is_read_as_from_a_value_of_serde_json() {
    check! {
        (), bool, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, f32, f64, char, String, NonZeroU8, Duration,
        Option<u8>, Option<()>, Option<Option<u8>>, Vec<u8>, Vec<Vec<u8>>, Vec<Option<u8>>, (u8,), (u8, u8), [u8; 2],
        (String, u8), Box<[u8]>, Cow<'static, str>, Result<u8, String>,
        Outer, Inner, Beside, Untagged, Name, Unit, Newtype<u8>, Newtype<Option<u8>>, Newtype<Outer>, Tuple, Struct, Strict,
        Flat, Nested, Option<Struct>, Vec<Outer>, IgnoredAny, Value, BTreeMap<String, Value>, BTreeMap<char, u8>,
    };
}

#[test]
fn keys_are_read_as_from_a_value_of_serde_json() {
    check! {
        BTreeMap<u8, IgnoredAny>, BTreeMap<i8, IgnoredAny>, BTreeMap<u16, IgnoredAny>, BTreeMap<i16, IgnoredAny>,
        BTreeMap<u32, IgnoredAny>, BTreeMap<i32, IgnoredAny>, BTreeMap<u64, IgnoredAny>, BTreeMap<i64, IgnoredAny>,
        BTreeMap<u128, IgnoredAny>, BTreeMap<i128, IgnoredAny>, BTreeMap<bool, IgnoredAny>, BTreeMap<Name, IgnoredAny>,
        BTreeMap<Option<u8>, IgnoredAny>, BTreeMap<Newtype<u8>, IgnoredAny>, BTreeMap<Newtype<String>, IgnoredAny>,
        BTreeMap<(), IgnoredAny>, HashMap<Vec<u8>, IgnoredAny>,
    };
}

#[derive(Debug, Deserialize)]
struct Borrowed<'a> {
    #[serde(borrow)]
    a: Option<&'a str>,
    #[serde(borrow)]
    b: Cow<'a, str>,
    c: &'a [u8],
}

#[test]
fn texts_and_keys_are_borrowed() {
    let document = Document::parse(r#"{"a":"x","b":"y","c":"z"}"#).unwrap();
    let read = Borrowed::deserialize(document.root()).unwrap();
    assert!(matches!(read, Borrowed { a: Some("x"), b: Cow::Borrowed("y"), c: b"z" }), "{read:?}");
    let keys = HashMap::<&str, &str>::deserialize(document.root()).unwrap();
    assert_eq!(keys["c"], "z");
}

#[test]
fn a_raw_value_is_the_text() {
    let document = Document::parse(r#"{"a":[1, 2.50, {"b" :"\u00e9"}]}"#).unwrap();
    let raw: HashMap<String, Box<RawValue>> = document.read().unwrap();
    assert_eq!(raw["a"].get(), r#"[1,2.5,{"b":"é"}]"#);
}

#[test]
fn a_number_that_no_64_bits_hold_is_read_by_its_text() {
    let node = crate::document::Node::Number("340282366920938463463374607431768211455".into());
    assert_eq!(u128::deserialize(&node).unwrap(), u128::MAX);
    assert_eq!(f64::deserialize(&node).unwrap(), 340_282_366_920_938_463_463_374_607_431_768_211_455.0);
    assert!(u64::deserialize(&node).is_err() && String::deserialize(&node).is_err());
}

/// As a hand may write it: by names only.
#[derive(Debug, PartialEq)]
struct ByName(u8);

impl<'de> Deserialize<'de> for ByName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = ByName;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<ByName, A::Error> {
                access.next_entry::<String, u8>().map(|entry| ByName(entry.map_or(0, |(_, value)| value)))
            }
        }
        deserializer.deserialize_struct("ByName", &["a"], Fields)
    }
}

/// A struct takes its fields by their places where it can, and nobody sees the difference.
#[test]
fn a_struct_is_read_whatever_the_order_of_its_members() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Fields {
        #[serde(rename = "x")]
        one: u8,
        #[serde(default)]
        two: Option<String>,
        #[serde(skip)]
        three: u8,
        #[serde(deserialize_with = "doubled")]
        four: u8,
        by: Vec<ByName>,
        either: Either,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    enum Either {
        Point { x: u8, y: u8 },
    }
    fn doubled<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        u8::deserialize(deserializer).map(|number| 2 * number)
    }
    let members =
        [r#""x":1"#, r#""two":"b""#, r#""four":4"#, r#""by":[{"a":1},{"a":2}]"#, r#""either":{"Point":{"x":1,"y":2}}"#];
    let expected = || Fields {
        one: 1,
        two: Some("b".to_owned()),
        three: 0,
        four: 8,
        by: vec![ByName(1), ByName(2)],
        either: Either::Point { x: 1, y: 2 },
    };
    for turn in 0..members.len() {
        let mut members = members.to_vec();
        members.rotate_left(turn);
        let document = Document::parse(&format!("{{{}}}", members.join(","))).unwrap();
        assert_eq!(document.read::<Fields>().unwrap(), expected());
        // Again, as the order is known now.
        assert_eq!(document.read::<Fields>().unwrap(), expected());
    }
    let fewer =
        Document::parse(&format!("{{{}}}", [members[0], members[2], members[3], members[4]].join(","))).unwrap();
    assert_eq!(fewer.read::<Fields>().unwrap(), Fields { two: None, ..expected() });
}

#[test]
fn two_structs_with_the_same_names_read_the_same_document() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct One {
        a: u8,
        b: u8,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Other {
        b: u8,
        a: u8,
    }
    let mut document = Document::parse(r#"{"a":1,"b":2}"#).unwrap();
    assert_eq!(document.read::<One>().unwrap(), One { a: 1, b: 2 });
    assert_eq!(document.read::<Other>().unwrap(), Other { a: 1, b: 2 });
    document.apply(r#"[{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":3}]"#).unwrap();
    assert_eq!(document.read::<One>().unwrap(), One { a: 3, b: 2 });
    assert_eq!(document.read::<Other>().unwrap(), Other { a: 3, b: 2 });
    document.apply(r#"[{"op":"remove","path":"/b"}]"#).unwrap();
    assert!(document.read::<One>().unwrap_err().to_string().contains("missing field `b`"));
}
