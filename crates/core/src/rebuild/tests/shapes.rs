//! What serde's attributes make of a type's JSON.

use super::Follower;
use crate::rebuild::Rebuild;
use leptos_sse_macros::Rebuild;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

/// The document before, and patches, one after the other.
fn check<T: Rebuild + Clone + PartialEq + Debug>(before: &Value, patches: &[Value]) {
    let mut follower = Follower::<T>::new(before);
    assert!(follower.value.is_some(), "{before}");
    for patch in patches {
        assert!(follower.follow(patch).is_some(), "{patch} does not fit {}", follower.document);
    }
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{ "op": "replace", "path": path, "value": value.into() }])
}

fn add(path: &str, value: impl Into<Value>) -> Value {
    json!([{ "op": "add", "path": path, "value": value.into() }])
}

fn remove(path: &str) -> Value {
    json!([{ "op": "remove", "path": path }])
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[serde(rename_all(serialize = "UPPERCASE", deserialize = "camelCase"))]
struct Renamed {
    first_name: u8,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(rename(deserialize = "in", serialize = "out"))]
    direction: u8,
    r#final: u8,
}

#[test]
fn renamed_fields() {
    check::<Renamed>(
        &json!({ "firstName": 1, "type": 2, "in": 3, "final": 4, "first_name": 5 }),
        &[
            replace("/firstName", 9),
            replace("/type", 8),
            replace("/in", 7),
            replace("/final", 6),
            replace("/first_name", "x"),
        ],
    );
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Aliased {
    #[serde(alias = "old", alias = "older")]
    new: u8,
    other: u8,
}

#[test]
fn two_names_of_one_field_at_once_are_an_error() {
    check::<Aliased>(
        &json!({ "old": 1, "other": 1 }),
        &[
            replace("/old", 2),
            replace("/other", 2),
            add("/new", 3),
            replace("/other", 4),
            remove("/old"),
            replace("/new", 5),
        ],
    );
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
    #[serde(skip)]
    b: u8,
}

#[test]
fn an_unknown_field_that_is_denied_is_an_error() {
    check::<Strict>(
        &json!({ "a": 1 }),
        &[replace("/a", 2), add("/b", 3), replace("/a", 4), remove("/b"), replace("/a", 5)],
    );
}

fn doubled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    u32::deserialize(deserializer).map(|number| 2 * number)
}

