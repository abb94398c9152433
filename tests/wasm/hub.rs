//! A hub's connection: it asks for exactly the keys in use, and moves on to others without a gap.

use super::{
    COUNT, Count,
    fake::{self, FakeSource, console_errors, pause},
    mount,
};
use leptos::prelude::*;
use leptos_sse::{
    SseContext, SseOptions, create_sse_signal, provide_sse, provide_sse_value_for, provide_sse_with, use_sse,
    use_sse_status,
};
use std::{sync::Arc, time::Duration};
use wasm_bindgen_test::wasm_bindgen_test;

/// The stream beside the open one, once it is there.
async fn beside(url: &str, count: usize) -> FakeSource {
    fake::until(|| FakeSource::count(url) == count).await;
    FakeSource::last(url).await
}

fn named(key: &'static str) -> impl IntoView {
    let count = use_sse::<Count>().named(key).signal();
    view! { <p>{move || count.get().value}</p> }
}

#[wasm_bindgen_test]
async fn the_first_url_has_all_keys_of_a_tick() {
    fake::install();
    let _page = mount(|| {
        provide_sse("/tick?token=a").unwrap();
        Effect::new(|_| {
            let _ = use_sse::<Count>().named("in-an-effect").signal();
        });
        view! { {named("b")} {named("a~1")} {create_sse_signal::<Count>().get_untracked().value} }
    });
    let source = FakeSource::last("/tick").await;
    assert_eq!(source.query(), "?token=a&s=a~1~&s=b&s=in-an-effect&s=wasm::Count");
    source.greet("e");
    pause(50).await;
    assert_eq!(FakeSource::count("/tick"), 1);
}

