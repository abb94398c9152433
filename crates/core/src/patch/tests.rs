mod properties;
mod vectors;

use super::*;
use serde_json::{Value, json};

const BEFORE: &str =
    r#"{"z":{"b":1,"a":2,"c":3},"a":1,"list":[1,2,[3]],"deep":{"er":{}},"m":{"y":1,"x":2},"text":"a🙂b","last":[]}"#;

/// One operation of each kind that does fit, in an order in which each finds what the ones before have left.
fn fitting() -> Vec<Value> {
    vec![
        json!({ "op": "replace", "path": "/a", "value": 2 }),
        json!({ "op": "remove", "path": "/list/0" }),
        json!({ "op": "remove", "path": "/z/a" }),
        json!({ "op": "add", "path": "/new", "value": [] }),
        json!({ "op": "add", "path": "/new", "value": { "x": 1 } }),
        json!({ "op": "add", "path": "/list/-", "value": { "x": 1 } }),
        json!({ "op": "add", "path": "/list/0", "value": [] }),
        json!({ "op": "move", "from": "/list/0", "path": "/moved" }),
        json!({ "op": "move", "from": "/m/y", "path": "/z/b" }),
        json!({ "op": "move", "from": "/m", "path": "/z/m" }),
        json!({ "op": "move", "from": "/z/m/x", "path": "/z/m" }),
        json!({ "op": "move", "from": "/a", "path": "/a" }),
        json!({ "op": "copy", "from": "/list", "path": "/list/1" }),
        json!({ "op": "copy", "from": "/list", "path": "/a" }),
        json!({ "op": "test", "path": "/z/b", "value": 1.0 }),
        json!({ "op": "str_ins", "path": "/text", "pos": 3, "str": "é🙂" }),
        json!({ "op": "str_del", "path": "/text", "pos": 1, "len": 2 }),
        json!({ "op": "str_del", "path": "/text", "pos": 1, "str": "é" }),
        json!({ "op": "move", "from": "/list", "path": "" }),
        json!({ "op": "add", "path": "/0", "value": null }),
        json!({ "op": "replace", "path": "", "value": { "deep": { "er": {} }, "text": "a🙂b", "list": [1, 2, 3] } }),
    ]
}

/// Every kind of operation that can fail, and each way in which it can.
fn failing() -> Vec<Value> {
    vec![
        json!({ "op": "test", "path": "/text", "value": 9 }),
        json!({ "op": "test", "path": "/nowhere", "value": null }),
        json!({ "op": "remove", "path": "/nowhere" }),
        json!({ "op": "remove", "path": "/list/-" }),
        json!({ "op": "remove", "path": "" }),
        json!({ "op": "remove", "path": "/text/0" }),
        json!({ "op": "replace", "path": "/list/7", "value": 1 }),
        json!({ "op": "replace", "path": "/list/-", "value": 1 }),
        json!({ "op": "replace", "path": "/nowhere", "value": 1 }),
        json!({ "op": "add", "path": "/list/01", "value": 1 }),
        json!({ "op": "add", "path": "/list/4", "value": 1 }),
        json!({ "op": "add", "path": "/text/b/c", "value": 1 }),
        json!({ "op": "add", "path": "/text/b", "value": 1 }),
        json!({ "op": "add", "path": "/nowhere/b", "value": 1 }),
        json!({ "op": "move", "from": "/nowhere", "path": "/text" }),
        json!({ "op": "move", "from": "/nowhere", "path": "/nowhere" }),
        json!({ "op": "move", "from": "/text", "path": "/list/7" }),
        json!({ "op": "move", "from": "/list/0", "path": "/list/3" }),
        json!({ "op": "move", "from": "/list/-", "path": "/text" }),
        json!({ "op": "move", "from": "", "path": "" }),
        json!({ "op": "move", "from": "", "path": "/text" }),
        json!({ "op": "move", "from": "/deep", "path": "/deep/er/est" }),
        json!({ "op": "copy", "from": "/nowhere", "path": "/text" }),
        json!({ "op": "copy", "from": "/text", "path": "/text/0" }),
        json!({ "op": "str_ins", "path": "/nowhere", "pos": 0, "str": "a" }),
        json!({ "op": "str_ins", "path": "/list", "pos": 0, "str": "a" }),
        json!({ "op": "str_ins", "path": "/text", "pos": 5, "str": "a" }),
        json!({ "op": "str_ins", "path": "/text", "pos": 2, "str": "a" }),
        json!({ "op": "str_del", "path": "/text", "pos": 5, "len": 0 }),
        json!({ "op": "str_del", "path": "/text", "pos": 2, "len": 1 }),
        json!({ "op": "str_del", "path": "/text", "pos": 0, "len": 2 }),
        json!({ "op": "str_del", "path": "/text", "pos": 3, "len": 2 }),
        json!({ "op": "str_del", "path": "/text", "pos": 1, "len": 4_000_000_000_u32 }),
        json!({ "op": "str_del", "path": "/text", "pos": 0, "str": "b" }),
        json!({ "op": "str_del", "path": "/list", "pos": 0, "len": 0 }),
    ]
}

