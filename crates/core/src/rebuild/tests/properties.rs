//! Random patches onto random documents of a type that has everything.

use super::Follower;
use leptos_sse_macros::Rebuild;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
#[serde(rename_all = "camelCase")]
struct All {
    title_text: String,
    count: u32,
    price: f64,
    on: Option<bool>,
    items: Vec<Item>,
    lists: Vec<Vec<u8>>,
    queue: VecDeque<Item>,
    by_name: HashMap<String, Item>,
    by_number: BTreeMap<u8, Vec<u8>>,
    pair: (u8, Vec<u8>),
    triple: [Item; 2],
    maybe: Option<Box<Item>>,
    #[rebuild(whole)]
    whole: Vec<Item>,
    #[serde(default)]
    defaulted: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Item {
    id: u8,
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
enum State {
    Off,
    On(u8),
}

fn item() -> impl Strategy<Value = Value> + Clone {
    let state = prop_oneof![Just(json!("Off")), (0_u8..3).prop_map(|on| json!({ "On": on }))];
    (0_u8..9, proptest::collection::vec("[ab]", 0..3), proptest::option::of("[ab]"), state).prop_map(
        |(id, tags, note, state)| match note {
            Some(note) => json!({ "id": id, "tags": tags, "note": note, "state": state }),
            None => json!({ "id": id, "tags": tags, "state": state }),
        },
    )
}

fn all() -> impl Strategy<Value = Value> {
    let items = || proptest::collection::vec(item(), 0..6);
    let bytes = || proptest::collection::vec(0_u8..4, 0..4);
    (
        ("[ab]{0,3}", 0_u32..3, prop_oneof![Just(0.0), Just(1.5)], any::<Option<bool>>()),
        (items(), proptest::collection::vec(bytes(), 0..4), items()),
        proptest::collection::hash_map("[a-d]", item(), 0..4),
        proptest::collection::btree_map((0_u8..5).prop_map(|key| key.to_string()), bytes(), 0..4),
        (0_u8..3, bytes()),
        (item(), item(), proptest::option::of(item()), items()),
        any::<Option<bool>>(),
    )
        .prop_map(
            |((title, count, price, on), (items, lists, queue), by_name, by_number, pair, more, defaulted)| {
                let mut all = json!({
                    "titleText": title, "count": count, "price": price, "on": on,
                    "items": items, "lists": lists, "queue": queue,
                    "byName": by_name, "byNumber": by_number, "pair": pair,
                    "triple": [more.0, more.1], "maybe": more.2, "whole": more.3,
                });
                if let Some(defaulted) = defaulted {
                    all["defaulted"] = json!(u8::from(defaulted));
                }
                all
            },
        )
}

/// One operation, made of numbers that choose what is there.
#[derive(Clone, Debug)]
struct Made {
    kind: u8,
    path: usize,
    other: usize,
    fits: bool,
}

fn made() -> impl Strategy<Value = Made> {
    (0_u8..8, any::<usize>(), any::<usize>(), prop::bool::weighted(0.9)).prop_map(|(kind, path, other, fits)| Made {
        kind,
        path,
        other,
        fits,
    })
}

impl Made {
    /// The operation on this document, with what it needs from another one.
    fn operation(&self, document: &Value, donor: &Value) -> Value {
        let (paths, donated) = (paths(document), paths(donor));
        let path = &paths[self.path % paths.len()];
        let is_like = |other: &&String| kind(other) == kind(path);
        let like = |paths: &[String]| {
            let like: Vec<String> = paths.iter().filter(is_like).cloned().collect();
            let among = if self.fits && !like.is_empty() { like } else { paths.to_vec() };
            among[self.other % among.len()].clone()
        };
        let value = || donor.pointer(&like(&donated)).cloned().unwrap_or_default();
        match self.kind {
            0 => json!({ "op": "replace", "path": path, "value": value() }),
            1 => json!({ "op": "remove", "path": path }),
            2 | 3 => json!({ "op": "add", "path": path, "value": value() }),
            4 => json!({ "op": "copy", "from": like(&paths), "path": path }),
            5 if document.pointer(path).is_some_and(Value::is_string) => {
                json!({ "op": "str_ins", "path": path, "pos": 0, "str": "b" })
            }
            _ => json!({ "op": "move", "from": like(&paths), "path": path }),
        }
    }
}

/// A path without its indices and names of maps: where it is the same, the type is.
fn kind(path: &str) -> String {
    let is_name = |segment: &&str| segment.len() > 1;
    path.split('/').map(|segment| if is_name(&segment) { segment } else { "*" }).collect::<Vec<_>>().join("/")
}

fn paths(value: &Value) -> Vec<String> {
    fn below(value: &Value, path: &str, paths: &mut Vec<String>) {
        paths.push(path.to_owned());
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| below(item, &format!("{path}/{at}"), paths));
            }
            Value::Object(members) => {
                members.iter().for_each(|(name, item)| below(item, &format!("{path}/{name}"), paths))
            }
            _ => {}
        }
    }
    let mut paths = Vec::new();
    below(value, "", &mut paths);
    paths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_diff_is_followed(documents in proptest::collection::vec(all(), 2..5)) {
        let mut follower = Follower::<All>::new(&documents[0]);
        for pair in documents.windows(2) {
            let patch = serde_json::to_value(json_patch::diff(&pair[0], &pair[1])).unwrap();
            follower.follow(&patch).unwrap();
            prop_assert!(follower.value.is_some());
        }
    }

    #[test]
    fn any_operations_are_followed(
        before in all(),
        donor in all(),
        patches in proptest::collection::vec(proptest::collection::vec(made(), 1..8), 1..6),
    ) {
        let mut follower = Follower::<All>::new(&before);
        for made in patches {
            let (mut patch, mut document) = (Vec::new(), follower.document.clone());
            for made in made {
                let operation = made.operation(&document.to_value(), &donor);
                // A root that moves away, and the like, does not fit.
                if document.apply(&json!([operation]).to_string()).is_ok() {
                    patch.push(operation);
                }
            }
            follower.follow(&patch.into()).unwrap();
            if follower.value.is_none() {
                // What no `T` is any more would stay so; go on with one that is.
                follower = Follower::new(&donor);
            }
        }
    }
}
