//! Random values, one after the other, by all ways in which a change can come.

use super::Subscribed;
use crate::store::{ByKey, SseStore};
use leptos::prelude::*;
use leptos_sse_core::{
    Differ, Document, Rebuild,
    patch::{Operations, Touch, TouchKind, between},
};
use proptest::{collection::vec, option, prelude::*};
use reactive_stores::{AtKeyed, OptionStoreExt, Store, StoreFieldIterator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct All {
    title: String,
    #[store(key: u8 = |row| row.id)]
    rows: Vec<Row>,
    maybe: Option<Row>,
    mood: Mood,
    plain: Vec<Vec<u8>>,
    #[store(key: String = |(name, _)| name.clone())]
    named: BTreeMap<String, Row>,
    boxed: Box<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Row {
    id: u8,
    price: u8,
    tags: Vec<String>,
    #[store(key: u8 = |part| part.id)]
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Part {
    id: u8,
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
enum Mood {
    #[default]
    Calm,
    Busy {
        since: u8,
    },
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let ids = proptest::sample::subsequence(vec![0_u8, 1, 2], 0..=3).prop_shuffle();
    (ids, vec("[ab]", 3))
        .prop_map(|(ids, names)| ids.into_iter().zip(names).map(|(id, name)| Part { id, name }).collect())
}

fn row(id: u8) -> impl Strategy<Value = Row> {
    (0_u8..3, vec("[ab]", 0..2), parts()).prop_map(move |(price, tags, parts)| Row { id, price, tags, parts })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let ids = proptest::sample::subsequence((0_u8..6).collect::<Vec<_>>(), 0..=6).prop_shuffle();
    ids.prop_flat_map(|ids| ids.into_iter().map(row).collect::<Vec<_>>())
}

fn all() -> impl Strategy<Value = All> {
    let mood = prop_oneof![Just(Mood::Calm), (0_u8..3).prop_map(|since| Mood::Busy { since })];
    let named = proptest::collection::btree_map("[a-c]", row(0), 0..3);
    ("[ab]", rows(), option::of(row(0)), mood, vec(vec(0_u8..3, 0..3), 0..4), named, parts()).prop_map(
        |(title, rows, maybe, mood, plain, named, parts)| {
            let boxed = Box::new(parts.into_iter().next().unwrap_or_default());
            All { title, rows, maybe, mood, plain, named, boxed }
        },
    )
}

/// Some of the next value, as most changes are small.
fn some_of(next: &All, held: &All, which: u8) -> All {
    let mut some = held.clone();
    match which {
        0 => some.title.clone_from(&next.title),
        1 => some.rows.clone_from(&next.rows),
        2 => some.maybe.clone_from(&next.maybe),
        3 => some.mood.clone_from(&next.mood),
        4 => some.plain.clone_from(&next.plain),
        5 => some.named.clone_from(&next.named),
        6 => some.boxed.clone_from(&next.boxed),
        7 => some.rows.iter_mut().zip(&next.rows).for_each(|(row, next)| row.price = next.price),
        8 => some.rows.iter_mut().take(1).zip(&next.rows).for_each(|(row, next)| row.parts.clone_from(&next.parts)),
        9 | 10 => {
            let by = next.rows.len() % held.rows.len().max(1);
            some.rows.rotate_left(by);
            some.rows.iter_mut().zip(&next.rows).for_each(|(row, next)| row.price = next.price);
        }
        _ => some.clone_from(next),
    }
    some
}

/// The change as the server's diff tells it, as a snapshot brings it, or as another server may write it.
fn touches(way: u8, document: &mut Document, held: &All, next: &All) -> Vec<Touch> {
    let after = Document::of(next).unwrap();
    let operations = match way {
        0 => {
            let (mut differ, mut text) = (Differ::new(), Vec::new());
            differ.advance(held, &mut text).unwrap();
            text.clear();
            if differ.advance(next, &mut text).unwrap() { serde_json::from_slice(&text).unwrap() } else { json!([]) }
        }
        1 => {
            let touches = between(document, &after);
            *document = after;
            return touches;
        }
        2 => json!([{ "op": "replace", "path": "", "value": next }]),
        _ => members(held, next),
    };
    let operations = Operations::parse(&operations.to_string()).unwrap();
    let touches = document.apply_operations(operations.0).unwrap();
    assert_eq!(*document, after);
    touches
}

/// Each member anew, and rows by their places.
fn members(held: &All, next: &All) -> Value {
    let (old, new) = (serde_json::to_value(held).unwrap(), serde_json::to_value(next).unwrap());
    let mut operations = Vec::new();
    for (name, value) in new.as_object().unwrap().iter().filter(|(name, value)| old[name.as_str()] != **value) {
        let (before, after) = (old[name].as_array(), value.as_array());
        match (name == "rows", before, after) {
            (true, Some(before), Some(after)) if before.len() == after.len() => {
                for index in (0..after.len()).filter(|index| before[*index] != after[*index]) {
                    let path = format!("/rows/{index}");
                    operations.push(json!({ "op": "replace", "path": path, "value": after[index] }));
                }
            }
            _ => operations.push(json!({ "op": "replace", "path": format!("/{name}"), "value": value })),
        }
    }
    Value::Array(operations)
}

type Read = Arc<dyn Fn(SseStore<All>) -> String + Send + Sync>;

/// What is read of a store, where in the document it is, and what was seen last.
struct Watcher {
    name: &'static str,
    at: Vec<String>,
    read: Read,
    seen: Arc<Mutex<String>>,
}

fn watch<R: Debug>(
    followed: &mut Subscribed<All>,
    name: &'static str,
    at: &[&str],
    read: impl Fn(SseStore<All>) -> R + Send + Sync + 'static,
) -> Watcher {
    let read: Read = Arc::new(move |store| format!("{:?}", read(store)));
    let seen: Arc<Mutex<String>> = Arc::default();
    followed.watch(name, {
        let (read, seen) = (read.clone(), seen.clone());
        move |store| *seen.lock().unwrap() = read(store)
    });
    Watcher { name, at: at.iter().map(|at| (*at).to_owned()).collect(), read, seen }
}

fn watchers(followed: &mut Subscribed<All>) -> Vec<Watcher> {
    let of_row = |id: u8| {
        move |all: SseStore<All>| {
            all.rows().by_key().find(|row| row.key() == id).map(|row| (row.price().get(), row.tags().get()))
        }
    };
    let parts_of = |id: u8| {
        move |all: SseStore<All>| {
            let row = all.rows().by_key().find(|row| row.key() == id)?;
            Some(row.parts().by_key().map(|part| (part.key(), part.name().get())).collect::<Vec<_>>())
        }
    };
    vec![
        watch(followed, "all", &[""], |all| all.get()),
        watch(followed, "title", &["/title"], |all| all.title().get()),
        watch(followed, "rows", &["/rows"], |all| all.rows().get()),
        watch(followed, "each", &["/rows"], |all| all.rows().into_iter().map(|row| row.get()).collect::<Vec<_>>()),
        watch(followed, "order", &["/rows"], |all| all.rows().by_key().map(|row| row.key()).collect::<Vec<_>>()),
        watch(followed, "row 0", &["/rows"], of_row(0)),
        watch(followed, "row 1", &["/rows"], of_row(1)),
        watch(followed, "row 2", &["/rows"], of_row(2)),
        watch(followed, "at 0", &["/rows"], |all| AtKeyed::new(all.rows(), 0).price().try_get()),
        watch(followed, "at 1", &["/rows"], |all| AtKeyed::new(all.rows(), 1).price().try_get()),
        watch(followed, "parts 0", &["/rows"], parts_of(0)),
        watch(followed, "parts 1", &["/rows"], parts_of(1)),
        watch(followed, "maybe", &["/maybe"], |all| all.maybe().map(|row| (row.price().get(), row.parts().get()))),
        watch(followed, "mood", &["/mood"], |all| all.mood().busy_since().map(|since| since.get())),
        watch(followed, "plain", &["/plain"], |all| all.plain().get()),
        watch(followed, "line 1", &["/plain"], |all| all.plain().iter_unkeyed().nth(1).map(|line| line.get())),
        watch(followed, "named", &["/named"], |all| {
            all.named().by_key().map(|row| (row.key(), row.price().get())).collect::<Vec<_>>()
        }),
        watch(followed, "boxed", &["/boxed"], |all| all.boxed().get()),
    ]
}

fn pointer(touch: &Touch) -> String {
    use leptos_sse_core::patch::Segment;
    touch.path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Name(name) => pointer + "/" + name,
        Segment::Index(index) => format!("{pointer}/{index}"),
    })
}

/// Where a row is that was and is at the same place, if rows neither came nor went nor moved.
fn places_of_rows(held: &All, touches: &[Touch]) -> Option<BTreeMap<u8, String>> {
    let is_in_place = |touch: &Touch| {
        let pointer = pointer(touch);
        !pointer.starts_with("/rows")
            || pointer.matches('/').count() > 2 && matches!(touch.kind, TouchKind::Replaced | TouchKind::Text)
    };
    let is_in_place = touches.iter().all(|touch| is_in_place(touch) && !touch.path.is_empty());
    is_in_place.then(|| held.rows.iter().enumerate().map(|(at, row)| (row.id, format!("/rows/{at}"))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn who_reads_a_field_sees_its_value_and_nothing_off_the_touched_paths_is_told(
        first in all(), steps in vec((all(), 0_u8..12, 0_u8..4), 1..6)
    ) {
        let mut followed = Subscribed::<All>::new(&serde_json::to_value(&first).unwrap());
        let mut watchers = watchers(&mut followed);
        let mut held = first;
        for (next, which, way) in steps {
            let next = some_of(&next, &held, which);
            let was_seen = ["at 0", "at 1"].map(|name| {
                let watcher = watchers.iter().find(|watcher| watcher.name == name).unwrap();
                *watcher.seen.lock().unwrap() == untrack(|| (watcher.read)(followed.store))
            });
            let mut document = followed.document.clone();
            let touches = touches(way, &mut document, &held, &next);
            followed.document = document;
            followed.held.follow(&followed.document, Some(&touches)).unwrap();
            prop_assert_eq!(&*followed.store.read_untracked(), &next);
            let ran = followed.ran();
            let place = format!("{held:?}\nbecame {next:?}\nby {touches:?}\nran {ran:?}");
            for (name, id) in [("row 0", 0), ("row 1", 1), ("row 2", 2), ("parts 0", 0), ("parts 1", 1)] {
                // One that is followed by its key is told of where it is.
                let at = places_of_rows(&held, &touches).and_then(|places| places.get(&id).cloned());
                let watcher = watchers.iter_mut().find(|watcher| watcher.name == name).unwrap();
                watcher.at = vec![at.unwrap_or_else(|| "/rows".to_owned())];
            }
            let is_there = |id: u8| [&held, &next].iter().all(|all| all.rows.iter().any(|row| row.id == id));
            let (at_0, at_1) = (is_there(0), is_there(1));
            // Who holds on to a row that is not there is not told when it comes.
            let is_told = |name: &str| match name {
                "at 0" => was_seen[0] && at_0,
                "at 1" => was_seen[1] && at_1,
                _ => true,
            };
            for watcher in watchers.iter().filter(|watcher| is_told(watcher.name)) {
                let now = untrack(|| (watcher.read)(followed.store));
                prop_assert_eq!(&*watcher.seen.lock().unwrap(), &now, "{}: {}", watcher.name, place);
                let is_touched = touches.iter().map(pointer).any(|touched| {
                    watcher.at.iter().any(|at| touched.starts_with(at.as_str()) || at.starts_with(&touched))
                });
                prop_assert!(is_touched || !ran.contains(&watcher.name), "{}: {}", watcher.name, place);
            }
            held = next;
        }
    }
}
