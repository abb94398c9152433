//! `#[derive(Rebuild)]` where there is neither Leptos nor a store, in a package that depends on the core alone.

use leptos_sse_core::{
    Document, Rebuild,
    patch::Operations,
    rebuild::{ItemKey, Marks, with_touched},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt::Debug,
};

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Room {
    name: String,
    mood: Mood,
    topic: Topic,
    #[store(key: u32 = |guest| guest.id)]
    guests: Vec<Guest>,
    #[store(key: String = |(name, _)| name.clone())]
    seats: BTreeMap<String, Seat>,
    last: Page<Guest>,
    #[serde(default)]
    note: Option<Topic>,
    queue: VecDeque<u8>,
    #[rebuild(whole)]
    plain: Plain,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Guest {
    id: u32,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Seat(u8, String);

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Topic(Vec<String>);

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
enum Mood {
    Calm,
    Busy { since: u32 },
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Page<T> {
    number: usize,
    items: Vec<T>,
}

/// Without `Rebuild`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Plain {
    at: i8,
}

fn room() -> Value {
    json!({
        "name": "a",
        "mood": "Calm",
        "topic": ["x"],
        "guests": [{ "id": 7, "text": "a" }, { "id": 8, "text": "b" }],
        "seats": { "left": [1, "l"], "right": [2, "r"] },
        "last": { "number": 1, "items": [{ "id": 1, "text": "one" }] },
        "queue": [1, 2],
        "plain": { "at": 0 },
    })
}

/// Each patch by itself, onto the room.
#[test]
fn every_shape_is_rebuilt_to_what_is_read_as_a_whole() {
    let patches = [
        json!([{ "op": "replace", "path": "/name", "value": "b" }]),
        json!([{ "op": "replace", "path": "/mood", "value": { "Busy": { "since": 3 } } }]),
        json!([{ "op": "add", "path": "/topic/-", "value": "y" }]),
        json!([{ "op": "replace", "path": "/guests/1/text", "value": "c" }]),
        json!([{ "op": "move", "from": "/guests/0", "path": "/guests/1" }]),
        json!([{ "op": "remove", "path": "/guests/0" }]),
        json!([{ "op": "replace", "path": "/seats/left/1", "value": "L" }]),
        json!([{ "op": "add", "path": "/seats/middle", "value": [3, "m"] }, { "op": "remove", "path": "/seats/left" }]),
        json!([{ "op": "add", "path": "/last/items/0", "value": { "id": 2, "text": "two" } }]),
        json!([{ "op": "replace", "path": "/last/number", "value": 2 }]),
        json!([{ "op": "add", "path": "/note", "value": ["n"] }]),
        json!([{ "op": "remove", "path": "/queue/0" }]),
        json!([{ "op": "replace", "path": "/plain/at", "value": -1 }]),
        json!([{ "op": "replace", "path": "", "value": room() }]),
    ];
    for patch in patches {
        check::<Room>(&room(), &patch);
    }
}

fn check<T: Rebuild + Clone + PartialEq + Debug>(before: &Value, patch: &Value) {
    let mut document = Document::from(before);
    let mut value: T = document.read().unwrap();
    let old = value.clone();
    document.apply_to(&patch.to_string(), &mut value).unwrap();
    assert_eq!(value, document.read().unwrap(), "{patch}");
    let is_changed = Document::from(before) != document;
    assert_eq!(value != old, is_changed, "{patch}");
}

/// What a store would be told, without one: each place that is marked, as a path.
#[derive(Default)]
struct Recorder {
    is_after: bool,
    path: Vec<String>,
    marks: Vec<String>,
    keys: HashMap<String, usize>,
}

impl Recorder {
    fn mark(&mut self, what: &str) {
        self.marks.push(format!("{what} {}", self.path.join("/")));
    }

    fn below(&mut self, segment: String, inside: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        inside(self);
        self.path.pop();
    }
}

impl Marks for Recorder {
    type Segment = usize;

    fn is_after(&self) -> bool {
        self.is_after
    }

    fn is_told(&self) -> bool {
        true
    }

    fn whole(&mut self) {
        self.mark("whole");
    }

    fn renewed(&mut self) {
        self.mark("renewed");
    }

    fn order(&mut self) {
        self.mark("order");
    }

    fn at(&mut self, place: usize, inside: impl FnOnce(&mut Self)) {
        self.below(place.to_string(), inside);
    }

    fn at_item(&mut self, segment: usize, inside: impl FnOnce(&mut Self)) {
        self.below(format!("#{segment}"), inside);
    }

    fn covered(&mut self, inside: impl FnOnce(&mut Self)) {
        inside(self);
    }

    fn segment<K: ItemKey>(&self, key: &K, _: impl Fn() -> Vec<K>) -> Option<usize> {
        self.keys.get(&format!("{key:?}")).copied()
    }

    fn renew_keys<K: ItemKey>(&self, _: Vec<K>) {}

    fn remember(&mut self, _: usize, _: usize) {}

    fn remembered(&mut self) -> HashMap<usize, usize> {
        HashMap::new()
    }

    fn replaced(&mut self, segment: usize) {
        self.mark(&format!("replaced #{segment}"));
    }
}

/// A type that holds itself, by the name that serde takes too.
#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Tree {
    name: String,
    #[store(key: String = |tree| tree.name.clone())]
    children: Vec<Self>,
    parent: Option<Box<Self>>,
}

#[test]
fn a_type_that_holds_itself_by_the_name_self_is_rebuilt() {
    let leaf = |name: &str| json!({ "name": name, "children": [], "parent": null });
    let tree = json!({ "name": "root", "children": [leaf("a"), leaf("b")], "parent": leaf("c") });
    check::<Tree>(&tree, &json!([{ "op": "replace", "path": "/children/1/name", "value": "d" }]));
    check::<Tree>(
        &tree,
        &json!([{ "op": "remove", "path": "/parent" }, { "op": "add", "path": "/parent", "value": leaf("e") }]),
    );
}

/// Functions of the user with the names of what the generated code has.
mod names {
    use serde::{Deserialize, Deserializer};

    pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        u8::deserialize(deserializer).map(|number| number / 2)
    }

    pub fn touched(number: u8) -> u8 {
        number
    }
}