#[test]
fn a_patch_that_fails_midway_changes_nothing() {
    let fitting = fitting();
    apply(&mut Document::parse(BEFORE).unwrap(), &fitting).unwrap();
    for operation in failing() {
        for before in [0, 1, fitting.len()] {
            let mut document = Document::parse(BEFORE).unwrap();
            let patch = [&fitting[..before], std::slice::from_ref(&operation)].concat();
            let error = apply(&mut document, &patch).unwrap_err();
            assert!(error.is_out_of_step(), "{operation}: {error}");
            let place = format!(
                "operation {before}, `{}` at `{}`: ",
                operation["op"].as_str().unwrap(),
                operation["path"].as_str().unwrap()
            );
            assert!(error.to_string().contains(&place), "{operation}: {error}");
            assert_eq!(document.to_string(), BEFORE, "{operation}");
        }
    }
}

/// After each number of operations, so that each is the last one to be taken back, and all in between.
#[test]
fn every_operation_can_be_taken_back() {
    for len in 0..=fitting().len() {
        let mut document = Document::parse(BEFORE).unwrap();
        let mut patch = fitting();
        patch.truncate(len);
        patch.push(json!({ "op": "test", "path": "/nowhere", "value": 1 }));
        apply(&mut document, &patch).unwrap_err();
        assert_eq!(document.to_string(), BEFORE, "{patch:?}");
    }
}

/// Upstream's own undo panics on these.
#[test]
fn a_child_moved_onto_its_parent_can_be_taken_back() {
    for (from, path) in [("/a", ""), ("/a/b", "/a"), ("/list/0", "/list"), ("/list/0/0", "/list/0")] {
        let before = r#"{"a":{"b":{"c":1},"a":1},"list":[[1],2]}"#;
        let mut document = Document::parse(before).unwrap();
        let patch = [json!({ "op": "move", "from": from, "path": path }), json!({ "op": "remove", "path": "/no" })];
        apply(&mut document, &patch).unwrap_err();
        assert_eq!(document.to_string(), before, "{from} to {path}");
    }
}

#[test]
fn a_short_patch_makes_no_document_that_exhausts_memory_or_stack() {
    let doubling: Vec<_> = (0..40).map(|n| json!({ "op": "copy", "from": "", "path": format!("/{n}") })).collect();
    let deepening: Vec<_> = (0..40).map(|n| json!({ "op": "copy", "from": "", "path": "/a".repeat(n + 1) })).collect();
    let nesting: Vec<_> = (0..40)
        .map(|n| json!({ "op": "add", "path": format!("{}/a", "/a".repeat(100 * n)), "value": nested(99) }))
        .collect();
    let sinking = vec![
        json!({ "op": "add", "path": "/a", "value": nested(99) }),
        json!({ "op": "add", "path": "/b", "value": nested(99) }),
        json!({ "op": "move", "from": "/b", "path": format!("/a{}", "/a".repeat(60)) }),
    ];
    for (name, patch) in [("doubling", doubling), ("deepening", deepening), ("nesting", nesting), ("sinking", sinking)]
    {
        let mut document = Document::parse("{}").unwrap();
        let error = apply(&mut document, &patch).unwrap_err();
        assert!(error.is_out_of_step(), "{name}: {error}");
        assert!(error.to_string().contains("128 levels") || error.to_string().contains("64 MiB"), "{name}: {error}");
        assert_eq!(document.to_string(), "{}", "{name}");
    }
}

#[test]
fn what_is_touched_is_told_where_it_is() {
    let way = |path: &str| -> Vec<Segment> {
        let steps = path.split('/').skip(1);
        steps.map(|step| step.parse().map_or_else(|_| Segment::Name(step.to_owned().into()), Segment::Index)).collect()
    };
    let told: Vec<_> = {
        let patch: Operations = serde_json::from_value(fitting().into()).unwrap();
        Document::parse(BEFORE).unwrap().apply_operations(patch.0).unwrap()
    };
    let moved = |from| TouchKind::Moved { from: way(from) };
    let expected = [
        ("/a", TouchKind::Replaced),
        ("/list/0", TouchKind::Removed),
        ("/z/a", TouchKind::Removed),
        ("/new", TouchKind::Inserted),
        ("/new", TouchKind::Replaced),
        ("/list/2", TouchKind::Inserted),
        ("/list/0", TouchKind::Inserted),
        ("/moved", moved("/list/0")),
        ("/z/b", moved("/m/y")),
        ("/z/m", moved("/m")),
        ("/z/m", moved("/z/m/x")),
        ("/list/1", TouchKind::Inserted),
        ("/a", TouchKind::Replaced),
        ("/text", TouchKind::Text),
        ("/text", TouchKind::Text),
        ("/text", TouchKind::Text),
        ("", moved("/list")),
        ("/0", TouchKind::Inserted),
        ("", TouchKind::Replaced),
    ];
    let expected = expected.map(|(path, kind)| Touch { path: way(path), kind });
    assert_eq!(told, expected);
}