mod text {
    use serde::{Deserialize, Deserializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn seven() -> u32 {
    7
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Functions {
    #[serde(deserialize_with = "doubled")]
    doubled: u32,
    #[serde(with = "text", default = "seven")]
    text: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    optional: Option<u32>,
    #[serde(skip_deserializing, default = "seven")]
    skipped: u32,
}

#[test]
fn fields_with_functions_of_their_own() {
    check::<Functions>(
        &json!({ "doubled": 1, "text": "1" }),
        &[
            replace("/doubled", 2),
            replace("/text", "3"),
            replace("/text", "x"),
            replace("/doubled", 3),
            replace("/text", "4"),
            remove("/text"),
            add("/optional", 5),
            remove("/optional"),
            add("/skipped", 5),
            remove("/doubled"),
            add("/doubled", 5),
        ],
    );
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    others: HashMap<String, u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[serde(try_from = "(u8, u8)")]
struct Sorted {
    low: u8,
    high: u8,
}

impl TryFrom<(u8, u8)> for Sorted {
    type Error = &'static str;

    fn try_from((low, high): (u8, u8)) -> Result<Self, &'static str> {
        if low <= high { Ok(Self { low, high }) } else { Err("it is not sorted") }
    }
}

/// Its JSON has no fields.
#[derive(Clone, Debug, PartialEq, Rebuild)]
#[rebuild(whole)]
struct ByHand {
    number: u32,
}

impl<'de> Deserialize<'de> for ByHand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numbers: HashMap<String, u32> = HashMap::deserialize(deserializer)?;
        Ok(Self { number: numbers.values().sum() })
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Holder {
    by_hand: ByHand,
    flat: Flat,
    sorted: Sorted,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
enum State {
    Off,
    On { since: u8 },
    Both(u8, u8),
}

#[test]
fn what_is_read_in_another_way_is_read_as_a_whole() {
    check::<Holder>(
        &json!({ "by_hand": { "number": 1, "b": 2 }, "flat": { "a": 1, "b": 2 }, "sorted": [1, 2], "state": { "On": { "since": 1 } } }),
        &[
            replace("/by_hand/number", 3),
            replace("/by_hand/b", 3),
            replace("/flat/b", 3),
            add("/flat/c", 4),
            remove("/flat/b"),
            replace("/sorted/0", 2),
            replace("/sorted/0", 3),
            replace("/sorted/1", 3),
            replace("/state/On/since", 2),
            replace("/state", "Off"),
            replace("/state", json!({ "Both": [1, 2] })),
            replace("/state/Both/1", 3),
        ],
    );
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Names(Vec<String>);

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Point(u8, #[rebuild(whole)] u8, #[serde(deserialize_with = "doubled")] u32);

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[serde(transparent)]
struct Clear {
    names: Names,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Empty {}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Tuples {
    names: Names,
    point: Point,
    clear: Clear,
    unit: Unit,
    empty: Empty,
    boxed: Box<Point>,
    #[serde(default)]
    pair: (u8, Option<u8>),
}

#[test]
fn structs_without_names() {
    check::<Tuples>(
        &json!({ "names": ["a"], "point": [1, 2, 3], "clear": ["b"], "unit": null, "empty": {}, "boxed": [4, 5, 6] }),
        &[
            add("/names/-", "b"),
            replace("/point/0", 9),
            replace("/point/1", 9),
            replace("/point/2", 9),
            add("/point/3", 9),
            remove("/point/0"),
            add("/clear/0", "a"),
            add("/empty/more", "a"),
            replace("/boxed/2", 9),
            add("/pair", json!([1, null])),
            replace("/pair/1", 7),
            remove("/pair/1"),
            replace("/unit", 1),
            replace("/unit", Value::Null),
        ],
    );
}

/// A struct is also read from an array.
#[test]
fn a_struct_that_is_an_array() {
    check::<Strict>(&json!([1]), &[replace("/0", 2), add("/1", 2), remove("/0")]);
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Generic<T, U = u8, const N: usize = 2>
where
    T: Clone,
{
    items: Vec<T>,
    #[rebuild(whole)]
    other: Option<U>,
    many: [T; 2],
    #[serde(skip)]
    #[allow(dead_code)]
    of: Number<N>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Number<const N: usize>;

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Wrap<T>(T);

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
    by_name: BTreeMap<String, Tree<T>>,
    next: Option<Box<Tree<T>>>,
    wrapped: Vec<Wrap<T>>,
}

#[test]
fn a_type_that_holds_itself() {
    let leaf = || json!({ "value": 1, "children": [], "by_name": {}, "next": null, "wrapped": [] });
    check::<Tree<u8>>(
        &leaf(),
        &[
            add("/children/-", leaf()),
            add("/children/0/children/-", leaf()),
            replace("/children/0/children/0/value", 2),
            add("/children/0/by_name/a", leaf()),
            replace("/children/0/by_name/a/value", 3),
            replace("/next", leaf()),
            replace("/next/next", leaf()),
            replace("/next/next/value", 4),
            add("/next/wrapped/-", 5),
            replace("/next/wrapped/0", 6),
            remove("/next/wrapped"),
        ],
    );
}

/// A key that is the same for two names.
#[derive(Clone, Debug, Deserialize)]
struct AnyCase(String);

impl AnyCase {
    fn lower(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for AnyCase {
    fn eq(&self, other: &Self) -> bool {
        self.lower() == other.lower()
    }
}

impl Eq for AnyCase {}

impl std::hash::Hash for AnyCase {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.lower().hash(state);
    }
}

#[test]
fn names_that_are_one_key() {
    check::<HashMap<AnyCase, u8>>(
        &json!({ "a": 1, "b": 2 }),
        &[
            add("/A", 3),
            replace("/a", 4),
            replace("/A", 5),
            remove("/a"),
            json!([{ "op": "move", "from": "/A", "path": "/a" }]),
            json!([{ "op": "add", "path": "/B", "value": 6 }, { "op": "remove", "path": "/b" }]),
            json!([{ "op": "add", "path": "/A", "value": 6 }, { "op": "remove", "path": "/B" }]),
            remove("/A"),
            json!([{ "op": "add", "path": "/c", "value": 1 }, { "op": "add", "path": "/C", "value": 2 }]),
            json!([{ "op": "remove", "path": "/c" }, { "op": "remove", "path": "/C" }]),
            json!([{ "op": "replace", "path": "", "value": { "a": 1, "A": 2 } }]),
            json!([{ "op": "remove", "path": "/a" }, { "op": "remove", "path": "/A" }]),
            add("/a", 1),
            json!([{ "op": "remove", "path": "/a" }, { "op": "add", "path": "/A", "value": 2 }]),
        ],
    );
}

#[test]
fn keys_that_are_no_texts() {
    check::<BTreeMap<i16, Option<u8>>>(
        &json!({ "1": 1, "-2": 2 }),
        &[replace("/1", 3), add("/3", Value::Null), remove("/-2"), add("/x", 1), replace("/1", 4), remove("/x")],
    );
    check::<HashMap<char, Vec<bool>>>(
        &json!({}),
        &[add("/a", json!([true])), add("/a/0", false), add("/ab", json!([]))],
    );
    check::<HashMap<bool, ()>>(&json!({}), &[add("/true", Value::Null), add("/false", Value::Null), remove("/true")]);
}

#[test]
fn a_generic_type() {
    check::<Generic<Wrap<u8>, String>>(
        &json!({ "items": [1, 2], "other": "x", "many": [1, 2] }),
        &[replace("/items/0", 3), replace("/other", "y"), replace("/many/1", 4), add("/many/-", 4)],
    );
}

#[test]
fn many_members_that_are_touched_more_than_once() {
    let members: BTreeMap<String, Vec<u8>> = (0..40).map(|key| (format!("member {key}"), vec![0, 1])).collect();
    let touches = |path: fn(usize) -> String| {
        let each = (0..90).map(|at| json!({ "op": "replace", "path": path(at % 30), "value": at }));
        Value::from(each.collect::<Vec<_>>())
    };
    let first = touches(|key| format!("/member {key}/0"));
    let second = touches(|key| format!("/member {key}/{}", key % 2));
    let mut gone: Vec<Value> =
        (0..30).map(|key| json!({ "op": "remove", "path": format!("/member {key}/0") })).collect();
    gone.extend((0..20).map(|key| json!({ "op": "remove", "path": format!("/member {key}") })));
    gone.extend((5..12).map(|key| json!({ "op": "add", "path": format!("/member {key}"), "value": [7] })));
    check::<HashMap<String, Vec<u8>>>(&json!(members), &[first, second, gone.into()]);
}
