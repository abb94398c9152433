use super::*;
use crate::choices::Choices;
use serde_json::json;
use std::time::{Duration, Instant};

fn item(id: impl Serialize, text: &str) -> Value {
    json!({ "id": id, "text": text, "filler": "so that an item takes more than an operation does" })
}

fn list(ids: impl IntoIterator<Item = i32>) -> Value {
    ids.into_iter().map(|id| item(id, "text")).collect()
}

/// What each way of changing a list is, with items that have ids, that are texts, and that are numbers.
fn follow_lists(lists: &[&[i32]]) {
    let of = |make: fn(i32) -> Value| {
        let values: Vec<Value> = lists.iter().map(|list| list.iter().map(|id| make(*id)).collect()).collect();
        follow(&values);
        follow(&values.iter().map(|value| json!({ "list": value, "length": 1 })).collect::<Vec<_>>());
    };
    of(|id| item(id, "text"));
    of(|id| json!({ "name": id }));
    of(|id| json!({ "other": id }));
    of(|id| json!(format!("item {id}")));
    of(|id| json!(id));
    of(|id| json!([id]));
}

#[test]
fn items_that_repeat_are_told_apart_by_their_places() {
    follow_lists(&[
        &[1, 1],
        &[1, 1, 1],
        &[1, 2, 1],
        &[2, 1, 1],
        &[1],
        &[1, 1, 2, 2],
        &[2, 2, 1, 1],
        &[2, 1, 2, 1],
        &[],
    ]);
}

#[test]
fn a_list_is_moved_turned_and_reversed() {
    follow_lists(&[
        &[1, 2, 3, 4, 5],
        &[5, 1, 2, 3, 4],
        &[1, 2, 3, 4, 5],
        &[5, 4, 3, 2, 1],
        &[4, 5, 2, 1, 3],
        &[3, 4],
        &[4, 3, 9],
    ]);
    follow_lists(&[&[1, 2], &[2, 1], &[3, 2, 1], &[1, 3, 2], &[7, 8, 9], &[9, 1, 7, 2, 8]]);
}

/// All ways from five items to others, some of them new.
#[test]
fn any_five_items_become_any_others() {
    let options = Options { identity: Some("name"), ..Options::default() };
    for number in 0..6_usize.pow(5) {
        let ids = (0..5).map(|place| number / 6_usize.pow(place) % 6).filter(|id| *id > 0);
        let value =
            |ids: Vec<usize>| ids.iter().map(|id| json!({ "name": id, "a": "filler filler" })).collect::<Value>();
        follow_with(options, &[value(vec![1, 2, 3, 4, 5]), value(ids.collect())]);
    }
}

#[test]
fn an_identity_that_changes_is_followed() {
    let values = [
        json!([item(1, "a"), item(2, "b"), item(3, "c")]),
        json!([item(1, "a"), item(9, "b"), item(3, "c")]),
        json!([item(3, "a"), item(9, "b"), item(1, "c")]),
        json!([item(2, "a"), item(1, "a"), item(0, "a")]),
        json!([item("2", "a"), item(1.0, "a"), item(-0.0, "a")]),
        json!([item(1, "a"), item(1.0, "a"), item("1", "a"), item(true, "a"), item((), "a")]),
    ];
    follow(&values);
}

#[test]
fn an_identity_that_is_missing_in_some_items_is_followed() {
    let without = |text: &str| json!({ "text": text, "filler": "so that an item takes more than an operation does" });
    let values = [
        json!([item(1, "a"), without("b"), item(3, "c"), null, 7]),
        json!([without("b"), item(1, "a"), item(3, "c"), null, 7]),
        json!([without("b"), without("b"), item(3, "c")]),
        json!([item(3, "c"), 7, without("a"), "text", item(1, "a")]),
        json!([item(1, "c"), [item(3, "c")], without("a"), item(3, "a")]),
    ];
    follow(&values);
}