#[test]
fn names_with_a_slash_or_a_tilde_are_told_as_they_are() {
    let patch: Operations = serde_json::from_value(json!([{ "op": "add", "path": "/~01/a~1b", "value": 1 }])).unwrap();
    let mut document = Document::parse(r#"{"~1":{}}"#).unwrap();
    let touches = document.apply_operations(patch.0).unwrap();
    assert_eq!(touches[0].path, ["~1", "a/b"].map(|name| Segment::Name(name.into())));
    assert_eq!(document.to_string(), r#"{"~1":{"a/b":1}}"#);
}

/// A copy would cost more than all else.
#[test]
fn a_document_that_nobody_shares_is_changed_in_place() {
    let mut document = Document::parse(r#"{"list":[{"a":1},{"a":2}],"other":{"b":[]}}"#).unwrap();
    let places = |document: &Document| {
        let other = document.root().pointed("/other/b");
        (std::ptr::from_ref(document.root()), std::ptr::from_ref(other))
    };
    let before = places(&document);
    document.apply(r#"[{"op":"replace","path":"/list/0/a","value":3},{"op":"remove","path":"/list/1"}]"#).unwrap();
    document.apply(r#"[{"op":"remove","path":"/list/0"},{"op":"remove","path":"/list/0"}]"#).unwrap_err();
    assert_eq!(places(&document), before);

    let shared = document.clone();
    document.apply(r#"[{"op":"replace","path":"/list/0/a","value":4}]"#).unwrap();
    assert_ne!(document, shared);
    assert_eq!(shared.to_string(), r#"{"list":[{"a":3}],"other":{"b":[]}}"#);
}

impl crate::document::Node {
    fn pointed(&self, path: &str) -> &Self {
        let pointer: Pointer = serde_json::from_value(path.into()).unwrap();
        pointer.tokens().find(self).unwrap()
    }
}

/// Its keys have an index, which goes with them.
#[test]
fn the_members_of_a_large_map_come_and_go() {
    let mut document = Document::parse("{}").unwrap();
    let mut expected = Vec::new();
    let mut go = |document: &mut Document, come: std::ops::Range<usize>, go: &[usize]| {
        let come: Vec<_> = come.map(|at| format!("key {at}")).collect();
        let gone: Vec<_> = go.iter().map(|place| expected.remove(*place)).collect();
        let adds = come.iter().map(|key| json!({ "op": "add", "path": format!("/{key}"), "value": key }));
        let removes = gone.iter().map(|key| json!({ "op": "remove", "path": format!("/{key}") }));
        let patch: Vec<_> = removes.chain(adds).collect();
        apply(document, &patch).unwrap();
        expected.extend(come);
        let written: Vec<_> = expected.iter().map(|key| format!("\"{key}\":\"{key}\"")).collect();
        assert_eq!(document.to_string(), format!("{{{}}}", written.join(",")));
        let tests = expected.iter().map(|key| json!({ "op": "test", "path": format!("/{key}"), "value": key }));
        apply(document, &tests.collect::<Vec<_>>()).unwrap();
        let undone =
            json!([{ "op": "remove", "path": format!("/{}", expected[3]) }, { "op": "remove", "path": "/no" }]);
        document.apply(&undone.to_string()).unwrap_err();
    };
    go(&mut document, 0..40, &[]);
    go(&mut document, 40..60, &[0, 38, 17, 17, 5]);
    go(&mut document, 60..61, &[54, 0, 20, 1]);
    go(&mut document, 0..1, &[30; 20]);
    go(&mut document, 61..70, &[0; 20]);
}

#[test]
fn items_that_come_one_by_one_share_their_keys() {
    let mut document = Document::parse("[]").unwrap();
    for _ in 0..3 {
        document.apply(r#"[{"op":"add","path":"/-","value":{"id":1,"text":"a"}}]"#).unwrap();
    }
    let crate::document::Node::Array(items) = document.root() else { panic!("{document}") };
    let shapes = items.items.iter().map(|item| match item {
        crate::document::Node::Object(object) => std::sync::Arc::as_ptr(object.shape()),
        other => panic!("{other:?}"),
    });
    let shapes: std::collections::HashSet<_> = shapes.collect();
    assert_eq!(shapes.len(), 1);
}

#[test]
fn a_document_of_another_type_says_what_is_wrong() {
    let error = Document::parse(r#"{"value":"x"}"#).unwrap().read::<u8>().unwrap_err();
    assert!(error.is_unreadable());
    assert!(error.to_string().contains(r#"it starts `{"value":"x"}`"#), "{error}");
}

#[test]
fn text_that_is_no_patch_is_malformed() {
    let mut document = Document::parse("{}").unwrap();
    for text in ["", "{}", "[1]", r#"[{"op":"add"}]"#, r#"[{"op":"remove","path":"/a"}] x"#] {
        assert!(document.apply(text).unwrap_err().is_malformed(), "{text}");
    }
    document.apply("[]").unwrap();
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
}

fn apply(document: &mut Document, patch: &[Value]) -> Result<(), Error> {
    document.apply(&Value::from(patch).to_string())
}
