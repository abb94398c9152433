//! Stores: what changes is one text of the page, and rows keep their nodes.

use super::{fake, fake::FakeSource, fake::console_errors, mount};
use leptos::prelude::*;
use leptos_sse::{Rebuild, provide_sse, provide_sse_value_for, store::ByKey, use_sse};
use reactive_stores::{AtKeyed, Field, OptionStoreExt, Store, StoreFieldIterator};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen(inline_js = r#"
export function observe(element) {
    const observer = new MutationObserver((records) => observer.records.push(...records));
    observer.records = [];
    observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
    return observer;
}
// How many nodes were written, added and taken out since the last time.
export function mutations(observer) {
    const counts = [0, 0, 0];
    for (const record of [...observer.records.splice(0), ...observer.takeRecords()]) {
        counts[0] += record.type === "childList" ? 0 : 1;
        counts[1] += record.addedNodes.length;
        counts[2] += record.removedNodes.length;
    }
    return counts;
}
export function rows(element) { return [...element.querySelectorAll("p")]; }
export function mark(element, mark) { element.mark = mark; }
export function mark_of(element) { return element.mark ?? "-"; }
"#)]
extern "C" {
    type Observer;
    fn observe(element: &HtmlElement) -> Observer;
    fn mutations(observer: &Observer) -> Vec<u32>;
    fn rows(element: &HtmlElement) -> Vec<Element>;
    fn mark(element: &Element, mark: &str);
    fn mark_of(element: &Element) -> String;
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Market {
    name: String,
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Row {
    id: u64,
    name: String,
    price: u32,
}

fn market(rows: impl IntoIterator<Item = (u64, u32)>) -> String {
    let rows = rows.into_iter().map(|(id, price)| Row { id, name: format!("row {id}"), price }).collect();
    serde_json::to_string(&Market { name: "market".to_owned(), rows }).unwrap()
}

/// How often each kind of code has run.
#[derive(Clone, Default)]
struct Runs(Arc<[AtomicUsize; 4]>);

impl Runs {
    fn count(&self, kind: usize) {
        self.0[kind].fetch_add(1, Ordering::Relaxed);
    }

    /// Since the last time.
    fn take(&self) -> [usize; 4] {
        [0, 1, 2, 3].map(|kind| self.0[kind].swap(0, Ordering::Relaxed))
    }
}

const EACH: usize = 0;
const NAME: usize = 1;
const PRICE: usize = 2;
const VIEW: usize = 3;

fn table(url: &'static str, runs: &Runs) -> impl IntoView + use<> {
    provide_sse(url).unwrap();
    let market = use_sse::<Market>().named("market").store();
    let (each, cells) = (runs.clone(), runs.clone());
    let each = move || {
        each.count(EACH);
        market.rows().by_key()
    };
    view! {
        <h1>{move || market.name().get()}</h1>
        <For each key=|row| row.key() children=move |row| view! { <RowView row runs=cells.clone()/> }/>
    }
}

#[component]
fn RowView(#[prop(into)] row: Field<Row>, runs: Runs) -> impl IntoView {
    runs.count(VIEW);
    let prices = runs.clone();
    let name = move || {
        runs.count(NAME);
        row.name().get()
    };
    let price = move || {
        prices.count(PRICE);
        row.price().get()
    };
    view! { <p>{name} " " <b>{price}</b></p> }
}

fn marks(element: &HtmlElement) -> String {
    rows(element).iter().map(mark_of).collect::<Vec<_>>().join("")
}

fn texts(element: &HtmlElement) -> String {
    rows(element).iter().map(|row| row.text_content().unwrap()).collect::<Vec<_>>().join(", ")
}

#[wasm_bindgen_test]
async fn one_price_of_a_thousand_rows_runs_one_effect_and_writes_one_text() {
    fake::install();
    let runs = Runs::default();
    let page = mount({
        let runs = runs.clone();
        move || table("/store-one", &runs)
    });
    let source = FakeSource::last("/store-one").await;
    source.open();
    source.snapshot("market", 1, &market((0..1_000).map(|id| (id, 100))));
    page.text().await;
    assert_eq!(rows(&page.element).len(), 1_000);
    assert_eq!(runs.take()[VIEW], 1_000);
    let observer = observe(&page.element);
    source.change("market", 1, "/rows/500/price", "101");
    page.text().await;
    assert_eq!(runs.take(), [0, 0, 1, 0]);
    assert_eq!(mutations(&observer), [1, 0, 0]);
    assert_eq!(rows(&page.element)[500].text_content().unwrap(), "row 500 101");
    // As many again of another one.
    for seq in 2..12 {
        source.change("market", seq, "/rows/7/price", &seq.to_string());
        page.text().await;
    }
    assert_eq!((runs.take(), mutations(&observer)), ([0, 0, 10, 0], vec![10, 0, 0]));
    source.change("market", 12, "/name", "\"other\"");
    page.text().await;
    assert_eq!((runs.take(), mutations(&observer)), ([0, 0, 0, 0], vec![1, 0, 0]));
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}

#[wasm_bindgen_test]
async fn rows_keep_their_nodes_when_others_come_go_and_move() {
    fake::install();
    let runs = Runs::default();
    let page = mount({
        let runs = runs.clone();
        move || table("/store-keyed", &runs)
    });
    let source = FakeSource::last("/store-keyed").await;
    source.open();
    source.snapshot("market", 1, &market([(1, 10), (2, 20), (3, 30), (4, 40)]));
    page.text().await;
    for (row, name) in rows(&page.element).iter().zip(["a", "b", "c", "d"]) {
        mark(row, name);
    }
    runs.take();
    let observer = observe(&page.element);
    let mut seq = 1;
    let mut patch = |patch: &str| {
        source.emit("message", &format!(r#"{{"name":"market","from":{seq},"to":{},"patch":{patch}}}"#, seq + 1));
        seq += 1;
    };
    patch(r#"[{"op":"add","path":"/rows/1","value":{"id":9,"name":"row 9","price":90}}]"#);
    page.text().await;
    assert_eq!((marks(&page.element), runs.take()), ("a-bcd".to_owned(), [1, 1, 1, 1]));
    assert_eq!(mutations(&observer)[1..], [1, 0]);
    mark(&rows(&page.element)[1], "n");

    patch(r#"[{"op":"move","from":"/rows/4","path":"/rows/0"}]"#);
    page.text().await;
    assert_eq!((marks(&page.element), runs.take()), ("danbc".to_owned(), [1, 0, 0, 0]));
    assert_eq!(mutations(&observer)[0], 0, "nodes change places, and no text is written");

    patch(r#"[{"op":"remove","path":"/rows/1"},{"op":"replace","path":"/rows/1/price","value":91}]"#);
    page.text().await;
    assert_eq!((marks(&page.element), runs.take()), ("dnbc".to_owned(), [1, 0, 1, 0]));
    assert_eq!(mutations(&observer)[1..], [0, 1]);

    // And each is told of by its key from then on.
    patch(r#"[{"op":"replace","path":"/rows/0/price","value":41},{"op":"replace","path":"/rows/3/price","value":31}]"#);
    page.text().await;
    assert_eq!(texts(&page.element), "row 4 41, row 9 91, row 2 20, row 3 31");
    assert_eq!((runs.take(), mutations(&observer)), ([0, 0, 2, 0], vec![2, 0, 0]));

    patch(
        r#"[{"op":"replace","path":"/rows","value":[{"id":3,"name":"row 3","price":3},{"id":4,"name":"row 4","price":41}]}]"#,
    );
    page.text().await;
    assert_eq!((marks(&page.element), texts(&page.element)), ("cd".to_owned(), "row 3 3, row 4 41".to_owned()));
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}

#[wasm_bindgen_test]
async fn a_snapshot_after_a_reconnect_writes_what_differs() {
    fake::install();
    let runs = Runs::default();
    let page = mount({
        let runs = runs.clone();
        move || table("/store-again", &runs)
    });
    let source = FakeSource::last("/store-again").await;
    source.greet("one");
    source.snapshot("market", 5, &market((0..100).map(|id| (id, 100))));
    page.text().await;
    rows(&page.element).iter().enumerate().for_each(|(index, row)| mark(row, &index.to_string()));
    let before = marks(&page.element);
    runs.take();
    let observer = observe(&page.element);
    source.fail(false);
    source.greet("two");
    source.snapshot("market", 1, &market((0..100).map(|id| (id, 100))));
    page.text().await;
    assert_eq!((runs.take(), mutations(&observer)), ([0, 0, 0, 0], vec![0, 0, 0]));
    source.snapshot("market", 2, &market((0..100).map(|id| (id, if id % 50 == 0 { 7 } else { 100 }))));
    page.text().await;
    assert_eq!((runs.take(), mutations(&observer)), ([0, 0, 2, 0], vec![2, 0, 0]));
    // Some came and some went meanwhile: every row that is there still has its nodes, and no text is written in vain.
    source.snapshot("market", 3, &market((10..105).map(|id| (id, if id == 50 { 8 } else { 100 }))));
    page.text().await;
    let kept = (10..100).map(|index| index.to_string()).collect::<String>() + "-----";
    assert_eq!(marks(&page.element), kept);
    assert_eq!(mutations(&observer)[0], 1);
    assert_eq!(before.len(), 190);
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}

#[wasm_bindgen_test]
async fn the_list_as_leptos_has_it_keeps_its_nodes_too() {
    fake::install();
    let page = mount(|| {
        provide_sse("/store-plain").unwrap();
        let market = use_sse::<Market>().named("market").store();
        view! {
            <For each=move || market.rows() key=|row| row.id().get() let:row>
                <p>{move || row.name().get()} " " {move || row.price().get()}</p>
            </For>
        }
    });
    let source = FakeSource::last("/store-plain").await;
    source.open();
    source.snapshot("market", 1, &market([(1, 10), (2, 20), (3, 30)]));
    page.text().await;
    for (row, name) in rows(&page.element).iter().zip(["a", "b", "c"]) {
        mark(row, name);
    }
    source.change("market", 1, "/rows/1/price", "21");
    page.text().await;
    assert_eq!(texts(&page.element), "row 1 10, row 2 21, row 3 30");
    let patch = r#"[{"op":"move","from":"/rows/2","path":"/rows/0"},{"op":"remove","path":"/rows/1"}]"#;
    source.emit("message", &format!(r#"{{"name":"market","from":2,"to":3,"patch":{patch}}}"#));
    page.text().await;
    assert_eq!((marks(&page.element), texts(&page.element)), ("cb".to_owned(), "row 3 30, row 2 21".to_owned()));
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Desk {
    mood: Mood,
    guest: Option<Guest>,
    counts: HashMap<String, u32>,
    grid: Vec<Vec<u32>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Guest {
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
enum Mood {
    #[default]
    Calm,
    Busy {
        with: String,
    },
}

#[wasm_bindgen_test]
async fn enums_options_maps_and_lists_of_lists_are_shown_as_they_change() {
    fake::install();
    let page = mount(|| {
        provide_sse("/store-kinds").unwrap();
        let desk = use_sse::<Desk>().named("desk").store();
        let mood = move || match desk.mood().busy_with() {
            Some(with) => with.get(),
            None => "calm".to_owned(),
        };
        let guest = move || desk.guest().map(|guest| view! { <i>{move || guest.name().get()}</i> });
        let count = move || desk.counts().with(|counts| counts.get("a").copied().unwrap_or_default());
        view! {
            <p>{mood} "; " {guest} "; " {count} "; "
                <For each=move || desk.grid().iter_unkeyed().enumerate() key=|(index, _)| *index let((_, line))>
                    <For each=move || line.iter_unkeyed().enumerate() key=|(index, _)| *index let((_, cell))>
                        <b>{move || cell.get()}</b>
                    </For>
                    "|"
                </For>
            </p>
        }
    });
    let source = FakeSource::last("/store-kinds").await;
    source.open();
    source.snapshot("desk", 1, r#"{"mood":"Calm","guest":null,"counts":{},"grid":[[1,2],[3]]}"#);
    page.text().await;
    assert_eq!(texts(&page.element), "calm; ; 0; 12|3|");
    let mut seq = 1;
    let mut patch = |patch: &str| {
        source.emit("message", &format!(r#"{{"name":"desk","from":{seq},"to":{},"patch":[{patch}]}}"#, seq + 1));
        seq += 1;
    };
    patch(r#"{"op":"replace","path":"/mood","value":{"Busy":{"with":"work"}}}"#);
    patch(r#"{"op":"replace","path":"/guest","value":{"name":"Ada"}}"#);
    patch(r#"{"op":"add","path":"/counts/a","value":7}"#);
    patch(r#"{"op":"add","path":"/grid/0/-","value":9}"#);
    page.text().await;
    assert_eq!(texts(&page.element), "work; Ada; 7; 129|3|");
    patch(r#"{"op":"replace","path":"/mood/Busy/with","value":"play"}"#);
    patch(r#"{"op":"replace","path":"/guest/name","value":"Grace"}"#);
    patch(r#"{"op":"remove","path":"/counts/a"}"#);
    patch(r#"{"op":"remove","path":"/grid/0"}"#);
    page.text().await;
    assert_eq!(texts(&page.element), "play; Grace; 0; 3|");
    patch(r#"{"op":"replace","path":"/mood","value":"Calm"}"#);
    patch(r#"{"op":"replace","path":"/guest","value":null}"#);
    page.text().await;
    assert_eq!(texts(&page.element), "calm; ; 0; 3|");
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}

#[wasm_bindgen_test]
async fn a_signal_and_a_store_of_one_key_show_the_same() {
    fake::install();
    let page = mount(|| {
        provide_sse("/store-both").unwrap();
        let market = use_sse::<Market>().named("market").store();
        let signal = use_sse::<Market>().named("market").signal();
        let price = move || AtKeyed::new(market.rows(), 2).price().try_get().unwrap_or_default();
        view! { <p>{price} " " {move || signal.with(|market| market.rows.last().map_or(0, |row| row.price))}</p> }
    });
    let source = FakeSource::last("/store-both").await;
    source.open();
    source.snapshot("market", 1, &market([(1, 10), (2, 20)]));
    page.text().await;
    assert_eq!(texts(&page.element), "20 20");
    source.change("market", 1, "/rows/1/price", "21");
    page.text().await;
    assert_eq!(texts(&page.element), "21 21");
}

#[wasm_bindgen_test]
async fn fields_and_rows_that_were_taken_before_the_id_changed_show_the_new_ids_value() {
    fake::install();
    let id = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/store-of-id").unwrap();
        // A handle to a row that is not there yet would not be told of it.
        provide_sse_value_for(1, &serde_json::from_str::<Market>(&market([(2, 2)])).unwrap());
        let _keep = (use_sse::<Market>().id(1).signal(), use_sse::<Market>().id(2).signal());
        let market = use_sse::<Market>().id(move || id.get()).store();
        // Both are taken once, for the first id.
        let (name, second) = (market.name(), AtKeyed::new(market.rows(), 2).price());
        let runs = Runs::default();
        view! {
            <h1>{move || name.get()} ":" {move || second.try_get()}</h1>
            <For each=move || market.rows().by_key() key=|row| row.key() children=move |row| {
                view! { <RowView row runs=runs.clone()/> }
            }/>
        }
    });
    let shown = async || page.text().await.split_whitespace().collect::<Vec<_>>().join(" ");
    let source = FakeSource::last("/store-of-id").await;
    source.open();
    let named = |name: &str, rows: &[(u64, u32)]| {
        market(rows.iter().copied()).replace(r#""name":"market""#, &format!(r#""name":"{name}""#))
    };
    let key = |id| format!("{}:{id}", std::any::type_name::<Market>());
    assert_eq!(shown().await, "market:2 row 2 2");
    source.snapshot(&key(1), 1, &named("one", &[(1, 10), (2, 20), (3, 30)]));
    source.snapshot(&key(2), 2, &named("two", &[(3, 300), (2, 200), (4, 400)]));
    assert_eq!(shown().await, "one:20 row 1 10 row 2 20 row 3 30");
    for (row, name) in rows(&page.element).iter().zip(["a", "b", "c"]) {
        mark(row, name);
    }
    id.set(2);
    assert_eq!(shown().await, "two:200 row 3 300 row 2 200 row 4 400");
    assert_eq!(marks(&page.element), "cb-", "rows that both have keep their nodes");
    source.emit(
        "message",
        &format!(
            r#"{{"name":"{}","from":2,"to":3,"patch":[{{"op":"replace","path":"/rows/1/price","value":201}}]}}"#,
            key(2)
        ),
    );
    assert_eq!(shown().await, "two:201 row 3 300 row 2 201 row 4 400");
    source.emit(
        "message",
        &format!(
            r#"{{"name":"{}","from":1,"to":4,"patch":[{{"op":"replace","path":"/rows/1/price","value":21}}]}}"#,
            key(1)
        ),
    );
    assert_eq!(shown().await, "two:201 row 3 300 row 2 201 row 4 400", "it is another id's");
    // Of an id without a value there is the default, which has no rows.
    id.set(9);
    assert_eq!(shown().await, ":");
    id.set(1);
    assert_eq!(shown().await, "one:21 row 1 10 row 2 21 row 3 30");
    assert!(console_errors().is_empty(), "{:?}", console_errors());
}
