//! Signals that rebuild only what the server changed.

use super::{fake, fake::FakeSource, fake::console_errors, mount};
use leptos::prelude::*;
use leptos_sse::{Rebuild, provide_sse, use_sse};
use serde::Deserialize;
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Rebuild)]
struct Table {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Rebuild)]
struct Row {
    count: u32,
}

fn shown(table: &Table) -> String {
    table.rows.iter().map(|row| row.count.to_string()).collect::<Vec<_>>().join(" ")
}

#[wasm_bindgen_test]
async fn what_is_rebuilt_in_place_is_shown_by_all_who_share_the_signal() {
    fake::install();
    let page = mount(|| {
        provide_sse("/in-place").unwrap();
        let whole = use_sse::<Table>().named("table").signal();
        let in_place = use_sse::<Table>().named("table").in_place();
        view! { {move || shown(&whole.get())} "; " {move || in_place.with(shown)} }
    });
    let source = FakeSource::last("/in-place").await;
    source.open();
    source.snapshot("table", 1, r#"{"rows":[{"count":1},{"count":2}]}"#);
    assert_eq!(page.text().await, "1 2; 1 2");
    source.change("table", 1, "/rows/1/count", "3");
    assert_eq!(page.text().await, "1 3; 1 3");
    let patch =
        r#"[{"op":"add","path":"/rows/-","value":{"count":4}},{"op":"move","from":"/rows/0","path":"/rows/2"}]"#;
    source.emit("message", &format!(r#"{{"name":"table","from":2,"to":3,"patch":{patch}}}"#));
    assert_eq!(page.text().await, "3 4 1; 3 4 1");
}

#[wasm_bindgen_test]
async fn a_value_that_is_held_is_left_alone_until_the_next_change() {
    fake::install();
    let table = StoredValue::new(None);
    let page = mount(move || {
        provide_sse("/held").unwrap();
        let in_place = use_sse::<Table>().named("table").in_place();
        table.set_value(Some(in_place));
        view! { {move || in_place.with(shown)} }
    });
    let source = FakeSource::last("/held").await;
    source.open();
    source.snapshot("table", 1, r#"{"rows":[{"count":1},{"count":2}]}"#);
    let signal: ReadSignal<Table> = table.get_value().unwrap();
    let held = signal.read_untracked();
    source.change("table", 1, "/rows/0/count", "3");
    assert_eq!(held.rows[0].count, 1);
    drop(held);
    let errors = console_errors();
    assert!(errors.iter().any(|error| error.contains("while somebody holds a guard of it")), "{errors:?}");
    source.change("table", 2, "/rows/1/count", "4");
    assert_eq!(page.text().await, "3 4");
}
