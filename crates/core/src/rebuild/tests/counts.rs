//! What was not touched is not read.

use super::Follower;
use leptos_sse_macros::Rebuild;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::{cell::Cell, collections::HashMap};

thread_local! {
    static READ: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often one is read.
#[derive(Clone, Debug, PartialEq)]
struct Counted(u32);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READ.set(READ.get() + 1);
        u32::deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Row {
    #[rebuild(whole)]
    id: Counted,
    #[rebuild(whole)]
    count: Counted,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Rebuild)]
struct Table {
    rows: Vec<Row>,
    by_name: HashMap<String, Row>,
    #[serde(default)]
    optional: Option<Row>,
    pair: (Row, Row),
    triple: [Row; 3],
}

fn row(id: u32) -> Value {
    json!({ "id": id, "count": 0 })
}

fn table() -> Value {
    let rows: Vec<Value> = (0..100).map(row).collect();
    let by_name: HashMap<String, Value> = (0..100).map(|id| (format!("row {id}"), row(id))).collect();
    json!({
        "rows": rows,
        "by_name": by_name,
        "optional": row(1),
        "pair": [row(1), row(2)],
        "triple": [row(1), row(2), row(3)],
    })
}

/// How many values are read for a patch in part. (One more reading of the whole table is the test's own.)
fn reads(patch: &Value) -> usize {
    let mut follower = Follower::<Table>::new(&table());
    READ.set(0);
    let document: crate::Document = {
        let mut document = follower.document.clone();
        document.apply(&patch.to_string()).unwrap();
        document
    };
    document.read::<Table>().ok();
    let whole = READ.replace(0);
    follower.follow(patch).unwrap();
    READ.get() - whole
}

#[test]
fn only_what_was_touched_is_read() {
    let cases = [
        (0, json!([])),
        (0, json!([{ "op": "test", "path": "/rows/0/id", "value": 0 }])),
        (1, json!([{ "op": "replace", "path": "/rows/50/count", "value": 9 }])),
        (2, json!([{ "op": "replace", "path": "/rows/50", "value": row(50) }])),
        (2, json!([{ "op": "add", "path": "/rows/-", "value": row(100) }])),
        (2, json!([{ "op": "add", "path": "/rows/0", "value": row(100) }])),
        (0, json!([{ "op": "remove", "path": "/rows/0" }])),
        (0, json!([{ "op": "move", "from": "/rows/99", "path": "/rows/0" }])),
        (0, json!([{ "op": "move", "from": "/rows/0", "path": "/rows/99" }])),
        (2, json!([{ "op": "copy", "from": "/rows/0", "path": "/rows/99" }])),
        (
            1,
            json!([
                { "op": "replace", "path": "/rows/99/count", "value": 9 },
                { "op": "move", "from": "/rows/99", "path": "/rows/0" },
                { "op": "remove", "path": "/rows/7" },
                { "op": "add", "path": "/rows/3", "value": row(100) },
                { "op": "remove", "path": "/rows/3" },
            ]),
        ),
        (
            0,
            json!(
                (0..60).map(|at| json!({ "op": "remove", "path": format!("/rows/{at}") })).take(30).collect::<Vec<_>>()
            ),
        ),
        (
            0,
            json!(
                (0..50)
                    .map(|at| json!({ "op": "move", "from": "/rows/99", "path": format!("/rows/{at}") }))
                    .collect::<Vec<_>>()
            ),
        ),
        (1, json!([{ "op": "replace", "path": "/by_name/row 7/count", "value": 9 }])),
        (0, json!([{ "op": "remove", "path": "/by_name/row 7" }])),
        (2, json!([{ "op": "add", "path": "/by_name/row 100", "value": row(100) }])),
        (2, json!([{ "op": "move", "from": "/by_name/row 1", "path": "/by_name/row 100" }])),
        (1, json!([{ "op": "replace", "path": "/optional/count", "value": 9 }])),
        (0, json!([{ "op": "replace", "path": "/optional", "value": null }])),
        (1, json!([{ "op": "replace", "path": "/pair/1/count", "value": 9 }])),
        (1, json!([{ "op": "replace", "path": "/triple/1/count", "value": 9 }])),
        (0, json!([{ "op": "add", "path": "/unknown", "value": 9 }])),
        // A field that is gone has its default, which only the whole struct knows.
        (410, json!([{ "op": "remove", "path": "/optional" }])),
        (412, json!([{ "op": "replace", "path": "", "value": table() }])),
    ];
    for (expected, patch) in cases {
        assert_eq!(reads(&patch), expected, "{patch}");
    }
}

#[test]
fn so_many_places_at_once_are_read_as_a_whole() {
    let patch: Vec<Value> =
        (0..600).map(|at| json!({ "op": "add", "path": format!("/rows/{}", 2 * at), "value": row(1) })).collect();
    let mut table = table();
    table["rows"] = (0..1_200).map(row).collect();
    let mut follower = Follower::<Table>::new(&table);
    follower.follow(&patch.into()).unwrap();
}
