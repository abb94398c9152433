use super::Subscribed;
use leptos::prelude::*;
use leptos_sse_core::Rebuild;
use reactive_stores::{AtIndex, DerefField, OptionStoreExt, Store, StoreFieldIterator};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
#[serde(rename_all = "camelCase")]
struct Page {
    user_name: String,
    place: Place,
    mood: Mood,
    guest: Option<Place>,
    lines: Vec<String>,
    grid: Vec<Vec<u32>>,
    counts: HashMap<String, u32>,
    boxed: Box<Place>,
    pair: (u32, String),
    three: [u32; 3],
    wrapped: Wrapped,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Place {
    street: String,
    number: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Wrapped(Place);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
enum Mood {
    #[default]
    Calm,
    Busy {
        with: String,
        since: u32,
    },
}

fn page() -> Subscribed<Page> {
    let place = json!({ "street": "High Street", "number": 1 });
    let mut page = Subscribed::<Page>::new(&json!({
        "userName": "Ada", "place": place, "mood": "Calm", "guest": null, "lines": ["a", "b", "c"],
        "grid": [[1, 2], [3]], "counts": { "a": 1 }, "boxed": place, "pair": [1, "x"], "three": [1, 2, 3], "wrapped": place,
    }));
    page.watch("root", |page| page.read().user_name.clone());
    page.watch("name", |page| page.user_name().get());
    page.watch("place", |page| page.place().get());
    page.watch("street", |page| page.place().street().get());
    page.watch("number", |page| page.place().number().get());
    page.watch("calm", |page| page.mood().calm());
    page.watch("since", |page| page.mood().busy_since().map(|since| since.get()));
    page.watch("guest", |page| page.guest().map(|_| ()));
    page.watch("lines", |page| page.lines().get());
    page.watch("line 1", |page| page.lines().at_unkeyed(1).try_get());
    page.watch("grid 0 1", |page| page.grid().at_unkeyed(0).at_unkeyed(1).try_get());
    page.watch("grid 1", |page| page.grid().at_unkeyed(1).try_get());
    page.watch("counts", |page| page.counts().get());
    page.watch("boxed", |page| page.boxed().get());
    page.watch("pair", |page| page.pair().get());
    page.watch("three", |page| page.three().get());
    page.watch("three 1", |page| AtIndex::new(page.three(), 1).get());
    page.watch("wrapped street", |page| page.wrapped().field0().street().get());
    page
}

#[test]
fn a_field_tells_who_reads_it_and_who_reads_what_holds_it() {
    let mut page = page();
    let mut check = |patch, expected: &[&str]| {
        let ran = page.patch(&json!([patch]));
        assert_eq!(ran, expected, "{patch}");
        assert_eq!(*page.store.read_untracked(), page.document.read().unwrap());
    };
    check(json!({ "op": "replace", "path": "/userName", "value": "Grace" }), &["name", "root"]);
    check(json!({ "op": "str_ins", "path": "/userName", "pos": 0, "str": "!" }), &["name", "root"]);
    check(json!({ "op": "replace", "path": "/place/number", "value": 2 }), &["number", "place", "root"]);
    let other = json!({ "street": "Low Street", "number": 3 });
    check(json!({ "op": "replace", "path": "/place", "value": other }), &["number", "place", "root", "street"]);
    check(json!({ "op": "replace", "path": "/guest", "value": other }), &["guest", "root"]);
    check(
        json!({ "op": "replace", "path": "/mood", "value": { "Busy": { "with": "work", "since": 1 } } }),
        &["calm", "root", "since"],
    );
    check(json!({ "op": "replace", "path": "/mood/Busy/since", "value": 2 }), &["calm", "root", "since"]);
    check(json!({ "op": "replace", "path": "/lines/1", "value": "B" }), &["line 1", "lines", "root"]);
    check(json!({ "op": "add", "path": "/lines/-", "value": "d" }), &["lines", "root"]);
    check(json!({ "op": "add", "path": "/lines/0", "value": "0" }), &["line 1", "lines", "root"]);
    check(json!({ "op": "replace", "path": "/grid/0/1", "value": 5 }), &["grid 0 1", "root"]);
    check(json!({ "op": "add", "path": "/grid/1/-", "value": 5 }), &["grid 1", "root"]);
    check(json!({ "op": "add", "path": "/counts/b", "value": 5 }), &["counts", "root"]);
    check(json!({ "op": "replace", "path": "/boxed/number", "value": 5 }), &["boxed", "root"]);
    check(json!({ "op": "replace", "path": "/pair/0", "value": 5 }), &["pair", "root"]);
    check(json!({ "op": "replace", "path": "/three/1", "value": 5 }), &["root", "three", "three 1"]);
    check(json!({ "op": "replace", "path": "/three/2", "value": 5 }), &["root", "three"]);
    check(json!({ "op": "replace", "path": "/wrapped/street", "value": "x" }), &["root", "wrapped street"]);
    check(json!({ "op": "test", "path": "/wrapped/street", "value": "x" }), &[]);
}

#[test]
fn an_optional_field_tells_of_what_is_in_it() {
    let mut page = Subscribed::<Page>::new(
        &serde_json::to_value(Page { guest: Some(Place::default()), ..Page::default() }).unwrap(),
    );
    page.watch("street", |page| page.guest().unwrap().street().try_get());
    page.watch("number", |page| page.guest().unwrap().number().try_get());
    assert_eq!(page.patch(&json!([{ "op": "replace", "path": "/guest/number", "value": 2 }])), ["number"]);
    let other = json!({ "street": "Low Street", "number": 3 });
    assert_eq!(page.patch(&json!([{ "op": "replace", "path": "/guest", "value": other }])), ["number", "street"]);
}

#[test]
fn nothing_in_the_browser_writes() {
    let page = page();
    page.store.place().set(Place { street: "mine".to_owned(), number: 9 });
    page.store.place().street().update(|street| street.push('!'));
    assert!(page.store.place().try_write().is_none() && page.ran().is_empty());
    assert_eq!(page.store.place().street().get_untracked(), "High Street");
}

#[test]
fn a_snapshot_tells_only_what_differs() {
    let mut page = page();
    let mut snapshot = page.document.to_value();
    let touches = leptos_sse_core::patch::between(&page.document, &leptos_sse_core::Document::from(&snapshot));
    assert_eq!(touches, []);
    snapshot["place"]["number"] = json!(7);
    snapshot["lines"] = json!(["a", "c"]);
    let next = leptos_sse_core::Document::from(&snapshot);
    page.held.follow(&next, Some(&leptos_sse_core::patch::between(&page.document, &next))).unwrap();
    page.document = next;
    assert_eq!(page.ran(), ["line 1", "lines", "number", "place", "root"]);
    assert_eq!(*page.store.read_untracked(), page.document.read().unwrap());
}

#[test]
fn what_is_below_another_one_is_told_even_where_it_does_not_follow_what_is_above() {
    let mut page = page();
    // Neither of these follows more than its own place.
    page.watch("lines each", |page| page.lines().iter_unkeyed().count());
    page.watch("grid 0 each", |page| page.grid().at_unkeyed(0).iter_unkeyed().count());
    page.watch("in the box", |page| page.boxed().deref_field().get());
    let other = Page { grid: vec![vec![5, 6], vec![7]], lines: vec!["x".to_owned(); 2], ..Page::default() };
    let all = page.patch(&json!([{ "op": "replace", "path": "", "value": serde_json::to_value(&other).unwrap() }]));
    assert!(["lines each", "in the box"].iter().all(|name| all.contains(name)), "{all:?}");
    page.patch(&json!([{ "op": "replace", "path": "/grid", "value": [[1, 1], [2]] }]));
    let ran = page.patch(&json!([{ "op": "replace", "path": "/grid", "value": [[1, 2], [2]] }]));
    assert!(ran.contains(&"grid 0 each"), "{ran:?}");
}
