//! Signals that rebuild only what was touched.

use super::{change, connection, key, snapshot};
use crate::reactive::signal::Signal;
use leptos::prelude::{ArcRwSignal, Get, GetUntracked, ImmediateEffect, Owner, ReadUntracked};
use leptos_sse_client::{Connection, connection::User};
use leptos_sse_core::Rebuild;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    sync::{Arc, Mutex},
};

thread_local! {
    static READ: Cell<usize> = const { Cell::new(0) };
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Counted(i64);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READ.set(READ.get() + 1);
        i64::deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Rebuild)]
struct Table {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Rebuild)]
struct Row {
    #[rebuild(whole)]
    count: Counted,
}

fn follow_in_place(connection: &Arc<Connection>) -> (ArcRwSignal<Table>, User) {
    let (signal, user) = follow(connection);
    signal.rebuild_in_place();
    (signal.value().clone(), user)
}

fn follow(connection: &Arc<Connection>) -> (Arc<Signal<Table>>, User) {
    connection.follow_as(&key("table"), || Signal::new(Table::default())).unwrap()
}

fn table(counts: impl IntoIterator<Item = i64>) -> Value {
    json!({ "rows": counts.into_iter().map(|count| json!({ "count": count })).collect::<Vec<_>>() })
}

fn counts(table: &ArcRwSignal<Table>) -> Vec<i64> {
    table.get_untracked().rows.iter().map(|row| row.count.0).collect()
}

#[test]
fn a_signal_in_place_reads_only_what_was_touched() {
    let connection = connection();
    let (signal, _user) = follow_in_place(&connection);
    snapshot(&connection, "table", 1, &table(0..100));
    READ.set(0);
    change(&connection, "table", 1, "/rows/7/count", &json!(-1));
    assert_eq!(READ.get(), 1);
    assert_eq!((counts(&signal)[6], counts(&signal)[7]), (6, -1));
    let patch = json!([{ "op": "move", "from": "/rows/99", "path": "/rows/0" }]);
    connection.receive("message", &json!({ "name": "table", "from": 2, "to": 3, "patch": patch }).to_string());
    assert_eq!(READ.get(), 1);
    assert_eq!((counts(&signal)[0], counts(&signal)[8]), (99, -1));
}

#[test]
fn who_asks_in_place_and_who_does_not_share_one_signal() {
    let connection = connection();
    let (first, _user) = follow(&connection);
    snapshot(&connection, "table", 1, &table(0..100));
    READ.set(0);
    change(&connection, "table", 1, "/rows/0/count", &json!(-1));
    assert_eq!(READ.get(), 100);
    let (second, user) = follow_in_place(&connection);
    change(&connection, "table", 2, "/rows/1/count", &json!(-2));
    assert_eq!(READ.get(), 101);
    assert_eq!((counts(first.value()), counts(first.value())[..3].to_vec()), (counts(&second), vec![-1, -2, 2]));
    let (third, _user) = follow(&connection);
    drop(user);
    change(&connection, "table", 3, "/rows/2/count", &json!(-3));
    assert_eq!((READ.get(), counts(third.value())[2]), (102, -3));
}

#[test]
fn who_comes_later_starts_with_the_whole() {
    let connection = connection();
    let _listener = connection.use_it();
    snapshot(&connection, "table", 1, &table(0..3));
    change(&connection, "table", 1, "/rows/0/count", &json!(-1));
    let (signal, _user) = follow_in_place(&connection);
    change(&connection, "table", 2, "/rows/1/count", &json!(-2));
    assert_eq!(counts(&signal), [-1, -2, 2]);
}

#[test]
fn what_cannot_be_read_leaves_the_last_good_value_and_the_next_change_reads_the_whole() {
    let connection = connection();
    let (signal, _user) = follow_in_place(&connection);
    snapshot(&connection, "table", 1, &table(0..3));
    let patch = json!([
        { "op": "replace", "path": "/rows/0/count", "value": -1 },
        { "op": "replace", "path": "/rows/1/count", "value": "x" },
    ]);
    connection.receive("message", &json!({ "name": "table", "from": 1, "to": 2, "patch": patch }).to_string());
    assert_eq!(counts(&signal), [0, 1, 2]);
    change(&connection, "table", 2, "/rows/2/count", &json!(-3));
    assert_eq!(counts(&signal), [0, 1, 2]);
    change(&connection, "table", 3, "/rows/1/count", &json!(-2));
    assert_eq!(counts(&signal), [-1, -2, -3]);
    READ.set(0);
    change(&connection, "table", 4, "/rows/1/count", &json!(1));
    assert_eq!((READ.get(), counts(&signal)), (1, vec![-1, 1, -3]));
}

#[test]
fn a_value_that_is_held_is_left_alone_and_taken_with_the_next_change() {
    let connection = connection();
    let (signal, _user) = follow_in_place(&connection);
    snapshot(&connection, "table", 1, &table(0..3));
    let held = signal.read_untracked();
    change(&connection, "table", 1, "/rows/0/count", &json!(-1));
    assert_eq!(held.rows[0].count.0, 0);
    drop(held);
    change(&connection, "table", 2, "/rows/1/count", &json!(-2));
    assert_eq!(counts(&signal), [-1, -2, 2]);
}

#[test]
fn a_change_in_place_is_told() {
    Owner::new().with(|| {
        let connection = connection();
        let (signal, _user) = follow_in_place(&connection);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _effect = ImmediateEffect::new({
            let (signal, seen) = (signal.clone(), seen.clone());
            move || seen.lock().unwrap().push(signal.get().rows.len())
        });
        snapshot(&connection, "table", 1, &table(0..3));
        let patch = json!([{ "op": "add", "path": "/rows/-", "value": { "count": 3 } }]);
        connection.receive("message", &json!({ "name": "table", "from": 1, "to": 2, "patch": patch }).to_string());
        assert_eq!(*seen.lock().unwrap(), [0, 3, 4]);
    });
}
