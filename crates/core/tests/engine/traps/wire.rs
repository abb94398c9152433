//! What simple changes are on the wire, to the byte.

use super::*;
use serde_json::json;

#[derive(Clone, Serialize)]
struct Message {
    id: u32,
    by: String,
    text: String,
}

#[derive(Clone, Serialize)]
struct Room {
    topic: String,
    messages: Vec<Message>,
}

fn message(id: u32) -> Message {
    Message { id, by: "Ada".to_owned(), text: format!("This is message {id}.") }
}

fn room(ids: impl IntoIterator<Item = u32>) -> Room {
    Room { topic: "engines".to_owned(), messages: ids.into_iter().map(message).collect() }
}

#[test]
fn the_first_value_is_a_snapshot() {
    assert_eq!(
        texts(&follow(&[room([7])])),
        [
            r#"[{"op":"replace","path":"","value":{"topic":"engines","messages":[{"id":7,"by":"Ada","text":"This is message 7."}]}}]"#
        ]
    );
}

#[test]
fn a_message_that_is_appended_is_one_add() {
    let patches = patches_after_the_first(&[room(0..1_000), room(0..1_001)]);
    let item = r#"{"id":1000,"by":"Ada","text":"This is message 1000."}"#;
    assert_eq!(texts(&patches), [format!(r#"[{{"op":"add","path":"/messages/1000","value":{item}}}]"#)]);
}

#[test]
fn a_message_that_comes_first_is_one_add() {
    let patches = patches_after_the_first(&[room(1..50), room(0..50)]);
    let item = r#"{"id":0,"by":"Ada","text":"This is message 0."}"#;
    assert_eq!(texts(&patches), [format!(r#"[{{"op":"add","path":"/messages/0","value":{item}}}]"#)]);
}

#[test]
fn a_log_that_drops_its_oldest_line_is_one_remove_and_one_add() {
    let patches = patches_after_the_first(&[room(0..50), room(1..51)]);
    let item = r#"{"id":50,"by":"Ada","text":"This is message 50."}"#;
    let expected =
        format!(r#"[{{"op":"remove","path":"/messages/0"}},{{"op":"add","path":"/messages/49","value":{item}}}]"#);
    assert_eq!(texts(&patches), [expected]);
}

#[test]
fn messages_that_are_gone_are_removed_from_the_last_to_the_first() {
    let patches = patches_after_the_first(&[room(0..10), room([0, 1, 3, 4, 5, 6, 7, 9])]);
    assert_eq!(texts(&patches), [r#"[{"op":"remove","path":"/messages/8"},{"op":"remove","path":"/messages/2"}]"#]);
}

#[test]
fn a_message_that_is_edited_is_one_replace() {
    let (first, mut second) = (room(0..10), room(0..10));
    second.messages[3].text = "Edited.".to_owned();
    let patches = patches_after_the_first(&[first, second]);
    assert_eq!(texts(&patches), [r#"[{"op":"replace","path":"/messages/3/text","value":"Edited."}]"#]);
}

#[test]
fn a_card_that_is_moved_is_one_move() {
    let cards = |ids: &[u32]| json!({ "cards": ids.iter().map(|id| json!(message(*id))).collect::<Value>() });
    let patches = patches_after_the_first(&[cards(&[0, 1, 2, 3, 4]), cards(&[1, 2, 3, 0, 4]), cards(&[4, 1, 2, 3, 0])]);
    assert_eq!(patches[0], r#"[{"op":"move","from":"/cards/0","path":"/cards/3"}]"#);
    assert_eq!(patches[1], r#"[{"op":"move","from":"/cards/4","path":"/cards/0"}]"#);
}

#[test]
fn a_tick_of_a_number_is_one_replace() {
    let values =
        [json!({ "cpu": { "load": [0.5, 1.25] }, "up": 7 }), json!({ "cpu": { "load": [0.5, 1.5] }, "up": 7 })];
    assert_eq!(texts(&patches_after_the_first(&values)), [r#"[{"op":"replace","path":"/cpu/load/1","value":1.5}]"#]);
}

#[test]
fn a_variant_that_changes_is_one_replace() {
    #[derive(Serialize)]
    enum State {
        Running { done: u8 },
        Failed { why: &'static str, code: u8 },
    }
    #[derive(Serialize)]
    struct Job {
        name: &'static str,
        state: State,
    }
    let job = |state| Job { name: "a job with a long name", state };
    let values =
        [State::Running { done: 1 }, State::Running { done: 2 }, State::Failed { why: "no", code: 1 }].map(job);
    assert_eq!(
        texts(&patches_after_the_first(&values)),
        [
            r#"[{"op":"replace","path":"/state/Running/done","value":2}]"#,
            r#"[{"op":"replace","path":"/state","value":{"Failed":{"why":"no","code":1}}}]"#,
        ]
    );
}

#[test]
fn a_token_that_is_appended_is_one_insert() {
    let answer = |tokens: usize| json!({ "answer": "A token is a piece of a word. ".repeat(tokens), "done": false });
    let patches = follow_with(Options { string_edits: true, ..Options::default() }, &[answer(100), answer(101)]);
    assert_eq!(patches[1], r#"[{"op":"str_ins","path":"/answer","pos":3000,"str":"A token is a piece of a word. "}]"#);
}

#[test]
fn keys_that_come_and_go_are_added_and_removed() {
    let filler = "so that a part is shorter than the whole, and not by a little only";
    let values =
        [json!({ "a": 1, "z": filler }), json!({ "a": 1, "b": [], "z": filler }), json!({ "a": 1, "z": filler })];
    assert_eq!(
        texts(&patches_after_the_first(&values)),
        [r#"[{"op":"add","path":"/b","value":[]}]"#, r#"[{"op":"remove","path":"/b"}]"#]
    );
}

/// Rather a snapshot than a longer patch.
#[test]
fn what_changes_altogether_is_a_snapshot() {
    let values = [json!({ "a": 1, "b": 2, "c": 3 }), json!({ "a": 4, "b": 5, "c": 6 }), json!([4, 5])];
    assert_eq!(
        texts(&patches_after_the_first(&values)),
        [
            r#"[{"op":"replace","path":"","value":{"a":4,"b":5,"c":6}}]"#,
            r#"[{"op":"replace","path":"","value":[4,5]}]"#,
        ]
    );
}

/// A row that differs from its neighbours in little, and has nothing to tell it apart.
fn alike(n: usize) -> Value {
    json!({ "level": "INFO", "host": "web-1", "region": "eu-central-1", "message": format!("request {n} was served") })
}

#[test]
fn one_more_of_many_that_are_alike_is_one_add_wherever_it_comes() {
    for at in [0, 1, 20, 49, 50] {
        let mut rows: Vec<Value> = (0..50).map(alike).collect();
        let before = rows.clone();
        rows.insert(at, alike(99));
        let expected = format!(r#"[{{"op":"add","path":"/{at}","value":{}}}]"#, alike(99));
        assert_eq!(patches_after_the_first(&[before.clone(), rows.clone()]), [expected]);
        assert_eq!(patches_after_the_first(&[rows, before]), [format!(r#"[{{"op":"remove","path":"/{at}"}}]"#)]);
    }
}

#[test]
fn one_of_many_that_are_alike_can_be_moved() {
    let rows: Vec<Value> = (0..50).map(alike).collect();
    for (from, to) in [(30, 10), (10, 30), (0, 49), (49, 0)] {
        let mut moved = rows.clone();
        let row = moved.remove(from);
        moved.insert(to, row);
        let expected = format!(r#"[{{"op":"move","from":"/{from}","path":"/{to}"}}]"#);
        assert_eq!(patches_after_the_first(&[rows.clone(), moved]), [expected]);
    }
}

#[test]
fn one_of_many_that_are_alike_is_changed_where_it_is() {
    let rows: Vec<Value> = (0..50).map(alike).collect();
    let mut changed = rows.clone();
    changed[20]["host"] = json!("web-2");
    changed[21]["host"] = json!("web-3");
    let expected =
        r#"[{"op":"replace","path":"/20/host","value":"web-2"},{"op":"replace","path":"/21/host","value":"web-3"}]"#;
    assert_eq!(patches_after_the_first(&[rows, changed]), [expected]);
}

#[test]
fn many_new_lines_in_front_of_a_long_list_are_that_many_operations() {
    let lines: Vec<Value> = (0..1_000).map(alike).collect();
    let mut next: Vec<Value> = (2_000..2_100).map(alike).collect();
    next.extend_from_slice(&lines[1..]);
    let patches = patches_after_the_first(&[lines, next]);
    // One of them in the place of the line that is gone.
    assert_eq!(patches[0].matches(r#""op":"#).count(), 100, "{} bytes", patches[0].len());
}

#[test]
fn an_item_that_loses_its_identity_is_another_one() {
    let filler = "that makes an item longer than an operation is";
    let values = [
        json!([{ "id": 1, "text": filler }, { "id": 2, "text": filler }]),
        json!([{ "text": filler }, { "id": 2, "text": filler }]),
    ];
    let expected = format!(r#"[{{"op":"replace","path":"/0","value":{{"text":"{filler}"}}}}]"#);
    assert_eq!(patches_after_the_first(&values), [expected]);
}

#[test]
fn a_key_of_escapes_takes_no_more_than_a_snapshot() {
    for key in ["~~~~~~~~~~~~", "//////////////", "a~b"] {
        let patches = patches_after_the_first(&[json!({ key: 1 }), json!({ key: 2 })]);
        let snapshot = format!(r#"[{{"op":"replace","path":"","value":{{"{key}":2}}}}]"#);
        assert!(patches[0].len() <= snapshot.len(), "{}", patches[0]);
    }
}
