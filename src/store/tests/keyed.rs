use super::Subscribed;
use crate::store::{ByKey, SseStore};
use leptos::prelude::*;
use leptos_sse_core::Rebuild;
use reactive_stores::{AtKeyed, OptionStoreExt, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Table {
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
    #[store(key: u64 = |row| row.id)]
    queue: VecDeque<Row>,
    #[store(key: String = |(name, _)| name.clone())]
    places: BTreeMap<String, Row>,
    #[rebuild(whole)]
    #[store(key: u64 = |row| row.id)]
    opaque: Vec<Row>,
    tree: Tree,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Row {
    id: u64,
    price: u32,
    #[store(key: u64 = |row| row.id)]
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Part {
    id: u64,
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Tree {
    name: String,
    #[store(key: String = |tree| tree.name.clone())]
    below: Vec<Tree>,
}

fn row(id: u64, price: u32) -> Value {
    json!({ "id": id, "price": price, "parts": [{ "id": 1, "name": "a" }, { "id": 2, "name": "b" }] })
}

fn table() -> Value {
    let rows = json!([row(1, 10), row(2, 20), row(3, 30)]);
    let tree = |name: &str, below: Value| json!({ "name": name, "below": below });
    let tree = tree("root", json!([tree("a", json!([tree("b", json!([]))])), tree("c", json!([]))]));
    json!({ "rows": rows, "queue": rows, "places": { "x": row(1, 10), "y": row(2, 20) }, "opaque": rows, "tree": tree })
}

fn followed() -> Subscribed<Table> {
    let mut table = Subscribed::<Table>::new(&table());
    table.watch("rows", |table| table.rows().get());
    table.watch("each", |table| table.rows().into_iter().count());
    table.watch("order", |table| table.rows().by_key().count());
    table.watch("1", |table| AtKeyed::new(table.rows(), 1).price().try_get());
    table.watch("2", |table| AtKeyed::new(table.rows(), 2).price().try_get());
    table.watch("3", |table| AtKeyed::new(table.rows(), 3).price().try_get());
    table.watch("2 parts", |table| AtKeyed::new(table.rows(), 2).parts().by_key().count());
    table.watch("2 a", |table| AtKeyed::new(AtKeyed::new(table.rows(), 2).parts(), 1).name().try_get());
    table
}

impl Subscribed<Table> {
    fn prices(&self, ids: impl IntoIterator<Item = u64>) -> Vec<Option<u32>> {
        let price = |id| AtKeyed::new(self.store.rows(), id).price().try_get_untracked();
        ids.into_iter().map(price).collect()
    }
}

#[test]
fn a_row_tells_those_who_read_it_and_not_those_who_follow_the_order() {
    let mut table = followed();
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/rows/1/price", "value": 21 }])), ["2", "each", "rows"]);
    assert_eq!(table.prices(1..4), [Some(10), Some(21), Some(30)]);
    let deep = json!([{ "op": "replace", "path": "/rows/1/parts/0/name", "value": "A" }]);
    assert_eq!(table.patch(&deep), ["2 a", "each", "rows"]);
    assert_eq!(
        table.patch(&json!([{ "op": "add", "path": "/rows/1/parts/0", "value": { "id": 9, "name": "" } }])),
        ["2 parts", "each", "rows"]
    );
}

#[test]
fn rows_that_come_go_and_move_do_not_touch_the_others() {
    let order = ["each", "order", "rows"];
    let mut table = followed();
    assert_eq!(table.patch(&json!([{ "op": "add", "path": "/rows/0", "value": row(9, 90) }])), order);
    assert_eq!(table.prices([1, 2, 3, 9]), [Some(10), Some(20), Some(30), Some(90)]);
    assert_eq!(table.patch(&json!([{ "op": "move", "from": "/rows/3", "path": "/rows/0" }])), order);
    assert_eq!(table.prices([1, 2, 3, 9]), [Some(10), Some(20), Some(30), Some(90)]);
    assert_eq!(table.patch(&json!([{ "op": "remove", "path": "/rows/2" }])), ["1", "each", "order", "rows"]);
    assert_eq!(table.prices([1, 2, 3, 9]), [None, Some(20), Some(30), Some(90)]);
    // And a row that was moved is told of by its key.
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/rows/0/price", "value": 31 }])), ["3", "each", "rows"]);
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/rows/1/price", "value": 91 }])), ["each", "rows"]);
}

#[test]
fn who_looks_for_a_row_in_the_list_is_told_when_it_comes_and_goes() {
    let mut table = Subscribed::<Table>::new(&table());
    let find = |table: SseStore<Table>| table.rows().by_key().find(|row| row.key() == 1).map(|row| row.price().get());
    table.watch("found", find);
    table.watch("2", |table| AtKeyed::new(table.rows(), 2).price().get());
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/rows/0/price", "value": 12 }])), ["found"]);
    assert_eq!(table.patch(&json!([{ "op": "remove", "path": "/rows/0" }])), ["found"]);
    assert_eq!(find(table.store), None);
    assert_eq!(table.patch(&json!([{ "op": "add", "path": "/rows/-", "value": row(1, 11) }])), ["found"]);
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/rows/2/price", "value": 12 }])), ["found"]);
    assert_eq!(find(table.store), Some(12));
}

#[test]
fn rows_that_change_places_by_being_written_over_are_told_of_by_their_keys() {
    let mut table = followed();
    let patch = json!([
        { "op": "replace", "path": "/rows/0/id", "value": 3 },
        { "op": "replace", "path": "/rows/2/id", "value": 1 },
    ]);
    assert_eq!(table.patch(&patch), ["1", "3", "each", "order", "rows"]);
    assert_eq!(table.prices(1..4), [Some(30), Some(20), Some(10)]);
    assert_eq!(
        table.patch(&json!([{ "op": "replace", "path": "/rows/0", "value": row(7, 70) }])),
        ["3", "each", "order", "rows"]
    );
    assert_eq!(table.prices([1, 2, 3, 7]), [Some(30), Some(20), None, Some(70)]);
}

#[test]
fn a_list_that_is_another_one_has_the_rows_of_its_keys() {
    let mut table = followed();
    let ran = table.patch(&json!([{ "op": "replace", "path": "/rows", "value": [row(3, 33), row(2, 22)] }]));
    assert_eq!(ran, ["1", "2", "2 a", "2 parts", "3", "each", "order", "rows"]);
    assert_eq!(table.prices(1..4), [None, Some(22), Some(33)]);
}

#[test]
fn lists_below_rows_that_take_the_place_of_others_have_keys_of_their_own() {
    let mut table = followed();
    let part = |table: &Subscribed<Table>, row, part| {
        AtKeyed::new(AtKeyed::new(table.store.rows(), row).parts(), part).name().try_get_untracked()
    };
    assert_eq!(part(&table, 1, 2), Some("b".to_owned()));
    let other = json!({ "id": 7, "price": 1, "parts": [{ "id": 2, "name": "other" }] });
    table.patch(&json!([{ "op": "remove", "path": "/rows/0" }, { "op": "add", "path": "/rows/0", "value": other }]));
    assert_eq!((part(&table, 7, 2), part(&table, 1, 2), part(&table, 7, 1)), (Some("other".to_owned()), None, None));
    table.patch(&json!([{ "op": "replace", "path": "/rows", "value": [{ "id": 2, "price": 1, "parts": [{ "id": 2, "name": "c" }] }] }]));
    assert_eq!((part(&table, 2, 2), part(&table, 2, 1)), (Some("c".to_owned()), None));
    table.patch(&json!([{ "op": "replace", "path": "", "value": { "rows": [{ "id": 2, "price": 1, "parts": [{ "id": 1, "name": "d" }] }], "queue": [], "places": {}, "opaque": [], "tree": { "name": "", "below": [] } } }]));
    assert_eq!((part(&table, 2, 1), part(&table, 2, 2)), (Some("d".to_owned()), None));
}

#[test]
fn maps_and_queues_have_keys_too() {
    let mut table = Subscribed::<Table>::new(&table());
    table.watch("queue 2", |table| AtKeyed::new(table.queue(), 2).price().try_get());
    table.watch("queue", |table| table.queue().by_key().count());
    table.watch("x", |table| AtKeyed::new(table.places(), "x".to_owned()).price().try_get());
    table.watch("y", |table| AtKeyed::new(table.places(), "y".to_owned()).price().try_get());
    table.watch("z", |table| table.places().by_key().find(|place| place.key() == "z").map(|place| place.price().get()));
    table.watch("places", |table| table.places().by_key().count());
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/queue/1/price", "value": 5 }])), ["queue 2"]);
    assert_eq!(table.patch(&json!([{ "op": "remove", "path": "/queue/0" }])), ["queue"]);
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/places/x/price", "value": 5 }])), ["x"]);
    assert_eq!(table.patch(&json!([{ "op": "add", "path": "/places/z", "value": row(3, 30) }])), ["places", "z"]);
    assert_eq!(table.patch(&json!([{ "op": "replace", "path": "/places/z/price", "value": 5 }])), ["z"]);
    assert_eq!(table.patch(&json!([{ "op": "remove", "path": "/places/x" }])), ["places", "x", "z"]);
    assert!(table.patch(&json!([{ "op": "replace", "path": "/places/y/price", "value": 5 }])).contains(&"y"));
}

#[test]
fn a_list_that_is_read_as_a_whole_keeps_its_keys() {
    let mut table = Subscribed::<Table>::new(&table());
    table.watch("2", |table| AtKeyed::new(table.opaque(), 2).price().try_get());
    table.watch("order", |table| table.opaque().by_key().count());
    assert_eq!(table.patch(&json!([{ "op": "remove", "path": "/opaque/0" }])), ["2", "order"]);
    let price = |id| AtKeyed::new(table.store.opaque(), id).price().try_get_untracked();
    assert_eq!((price(1), price(2), price(3)), (None, Some(20), Some(30)));
}

#[test]
fn a_type_that_holds_itself_is_followed_as_deep_as_it_goes() {
    let mut table = Subscribed::<Table>::new(&table());
    let at = |table: SseStore<Table>, path: [&str; 2]| {
        AtKeyed::new(AtKeyed::new(table.tree().below(), path[0].to_owned()).below(), path[1].to_owned())
    };
    table.watch("b", move |table| at(table, ["a", "b"]).below().by_key().count());
    table.watch("c", |table| AtKeyed::new(table.tree().below(), "c".to_owned()).below().by_key().count());
    let patch =
        json!([{ "op": "add", "path": "/tree/below/0/below/0/below/0", "value": { "name": "d", "below": [] } }]);
    assert_eq!(table.patch(&patch), ["b"]);
    assert_eq!(
        table.patch(&json!([{ "op": "move", "from": "/tree/below/0", "path": "/tree/below/1" }])),
        [] as [&str; 0]
    );
    assert_eq!(at(table.store, ["a", "b"]).below().get_untracked().len(), 1);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Hall {
    table: Option<Table>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Opaque {
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
    #[serde(flatten)]
    more: BTreeMap<String, u32>,
}

type Inner = Arc<Mutex<Vec<ImmediateEffect>>>;

/// Runs effects within an effect, as `<Show>` and `<For>` do: those of before are gone when others are made.
fn within(inner: &Inner, effects: impl FnOnce() -> Vec<ImmediateEffect>) {
    let gone = std::mem::take(&mut *inner.lock().unwrap());
    drop(gone);
    let effects = effects();
    *inner.lock().unwrap() = effects;
}

#[test]
fn who_shows_what_holds_a_list_is_told_before_who_shows_the_list() {
    let mut hall = Subscribed::<Hall>::new(&json!({ "table": table() }));
    let (inner, rows) = (Inner::default(), Arc::new(Mutex::new(0)));
    let counted = rows.clone();
    hall.watch("table", move |hall| {
        let counted = counted.clone();
        within(&inner, || {
            hall.table()
                .map(|table| ImmediateEffect::new(move || *counted.lock().unwrap() = table.rows().by_key().count()))
                .into_iter()
                .collect()
        });
    });
    assert_eq!(*rows.lock().unwrap(), 3);
    // It would panic when it looked for a list in what is not there.
    assert_eq!(hall.patch(&json!([{ "op": "replace", "path": "/table", "value": null }])), ["table"]);
    hall.patch(&json!([{ "op": "replace", "path": "/table", "value": table() }]));
    assert_eq!(hall.patch(&json!([{ "op": "replace", "path": "", "value": { "table": null } }])), ["table"]);
}

#[test]
fn rows_of_a_list_that_is_read_as_a_whole_go_before_they_would_be_read() {
    let mut opaque = Subscribed::<Opaque>::new(&json!({ "rows": [row(1, 10), row(2, 20), row(3, 30)], "x": 1 }));
    let (views, filter) = (Arc::new(Mutex::new(BTreeMap::new())), ArcRwSignal::new(0));
    let (shown, owner) = (filter.clone(), Owner::current().unwrap());
    opaque.watch("rows", move |opaque| {
        shown.get();
        let rows: BTreeMap<u64, _> = opaque.rows().by_key().map(|row| (row.key(), row)).collect();
        let mut views = views.lock().unwrap();
        views.retain(|key, _| rows.contains_key(key));
        for (key, row) in rows {
            let view = || owner.with(|| ImmediateEffect::new(move || _ = row.price().get()));
            views.entry(key).or_insert_with(view);
        }
    });
    // It follows what holds the list after the views of its rows do, which are the same ones still.
    filter.set(1);
    assert_eq!(opaque.patch(&json!([{ "op": "remove", "path": "/rows/0" }])), ["rows"]);
    filter.set(2);
    assert_eq!(opaque.patch(&json!([{ "op": "replace", "path": "/rows", "value": [row(7, 70)] }])), ["rows"]);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Names {
    #[store(key: u64 = |part| part.id)]
    rows: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Numbers {
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Store, Rebuild)]
enum Screen {
    Numbers(Numbers),
    Names(Names),
}

#[test]
fn variants_with_lists_of_one_type_of_key_can_follow_each_other() {
    let mut screen = Subscribed::<Screen>::new(&json!({ "Numbers": { "rows": [row(1, 10)] } }));
    let shown = |screen: SseStore<Screen>| {
        let prices = screen.numbers_0().map(|it| it.rows().by_key().map(|row| row.price().get()).collect::<Vec<_>>());
        let names = screen.names_0().map(|it| it.rows().by_key().map(|part| part.name().get()).collect::<Vec<_>>());
        (prices, names)
    };
    assert_eq!(untrack(|| shown(screen.store)), (Some(vec![10]), None));
    let names = json!({ "Names": { "rows": [{ "id": 1, "name": "a" }, { "id": 7, "name": "b" }] } });
    screen.patch(&json!([{ "op": "replace", "path": "", "value": names }]));
    assert_eq!(untrack(|| shown(screen.store)), (None, Some(vec!["a".to_owned(), "b".to_owned()])));
}

#[test]
fn duplicate_keys_and_rows_that_go_are_never_read_beyond_the_list() {
    let mut table = Subscribed::<Table>::new(&table());
    let read = |table: SseStore<Table>| table.rows().by_key().map(|row| row.price().try_get()).collect::<Vec<_>>();
    table.watch("rows", read);
    let read = |table| untrack(|| read(table));
    for patch in [
        json!([{ "op": "add", "path": "/rows/0", "value": row(2, 21) }]),
        json!([{ "op": "replace", "path": "/rows/1/id", "value": 2 }]),
        json!([{ "op": "remove", "path": "/rows/3" }]),
        json!([{ "op": "remove", "path": "/rows/2" }]),
        json!([{ "op": "remove", "path": "/rows/0" }]),
        json!([{ "op": "replace", "path": "/rows/0/price", "value": 5 }, { "op": "add", "path": "/rows/0", "value": row(2, 6) }, { "op": "move", "from": "/rows/1", "path": "/rows/0" }]),
        json!([{ "op": "replace", "path": "/rows", "value": [] }]),
    ] {
        table.patch(&patch);
        assert_eq!(read(table.store).len(), table.store.rows().get_untracked().len(), "{patch}");
        assert!(read(table.store).iter().all(Option::is_some), "{patch}");
    }
}
