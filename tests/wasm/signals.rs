//! The other forms of signals: options, parts, memos, and those that outlive their component.

use super::{
    COUNT, Count,
    fake::{self, FakeSource, console_errors, pause},
    mount,
};
use leptos::prelude::*;
use leptos_sse::{
    ArcSseSignal, Rebuild, SseOptions, create_sse_signal, on_sse_error, provide_sse, provide_sse_with, use_sse,
};
use serde::Deserialize;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use wasm_bindgen_test::wasm_bindgen_test;

const ROOM: &str = "wasm::signals::Room";

/// It has no default.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Room {
    topic: String,
}

#[derive(Default, Deserialize, Rebuild)]
struct Lines {
    lines: Vec<String>,
}

/// Counts how often a function of a view is called.
fn counting<T>(calls: Arc<AtomicU32>, call: impl Fn() -> T) -> impl Fn() -> T {
    move || {
        calls.fetch_add(1, Ordering::Relaxed);
        call()
    }
}

#[wasm_bindgen_test]
async fn an_option_is_none_until_the_first_value_and_when_it_is_removed() {
    fake::install();
    let page = mount(|| {
        provide_sse("/option").unwrap();
        let room = use_sse::<Room>().option();
        view! { {move || room.get().map_or("-".to_owned(), |room| room.topic)} }
    });
    let source = FakeSource::last("/option").await;
    source.greet("e");
    assert_eq!(page.text().await, "-");
    source.snapshot(ROOM, 1, r#"{"topic":"tea"}"#);
    assert_eq!(page.text().await, "tea");
    source.change(ROOM, 1, "/topic", "7");
    assert_eq!(page.text().await, "tea");
    source.emit("removed", &format!(r#"{{"name":"{ROOM}","to":3}}"#));
    assert_eq!(page.text().await, "-");
}

#[wasm_bindgen_test]
async fn an_option_of_an_id_that_changes_is_never_that_of_the_id_before() {
    fake::install();
    let id = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/option-for").unwrap();
        let room = use_sse::<Room>().id(move || id.get()).option();
        view! { {move || id.get()} {move || room.get().map_or("-".to_owned(), |room| room.topic)} }
    });
    let first = FakeSource::last("/option-for").await;
    first.greet("e");
    first.snapshot(&format!("{ROOM}:1"), 1, r#"{"topic":"tea"}"#);
    assert_eq!(page.text().await, "1tea");
    id.set(2);
    assert_eq!(page.text().await, "2-");
    fake::until(|| FakeSource::count("/option-for") == 2).await;
    let second = FakeSource::last("/option-for").await;
    second.greet("e");
    second.snapshot(&format!("{ROOM}:2"), 2, r#"{"topic":"cake"}"#);
    assert_eq!(page.text().await, "2cake");
    id.set(1);
    assert_eq!(page.text().await, "1-", "what the connection does not bring is not held");
    assert!(console_errors().is_empty());
}

#[wasm_bindgen_test]
async fn an_in_place_signal_of_an_id_that_changes_follows_the_other_one_from_its_whole() {
    fake::install();
    let id = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/in-place-for").unwrap();
        let room = use_sse::<Lines>().id(move || id.get()).in_place();
        let _ = use_sse::<Lines>().id(1).in_place();
        view! { {move || id.get()} {move || room.with(|room| room.lines.join("+"))} }
    });
    let key = |id| format!("wasm::signals::Lines:{id}");
    let first = FakeSource::last("/in-place-for").await;
    first.greet("e");
    first.snapshot(&key(1), 1, r#"{"lines":["a","b"]}"#);
    first.change(&key(1), 1, "/lines/1", r#""c""#);
    assert_eq!(page.text().await, "1a+c");
    id.set(2);
    assert_eq!(page.text().await, "2");
    fake::until(|| FakeSource::count("/in-place-for") == 2).await;
    let second = FakeSource::last("/in-place-for").await;
    second.greet("e");
    second.snapshot(&key(2), 2, r#"{"lines":["d","e"]}"#);
    second.change(&key(2), 2, "/lines/0", r#""f""#);
    assert_eq!(page.text().await, "2f+e");
    id.set(1);
    assert_eq!(page.text().await, "1a+c");
    second.change(&key(1), 2, "/lines/0", r#""g""#);
    assert_eq!(page.text().await, "1g+c");
}

#[wasm_bindgen_test]
async fn a_memo_and_a_part_are_told_when_they_change_and_not_else() {
    fake::install();
    let (memos, parts) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let page = mount({
        let (memos, parts) = (memos.clone(), parts.clone());
        move || {
            provide_sse("/parts").unwrap();
            let is_large = use_sse::<Count>().memo(|count| count.value > 10);
            let text = use_sse::<()>().named("texts").part::<String>("/1/text");
            let value = use_sse::<Count>().part::<u32>("/value");
            view! {
                {counting(memos, move || is_large.get())} " "
                {counting(parts, move || text.get().unwrap_or("-".to_owned()))} " "
                {move || value.get().unwrap_or_default()}
            }
        }
    });
    assert_eq!(page.text().await, "false - 0");
    let source = FakeSource::last("/parts").await;
    source.greet("e");
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    source.snapshot("texts", 2, r#"[{"text":"a"},{"text":"b"}]"#);
    assert_eq!(page.text().await, "false b 1");
    source.change(COUNT, 1, "/value", "2");
    source.change("texts", 2, "/0/text", r#""c""#);
    assert_eq!(page.text().await, "false b 2");
    assert_eq!((memos.load(Ordering::Relaxed), parts.load(Ordering::Relaxed)), (1, 2));
    source.change(COUNT, 2, "/value", "11");
    source.change("texts", 3, "/1/text", r#""d""#);
    assert_eq!(page.text().await, "true d 11");
    assert_eq!((memos.load(Ordering::Relaxed), parts.load(Ordering::Relaxed)), (2, 3));
}

#[wasm_bindgen_test]
async fn a_memo_of_an_id_that_changes_is_that_of_the_id_of_now() {
    fake::install();
    let id = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/memo-for").unwrap();
        let double = use_sse::<Count>().id(move || id.get()).memo(|count| count.value * 2);
        view! { {move || double.get()} }
    });
    let source = FakeSource::last("/memo-for").await;
    source.greet("e");
    source.snapshot(&format!("{COUNT}:1"), 1, r#"{"value":1}"#);
    source.snapshot(&format!("{COUNT}:2"), 2, r#"{"value":2}"#);
    assert_eq!(page.text().await, "2");
    id.set(2);
    assert_eq!(page.text().await, "4");
}

#[wasm_bindgen_test]
async fn a_pointer_that_is_none_is_an_error_that_says_so() {
    fake::install();
    let page = mount(|| {
        provide_sse("/pointer").unwrap();
        let value = use_sse::<Count>().part::<u32>("value");
        view! { {move || value.get().is_none()} }
    });
    assert_eq!(page.text().await, "true");
    let errors = console_errors();
    assert!(errors[0].contains("a JSON Pointer could not be read: it does not begin with `/`"), "{errors:?}");
}

#[wasm_bindgen_test]
async fn an_arc_signal_follows_until_its_last_clone_has_gone() {
    fake::install();
    let (kept, shown) = (StoredValue::new(None::<ArcSseSignal<Count>>), RwSignal::new(true));
    let page = mount(move || {
        provide_sse("/arc").unwrap();
        let inner = move || {
            let count = use_sse::<Count>().arc_signal();
            kept.set_value(Some(count.clone()));
            view! { {move || count.get().value} }
        };
        view! { <Show when=move || shown.get()>{inner}</Show> }
    });
    let source = FakeSource::last("/arc").await;
    source.greet("e");
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    assert_eq!(page.text().await, "1");
    shown.set(false);
    pause(1_200).await;
    assert!(!source.is_closed());
    source.change(COUNT, 1, "/value", "2");
    let count = kept.get_value().unwrap();
    assert_eq!(count.with_untracked(|count| count.value), 2);
    kept.set_value(None);
    drop(count);
    fake::until(|| source.is_closed()).await;
}

#[wasm_bindgen_test]
async fn a_change_of_page_within_a_second_neither_asks_again_nor_shows_a_default() {
    fake::install();
    let (route, texts) = (RwSignal::new("a"), StoredValue::new(Vec::<String>::new()));
    let page = mount(move || {
        provide_sse("/routes").unwrap();
        let inner = move || {
            let (route, count, room) = (route.get(), create_sse_signal::<Count>(), use_sse::<Room>().option());
            view! { {move || {
                let text = format!("{route}{}{}", count.get().value, room.get().map_or("-".to_owned(), |room| room.topic));
                texts.update_value(|texts| texts.push(text.clone()));
                text
            }} }
        };
        view! { {inner} }
    });
    let source = FakeSource::last("/routes").await;
    source.greet("e");
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    source.snapshot(ROOM, 2, r#"{"topic":"tea"}"#);
    assert_eq!(page.text().await, "a1tea");
    texts.set_value(Vec::new());
    route.set("b");
    assert_eq!(page.text().await, "b1tea");
    // A page without the signals, and one with them again before the moment is over.
    source.change(COUNT, 1, "/value", "2");
    assert_eq!(page.text().await, "b2tea");
    assert_eq!(texts.get_value(), ["b1tea", "b2tea"]);
    pause(1_200).await;
    assert_eq!((FakeSource::count("/routes"), source.is_closed()), (1, false));
}

#[wasm_bindgen_test]
async fn the_status_of_a_signal_is_told_from_its_first_value_to_its_end() {
    fake::install();
    let page = mount(|| {
        provide_sse_with("/stands", SseOptions::new().reconnect_base(Duration::from_millis(20))).unwrap();
        let (count, status) = (create_sse_signal::<Count>(), use_sse::<Count>().status());
        view! { {move || count.get().value} " " {move || status.get().to_string()} }
    });
    assert_eq!(page.text().await, "0 connecting");
    let source = FakeSource::last("/stands").await;
    source.greet("e");
    assert_eq!(page.text().await, "0 connecting");
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    assert_eq!(page.text().await, "1 live");
    source.fail(false);
    assert_eq!(page.text().await, "1 stale");
    source.greet("e");
    assert_eq!(page.text().await, "1 live");
    source.change(COUNT, 1, "/nowhere/at/all", "2");
    assert_eq!(page.text().await, "1 stale");
    fake::until(|| FakeSource::count("/stands") == 2).await;
    let source = FakeSource::last("/stands").await;
    source.greet("e");
    source.emit("refused", &format!(r#"{{"name":"{COUNT}","reason":"forbidden"}}"#));
    assert_eq!(page.text().await, "1 refused: forbidden");
    source.snapshot(COUNT, 3, r#"{"value":3}"#);
    assert_eq!(page.text().await, "3 live");
    source.emit("removed", &format!(r#"{{"name":"{COUNT}","to":4}}"#));
    assert_eq!(page.text().await, "3 removed");
}

#[wasm_bindgen_test]
async fn the_status_of_an_id_that_changes_is_that_of_the_id_of_now() {
    fake::install();
    let id = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/stands-for").unwrap();
        let status = use_sse::<Count>().id(move || id.get()).status();
        view! { {move || id.get()} {move || status.get().to_string()} }
    });
    let source = FakeSource::last("/stands-for").await;
    source.greet("e");
    source.snapshot(&format!("{COUNT}:1"), 1, r#"{"value":1}"#);
    assert_eq!(page.text().await, "1live");
    id.set(2);
    assert_eq!(page.text().await, "2connecting");
}

#[wasm_bindgen_test]
async fn errors_are_told_to_the_components_that_ask_within_their_context_and_untracked() {
    fake::install();
    let (told, shown, read) = (StoredValue::new(Vec::<String>::new()), RwSignal::new(true), RwSignal::new(0));
    let page = mount(move || {
        provide_sse("/errors").unwrap();
        let inner = move || {
            provide_context("context");
            on_sse_error(move |error| {
                read.track();
                let context = use_context::<&str>().unwrap_or_default();
                let key = error.key().map_or("-", leptos_sse::Key::as_str);
                told.update_value(|told| told.push(format!("{context} {key}: {}", error.error())));
            });
        };
        let count = create_sse_signal::<Count>();
        view! { <Show when=move || shown.get()>{inner}</Show> {move || count.get().value} {move || {
            let _ = use_sse::<String>().named(COUNT).signal();
        }} }
    });
    let source = FakeSource::last("/errors").await;
    source.greet("e");
    page.text().await;
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    source.emit("message", "not json");
    source.change(COUNT, 1, "/value", r#""many""#);
    source.emit("refused", r#"{"name":"other","reason":"forbidden"}"#);
    source.change(COUNT, 2, "/nowhere", "1");
    let errors = told.get_value();
    let expected = [
        ("context wasm::Count: ", "cannot be followed as `alloc::string::String` too"),
        ("context -: ", "an update could not be read"),
        ("context wasm::Count: ", "the document is no `wasm::Count`"),
        ("context other: ", "the server refuses it: forbidden"),
        ("context wasm::Count: ", "does not fit"),
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, (start, text)) in errors.iter().zip(expected) {
        assert!(error.starts_with(start) && error.contains(text), "{error}: {start} {text}");
    }
    shown.set(false);
    page.text().await;
    source.emit("message", "not json");
    assert_eq!(told.get_value().len(), errors.len(), "the component has gone");
}
