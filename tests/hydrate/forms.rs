//! The other forms of signals on a page that the server rendered.

use super::{FakeSource, brings, fake, hydrate_from, page, shows};
use leptos::prelude::*;
use leptos_sse::{
    create_arc_sse_signal_named, create_sse_memo_named, create_sse_option_named, create_sse_part_named,
    create_sse_signal_named, provide_sse, use_sse_signal_status_named,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// What each form of one key shows: an option, a part, a memo, one that outlives the component, and where it stands.
fn forms(url: &'static str, key: &'static str) -> impl IntoView {
    provide_sse(url).unwrap();
    let option = create_sse_option_named::<Vec<u32>>(key);
    let part = create_sse_part_named::<u32>(key, "/0");
    let memo = create_sse_memo_named(key, Vec::<u32>::len);
    let arc = create_arc_sse_signal_named::<Vec<u32>>(key);
    let status = use_sse_signal_status_named(key);
    view! {
        <p>{move || option.get().map_or(-1, |list| i32::try_from(list.len()).unwrap())}</p>
        <p>{move || part.get().map_or(-1, |item| i32::try_from(item).unwrap())}</p>
        <p>{move || memo.get()}</p>
        <p>{move || arc.with(Vec::len)}</p>
        <p>{move || status.get().to_string()}</p>
    }
}

#[wasm_bindgen_test]
async fn each_form_of_a_signal_starts_with_what_the_server_rendered_and_asks_from_there() {
    fake::install();
    brings(r#"{"key":"forms","epoch":"e","seq":3,"document":[7,8]}"#);
    let element = page("<p>2</p><p>7</p><p>2</p><p>2</p><p>connecting</p>");
    let _handle = hydrate_from(element.clone(), || forms("/forms", "forms"));
    shows(&element, "2 7 2 2 connecting").await;
    let source = FakeSource::last("/forms").await;
    assert_eq!(source.query(), "?epoch=e&s=forms~3");
    source.greet("e");
    shows(&element, "2 7 2 2 live").await;
    source.change("forms", 3, "/0", "9");
    shows(&element, "2 9 2 2 live").await;
    assert!(fake::console_errors().is_empty(), "{:?}", fake::console_errors());
}

/// As an island that hydrates after another one has followed the server for a while: Leptos does not touch a text that it
/// believes to be right, so each form has to start with what the server rendered.
#[wasm_bindgen_test]
async fn each_form_of_a_signal_that_hydrates_late_shows_the_value_of_now() {
    fake::install();
    // Of another signal. A page that brings nothing is searched for what it has once, for which another test waits.
    brings(r#"{"key":"another","document":1}"#);
    let early = page("<p>0</p>");
    let _early = hydrate_from(early.clone(), || {
        provide_sse("/late-forms").unwrap();
        let list = create_sse_signal_named::<Vec<u32>>("late-forms");
        view! { <p>{move || list.with(Vec::len)}</p> }
    });
    let source = FakeSource::last("/late-forms").await;
    source.greet("e");
    source.snapshot("late-forms", 1, "[1,2,3]");
    shows(&early, "3").await;

    let late = page("<p>-1</p><p>-1</p><p>0</p><p>0</p><p>connecting</p>");
    let _late = hydrate_from(late.clone(), || forms("/late-forms", "late-forms"));
    shows(&late, "3 1 3 3 live").await;
    source.change("late-forms", 1, "/0", "4");
    shows(&late, "3 4 3 3 live").await;
    source.fail(false);
    shows(&late, "3 4 3 3 stale").await;
    assert_eq!(FakeSource::count("/late-forms"), 1);
    assert!(fake::console_errors().is_empty(), "{:?}", fake::console_errors());
}