#[test]
fn an_identity_may_be_anything() {
    let ids =
        [json!({ "a": 1 }), json!({ "a": 2 }), json!([1]), json!([]), json!({}), json!(null), json!(""), json!("é/~")];
    let all: Value = ids.iter().map(|id| item(id, "a")).collect();
    let back: Value = ids.iter().rev().map(|id| item(id, "b")).collect();
    let fewer: Value = ids.iter().step_by(2).map(|id| item(id, "a")).collect();
    follow(&[all.clone(), back, fewer, all]);
}

#[test]
fn an_identity_may_have_any_name() {
    for name in ["id", "key", "_id", "uuid", "name", "", "a/b~", "👍"] {
        let list = |ids: &[i32]| -> Value {
            ids.iter().map(|id| json!({ "text": id / 10, name: id, "filler": "that makes an item longer than an operation is" })).collect()
        };
        let values = [list(&[1, 2, 3, 4]), list(&[4, 1, 2, 3]), list(&[1, 2, 3]), list(&[5, 1, 2, 3])];
        for identity in [None, Some(name)] {
            let patches = follow_with(Options { identity, ..Options::default() }, &values);
            if identity.is_some() || ["id", "key", "_id", "uuid"].contains(&name) {
                assert_eq!(patches[1], r#"[{"op":"move","from":"/3","path":"/0"}]"#, "{name}");
                assert_eq!(patches[2], r#"[{"op":"remove","path":"/0"}]"#, "{name}");
                assert!(
                    patches[3].starts_with(r#"[{"op":"add","path":"/0","value":{"#) && patches[3].len() < 150,
                    "{}",
                    patches[3]
                );
            }
        }
    }
}

#[test]
fn an_item_that_is_moved_and_changed_keeps_what_did_not_change() {
    let values = [
        json!([item(1, "a"), item(2, "b"), item(3, "c"), item(4, "d")]),
        json!([item(4, "new"), item(1, "a"), item(2, "b"), item(3, "c")]),
        json!([item(1, "a"), item(9, "between"), item(3, "newer"), item(4, "new"), item(2, "b")]),
    ];
    let patches = patches_after_the_first(&values);
    assert!(!patches[0].contains("filler"), "{}", patches[0]);
    assert_eq!(patches[1].matches("filler").count(), 1, "{}", patches[1]);
}

/// A patch that is longer than a snapshot is a snapshot, and one of many moves is no work for a client either.
#[test]
fn a_long_list_that_is_shuffled_is_sent_in_time() {
    let mut ids: Vec<i32> = (0..10_000).collect();
    let sorted = list(ids.iter().copied());
    let bytes: Vec<u8> = (0..20_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let mut choices = Choices::new(&bytes);
    for last in (1..ids.len()).rev() {
        let place = (choices.below(256) * 256 + choices.below(256)) % (last + 1);
        ids.swap(last, place);
    }
    let shuffled = list(ids);
    in_time(&[&sorted, &shuffled, &sorted]);
}

#[test]
fn a_long_list_that_is_reversed_is_sent_in_time() {
    in_time(&[&list(0..10_000), &list((0..10_000).rev()), &list(0..10_000)]);
    let numbers = |numbers: &mut dyn Iterator<Item = i32>| numbers.map(Value::from).collect::<Value>();
    in_time(&[&numbers(&mut (0..10_000)), &numbers(&mut (0..10_000).rev())]);
}

#[test]
fn a_long_list_whose_items_are_all_the_same_is_sent_in_time() {
    let same = |len| json!(vec![7; len]);
    in_time(&[&same(10_000), &same(9_000), &same(9_999), &json!([1])]);
    let same = |len: usize| (0..len).map(|_| item(7, "text")).collect::<Value>();
    in_time(&[&same(5_000), &same(4_000), &same(4_999)]);
}

#[test]
fn a_long_list_of_which_half_is_new_is_sent_in_time() {
    in_time(&[&list(0..10_000), &list(5_000..15_000), &list((0..10_000).map(|id| id * 2)), &list(0..10)]);
}

#[test]
fn a_long_text_that_is_another_is_sent_in_time() {
    let text = |word: &str| json!(word.repeat(100_000 / word.len()));
    in_time(&[&text("ab"), &text("ba"), &text("abc"), &text("é👍"), &text("a")]);
}

/// Where an item at each level were tried twice, each level would double the time.
#[test]
fn a_deep_value_is_sent_in_time_wherever_it_changes() {
    const FILLER: &str = "so that a part is shorter than the whole";
    let wraps: [fn(Value, usize) -> Value; 9] = [
        |inner, level| json!([{ "text": FILLER, "inner": inner }, level]),
        |inner, _| json!([inner]),
        |inner, level| json!([level, inner]),
        |inner, level| json!([inner, FILLER, { "level": level }]),
        |inner, level| json!({ "inner": inner, "level": level }),
        |inner, level| json!([{ "id": level, "inner": inner }]),
        |inner, level| json!([{ "id": level, "inner": inner }, { "id": "other", "inner": FILLER }]),
        |inner, level| json!([[level], inner, [FILLER]]),
        |inner, level| json!([{ "text": FILLER, "inner": [[inner]] }, level]),
    ];
    for wrap in wraps {
        // What changes: the end, some levels, all levels, and the order of the items.
        let deep = |end: Value, of: fn(usize) -> usize| (0..18).fold(end, |inner, level| wrap(inner, of(level)));
        let back = |value: &Value| turned(value.clone());
        let values = [
            deep(json!(1), |level| level),
            deep(json!(2), |level| level),
            deep(json!([]), |level| level / 5 * 5),
            deep(json!([FILLER]), |level| level + 1),
            deep(json!({}), |_| 7),
        ];
        let turned: Vec<_> = values.iter().map(back).collect();
        let all: Vec<_> = values.iter().zip(&turned).flat_map(|(value, turned)| [value, turned]).collect();
        within(Duration::from_millis(500), &all);
        within(Duration::from_millis(500), &values.iter().collect::<Vec<_>>());
    }
}

/// The same value, all its lists reversed.
fn turned(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().rev().map(turned).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, turned(value))).collect(),
        scalar => scalar,
    }
}

/// A tree whose nodes are all changed, moved and renamed.
#[test]
fn a_wide_and_deep_tree_is_sent_in_time() {
    fn tree(depth: usize, id: usize, change: fn(usize) -> usize) -> Value {
        let mut children: Vec<_> =
            (0..if depth == 0 { 0 } else { 4 }).map(|child| tree(depth - 1, id * 4 + child + 1, change)).collect();
        let first = change(id) % 4;
        if first < children.len() {
            children.rotate_left(first);
        }
        json!({ "id": change(id), "label": format!("node {}", change(id) / 3), "children": children })
    }
    let changes: [fn(usize) -> usize; 5] = [|id| id, |id| id + 1, |id| id / 2, |_| 7, |id| id * 31 % 1_009];
    let trees = changes.map(|change| tree(6, 0, change));
    in_time(&trees.iter().collect::<Vec<_>>());
}

/// Followed by a document, in a test's build; the bound is far above what it takes, and far below what squares of it would.
fn in_time(values: &[&Value]) {
    within(Duration::from_secs(5), values);
}

fn within(bound: Duration, values: &[&Value]) {
    for string_edits in [false, true] {
        let mut differ = Differ::new().string_edits(string_edits);
        let mut client = Document::parse("null").unwrap();
        for value in values {
            let mut patch = Vec::new();
            let start = Instant::now();
            let is_changed = differ.advance(value, &mut patch).unwrap();
            let advanced = start.elapsed();
            if is_changed {
                client.apply(std::str::from_utf8(&patch).unwrap()).unwrap();
            }
            let applied = start.elapsed() - advanced;
            assert!(advanced.max(applied) < bound, "it takes {advanced:?} and {applied:?}");
            assert!(patch.len() <= value.to_string().len() + 50, "{} bytes", patch.len());
            assert_eq!(client.to_value(), **value);
        }
    }
}