use names::{touched, whole};

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[rebuild(crate = "leptos_sse_core")]
struct Halved {
    #[serde(deserialize_with = "whole")]
    number: u8,
    #[store(key: u8 = |number| touched(*number))]
    marks: Vec<u8>,
}

#[test]
fn the_names_of_the_generated_code_hide_no_function_of_the_user() {
    let halved = json!({ "number": 8, "marks": [1, 2] });
    check::<Halved>(&halved, &json!([{ "op": "replace", "path": "/number", "value": 6 }]));
    check::<Halved>(&halved, &json!([{ "op": "replace", "path": "/marks/1", "value": 3 }]));
}

#[test]
fn an_item_of_a_keyed_list_is_told_of_by_its_key() {
    let cases = [
        (json!([{ "op": "replace", "path": "/guests/1/text", "value": "c" }]), vec!["whole 3/#80/1"]),
        (json!([{ "op": "replace", "path": "/seats/right/0", "value": 9 }]), vec!["whole 4/#90/0"]),
        (json!([{ "op": "replace", "path": "/name", "value": "b" }]), vec!["whole 0"]),
        (json!([{ "op": "replace", "path": "/plain/at", "value": 5 }]), vec!["whole 8"]),
        (json!([{ "op": "replace", "path": "/last/number", "value": 5 }]), vec!["whole 5/0"]),
    ];
    for (patch, expected) in cases {
        let mut document = Document::from(&room());
        let value: Room = document.read().unwrap();
        let touches = document.apply_operations(Operations::parse(&patch.to_string()).unwrap().0).unwrap();
        let keys = HashMap::from([("7".to_owned(), 70), ("8".to_owned(), 80), ("\"right\"".to_owned(), 90)]);
        let mut recorder = Recorder { keys, ..Recorder::default() };
        with_touched(&document, &touches, |touched| value.mark(Some(touched), &mut recorder));
        assert_eq!(recorder.marks, expected, "{patch}");
    }
}