#[wasm_bindgen_test]
async fn a_component_that_mounts_later_is_served_by_a_stream_beside_the_first() {
    fake::install();
    let shown = RwSignal::new(false);
    let seen = StoredValue::new(Vec::new());
    let sources = StoredValue::new(0);
    let page = mount(move || {
        provide_sse("/beside").unwrap();
        let (count, status) = (create_sse_signal::<Count>(), use_sse_status());
        let sse = expect_context::<SseContext>();
        Effect::new(move |_| {
            if sse.event_source().is_some() {
                sources.update_value(|sources| *sources += 1);
            }
        });
        Effect::new(move |_| seen.update_value(|seen| seen.push(count.get().value)));
        view! { {move || status.get().to_string()} <Show when=move || shown.get()>{|| named("late")}</Show> }
    });
    let first = FakeSource::last("/beside").await;
    first.greet("e");
    first.snapshot(COUNT, 5, r#"{"value":5}"#);
    assert_eq!(page.text().await, "open");

    shown.set(true);
    let second = beside("/beside", 2).await;
    assert_eq!(second.query(), "?epoch=e&s=late&s=wasm::Count~5");
    assert!(!first.is_closed());
    second.open();
    first.change(COUNT, 5, "/value", "6");
    assert!(page.text().await.starts_with("open"));
    assert!(!first.is_closed(), "the first one serves until the other says hello");
    second.greet("e");
    assert!(first.is_closed() && !second.is_closed());
    second.change(COUNT, 5, "/value", "6");
    second.change(COUNT, 6, "/value", "7");
    second.snapshot("late", 7, r#"{"value":1}"#);
    assert_eq!(page.text().await, "open\n\n1");
    pause(50).await;
    assert_eq!(seen.get_value(), [0, 5, 6, 7]);
    assert_eq!(sources.get_value(), 2, "the raw source is the new one");

    shown.set(false);
    let third = beside("/beside", 3).await;
    assert_eq!(third.query(), "?epoch=e&s=wasm::Count~7");
    third.greet("e");
    assert!(second.is_closed());
}

#[wasm_bindgen_test]
async fn a_component_that_goes_and_comes_in_one_tick_opens_nothing() {
    fake::install();
    let shown = RwSignal::new(true);
    let page = mount(move || {
        provide_sse("/blink").unwrap();
        view! { {named("stays")} <Show when=move || shown.get()>{|| named("blinks")}</Show> }
    });
    let source = FakeSource::last("/blink").await;
    source.greet("e");
    source.snapshot("blinks", 1, r#"{"value":1}"#);
    shown.set(false);
    leptos::task::tick().await;
    shown.set(true);
    assert_eq!(page.text().await, "0\n\n1");
    pause(1_100).await;
    assert_eq!(FakeSource::count("/blink"), 1);
}

#[wasm_bindgen_test]
async fn a_stream_beside_that_fails_is_tried_again_and_leaves_the_open_one() {
    fake::install();
    let shown = RwSignal::new(false);
    let _page = mount(move || {
        provide_sse_with("/fails", SseOptions::new().reconnect_base(Duration::from_millis(1))).unwrap();
        view! { {named("one")} <Show when=move || shown.get()>{|| named("two")}</Show> }
    });
    let first = FakeSource::last("/fails").await;
    first.greet("e");
    first.snapshot("one", 1, r#"{"value":1}"#);
    shown.set(true);
    let second = beside("/fails", 2).await;
    second.emit("bye", "{}");
    assert!(second.is_closed() && !first.is_closed());
    let third = beside("/fails", 3).await;
    assert_eq!(third.query(), "?epoch=e&s=one~1&s=two");
}

#[wasm_bindgen_test]
async fn an_id_that_changes_shows_the_other_room_and_never_the_wrong_one() {
    fake::install();
    let room = RwSignal::new(1);
    let seen = StoredValue::new(Vec::new());
    let pair = StoredValue::new(None);
    let page = mount(move || {
        provide_sse("/rooms").unwrap();
        provide_sse_value_for(3, &Count { value: 33 });
        let count = use_sse::<Count>().id(move || room.get()).signal();
        Effect::new(move |_| seen.update_value(|seen| seen.push((room.get(), count.get().value))));
        pair.set_value(Some(Memo::new(move |_| (room.get(), count.get().value))));
        view! { {move || count.get().value} }
    });
    let pair = pair.get_value().unwrap();
    let source = FakeSource::last("/rooms").await;
    assert_eq!(source.query(), "?s=wasm::Count:1");
    source.greet("e");
    source.snapshot("wasm::Count:1", 1, r#"{"value":11}"#);
    assert_eq!(page.text().await, "11");

    assert_eq!(pair.get_untracked(), (1, 11));
    room.set(2);
    assert_eq!(pair.get_untracked(), (2, 0), "at once");
    assert_eq!(page.text().await, "0", "not the room before");
    source.change("wasm::Count:1", 1, "/value", "12");
    assert_eq!(page.text().await, "0", "which is not followed any more");
    let second = beside("/rooms", 2).await;
    assert_eq!(second.query(), "?s=wasm::Count:2");
    second.greet("e");
    second.snapshot("wasm::Count:2", 3, r#"{"value":22}"#);
    second.change("wasm::Count:2", 3, "/value", "23");
    assert_eq!(page.text().await, "23");

    room.set(3);
    assert_eq!(page.text().await, "33", "its provided value");
    let seen = seen.get_value();
    let allowed = [(1, 0), (1, 11), (2, 0), (2, 22), (2, 23), (3, 33)];
    assert!(seen.iter().all(|pair| allowed.contains(pair)), "{seen:?}");
}

#[wasm_bindgen_test]
async fn an_id_that_others_follow_too_has_their_value_at_once() {
    fake::install();
    let room = RwSignal::new("a".to_owned());
    let page = mount(move || {
        provide_sse("/held").unwrap();
        let fixed = use_sse::<Count>().id("b").signal();
        let count = use_sse::<Count>().id(move || room.get()).signal();
        view! { {move || fixed.get().value} "/" {move || count.get().value} }
    });
    let source = FakeSource::last("/held").await;
    assert_eq!(source.query(), "?s=wasm::Count:a&s=wasm::Count:b");
    source.greet("e");
    source.snapshot("wasm::Count:b", 1, r#"{"value":7}"#);
    room.set("b".to_owned());
    assert_eq!(page.text().await, "7/7");
    source.change("wasm::Count:b", 1, "/value", "8");
    assert_eq!(page.text().await, "8/8");
    room.set(String::new());
    assert_eq!(page.text().await, "8/0");
    let errors = console_errors();
    assert!(errors.len() == 1 && errors[0].contains("its id is empty"), "{errors:?}");
    room.set("b".to_owned());
    assert_eq!(page.text().await, "8/8");
}

#[wasm_bindgen_test]
async fn a_memo_can_be_an_id() {
    fake::install();
    let number = RwSignal::new(1);
    let page = mount(move || {
        provide_sse("/memo").unwrap();
        let is_even = Memo::new(move |_| number.get() % 2 == 0);
        let count = use_sse::<Count>().id(move || if is_even.get() { "even" } else { "odd" }).signal();
        view! { {move || count.get().value} }
    });
    let source = FakeSource::last("/memo").await;
    source.greet("e");
    source.snapshot("wasm::Count:odd", 1, r#"{"value":1}"#);
    assert_eq!(page.text().await, "1");
    number.set(3);
    assert_eq!(page.text().await, "1");
    number.set(4);
    assert_eq!(page.text().await, "0");
    assert_eq!(beside("/memo", 2).await.query(), "?s=wasm::Count:even");
}

#[wasm_bindgen_test]
async fn a_feed_is_a_list_a_latest_event_and_a_call_for_each() {
    fake::install();
    let shown = RwSignal::new(false);
    let told = StoredValue::new(Vec::new());
    let page = mount(move || {
        provide_sse("/feed").unwrap();
        let feed = use_sse::<u32>().named("log").feed();
        feed.on_event(move |event| told.update_value(|told| told.push(*event)));
        let (latest, list, gaps) = (feed.latest(), feed.list(2), feed.gaps());
        let text = move || format!("{:?} {:?} {}", latest.get(), list.get(), gaps.get());
        let late = || {
            let list = use_sse::<u32>().named("log").feed().list(10);
            view! { {move || format!("{:?}", list.get())} }
        };
        view! { {text} <Show when=move || shown.get()>{late}</Show> }
    });
    assert_eq!(page.text().await, "None [] 0");
    let source = FakeSource::last("/feed").await;
    assert_eq!(source.query(), "?s=log");
    source.greet("e");
    source.feed("log", None, 4, None);
    source.feed("log", Some(4), 5, Some("1"));
    source.feed("log", Some(5), 6, Some("2"));
    source.feed("log", Some(5), 6, Some("2"));
    source.feed("log", Some(6), 7, Some("\"three\""));
    source.feed("log", Some(7), 9, None);
    source.feed("log", Some(9), 10, Some("4"));
    assert_eq!(page.text().await, "Some(4) [2, 4] 1");
    assert_eq!(told.get_value(), [1, 2, 4]);
    let errors = console_errors();
    assert!(errors.len() == 1 && errors[0].contains("feed `log`: an event could not be read"), "{errors:?}");

    shown.set(true);
    assert_eq!(page.text().await, "Some(4) [2, 4] 1[1, 2, 4]");

    fake::page_event("online", false);
    let again = FakeSource::last("/feed").await;
    assert_eq!(again.query(), "?epoch=e&s=log~10");
    again.greet("f");
    again.feed("log", None, 1, None);
    again.feed("log", Some(1), 2, Some("9"));
    assert_eq!(page.text().await, "Some(9) [9] 0[9]");
    assert_eq!(told.get_value(), [1, 2, 4, 9]);
}

#[wasm_bindgen_test]
async fn what_is_called_with_events_finds_the_context_of_its_component_and_is_not_tracked() {
    fake::install();
    let (shown, read, told) = (RwSignal::new(true), RwSignal::new(0), StoredValue::new(Vec::new()));
    let _page = mount(move || {
        provide_sse("/owner").unwrap();
        let inner = move |name: &'static str| {
            move || {
                provide_context(name);
                use_sse::<u32>().named("log").feed().on_event(move |event| {
                    told.update_value(|told| told.push((use_context::<&str>(), *event + read.get())));
                });
            }
        };
        view! { {inner("early")} <Show when=move || !shown.get()>{inner("late")}</Show> }
    });
    let source = FakeSource::last("/owner").await;
    source.greet("e");
    source.feed("log", None, 1, None);
    source.feed("log", Some(1), 2, Some("1"));
    shown.set(false);
    leptos::task::tick().await;
    source.feed("log", Some(2), 3, Some("2"));
    read.set(5);
    leptos::task::tick().await;
    let (early, late) = (Some("early"), Some("late"));
    assert_eq!(told.get_value(), [(early, 1), (late, 1), (early, 2), (late, 2)]);
}

#[wasm_bindgen_test]
async fn a_stream_beside_that_is_refused_leaves_the_page_as_it_is() {
    fake::install();
    let shown = RwSignal::new(false);
    let page = mount(move || {
        provide_sse_with("/refuses", SseOptions::new().reconnect_base(Duration::from_millis(1))).unwrap();
        let status = use_sse_status();
        view! { {move || status.get().to_string()} {named("one")} <Show when=move || shown.get()>{|| named("two")}</Show> }
    });
    let first = FakeSource::last("/refuses").await;
    first.greet("e");
    shown.set(true);
    let second = beside("/refuses", 2).await;
    second.fail(true);
    let third = beside("/refuses", 3).await;
    third.fail(true);
    let fourth = beside("/refuses", 4).await;
    assert!(!first.is_closed());
    first.snapshot("one", 1, r#"{"value":1}"#);
    assert!(page.text().await.starts_with("open\n\n1"));
    fourth.greet("e");
    assert!(first.is_closed());
    fourth.snapshot("two", 2, r#"{"value":2}"#);
    assert_eq!(page.text().await, "open\n\n1\n\n2");
}

#[wasm_bindgen_test]
async fn a_component_that_has_gone_is_told_of_no_event() {
    fake::install();
    let shown = RwSignal::new(true);
    let told = StoredValue::new(0);
    let page = mount(move || {
        provide_sse("/gone").unwrap();
        let inner = move || {
            use_sse::<u32>().named("log").feed().on_event(move |_| told.update_value(|told| *told += 1));
        };
        view! { {named("stays")} <Show when=move || shown.get()>{inner}</Show> }
    });
    let source = FakeSource::last("/gone").await;
    source.greet("e");
    source.feed("log", None, 1, None);
    source.feed("log", Some(1), 2, Some("1"));
    shown.set(false);
    assert_eq!(page.text().await, "0");
    source.feed("log", Some(2), 3, Some("2"));
    assert_eq!(told.get_value(), 1);
    assert_eq!(beside("/gone", 2).await.query(), "?s=stays");
}

#[wasm_bindgen_test]
async fn a_feed_that_is_followed_as_something_else_is_an_error_that_says_so() {
    fake::install();
    let page = mount(|| {
        provide_sse("/feed-types").unwrap();
        let count = use_sse::<Count>().named("x").signal();
        let feed = use_sse::<Arc<u32>>().named("x").feed().latest();
        view! { {move || count.get().value} {move || format!("{:?}", feed.get())} }
    });
    let source = FakeSource::last("/feed-types").await;
    source.greet("e");
    source.snapshot("x", 1, r#"{"value":3}"#);
    assert_eq!(page.text().await, "3None");
    let errors = console_errors();
    assert!(errors.len() == 1 && errors[0].contains("cannot be followed as `leptos_sse_client::feed_log::SseFeed"));
}
