//! The client in a real browser: real signals, effects, timers and page events, on an `EventSource` that the test drives.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/fake.rs"]
mod fake;
#[path = "wasm/fetch.rs"]
mod fetch;
#[path = "wasm/hub.rs"]
mod hub;
#[path = "wasm/in_place.rs"]
mod in_place;
#[path = "wasm/signals.rs"]
mod signals;
#[path = "wasm/store.rs"]
mod store;
#[cfg(feature = "testing")]
#[path = "wasm/testing.rs"]
mod testing;
#[path = "wasm/vectors.rs"]
mod vectors;

use fake::{FakeSource, console_errors, pause};
use leptos::{mount::mount_to, prelude::*};
use leptos_sse::{
    SseClosed, SseContext, SseOptions, SseStatus, create_sse_signal, provide_sse, provide_sse_value, provide_sse_with,
    use_sse, use_sse_status,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Count {
    value: u32,
}

const COUNT: &str = "wasm::Count";

/// A piece of the page with a view mounted in it; it goes with the value.
struct Page<H> {
    element: HtmlElement,
    _mounted: H,
}

fn mount<V: IntoView>(app: impl FnOnce() -> V + 'static) -> Page<impl Sized> {
    let document = document();
    let element: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&element).unwrap();
    let mounted = mount_to(element.clone(), app);
    Page { element, _mounted: mounted }
}

impl<H> Page<H> {
    async fn text(&self) -> String {
        leptos::task::tick().await;
        self.element.inner_text()
    }
}

fn counter(url: &'static str) -> impl IntoView {
    provide_sse(url).unwrap();
    let count = create_sse_signal::<Count>();
    view! { <p>{move || count.get().value}</p> }
}

#[wasm_bindgen_test]
async fn a_page_shows_each_value_as_it_comes() {
    fake::install();
    let page = mount(|| counter("/first"));
    assert_eq!(page.text().await, "0");
    let source = FakeSource::last("/first").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    assert_eq!(page.text().await, "1");
    source.change(COUNT, 1, "/value", "2");
    assert_eq!(page.text().await, "2");
}

#[wasm_bindgen_test]
async fn components_share_one_connection_for_a_url_and_the_last_one_closes_it() {
    fake::install();
    let one = mount(|| counter("/shared"));
    let two = mount(|| counter("shared"));
    let other = mount(|| {
        provide_sse_with("/shared", SseOptions::new().with_credentials(true)).unwrap();
        let _ = create_sse_signal::<Count>();
    });
    FakeSource::last("/shared").await;
    assert_eq!(FakeSource::count("/shared"), 2, "one without and one with credentials");
    drop(other);
    drop(one);
    pause(1_100).await;
    let source = FakeSource::first("/shared");
    assert!(!source.is_closed());
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":5}"#);
    assert_eq!(two.text().await, "5");
    drop(two);
    pause(50).await;
    assert!(source.is_closed(), "with the provider gone, nothing can come back to it");
}

#[wasm_bindgen_test]
async fn a_signal_that_goes_and_comes_within_a_moment_keeps_the_connection() {
    fake::install();
    let shown = RwSignal::new(true);
    let page = mount(move || {
        provide_sse("/toggle").unwrap();
        let inner = || {
            let count = create_sse_signal::<Count>();
            view! { <p>{move || count.get().value}</p> }
        };
        view! { <Show when=move || shown.get()>{inner}</Show> }
    });
    let source = FakeSource::last("/toggle").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    shown.set(false);
    assert_eq!(page.text().await, "");
    source.change(COUNT, 1, "/value", "2");
    shown.set(true);
    assert_eq!(page.text().await, "2", "the current value, not the one of then");
    assert_eq!(FakeSource::count("/toggle"), 1);

    shown.set(false);
    pause(1_200).await;
    assert!(source.is_closed());
    shown.set(true);
    assert_eq!(page.text().await, "0", "what is known of a connection goes with it");
    let again = FakeSource::last("/toggle").await;
    again.open();
    again.snapshot(COUNT, 1, r#"{"value":9}"#);
    assert_eq!(page.text().await, "9");
}

#[wasm_bindgen_test]
async fn a_signal_made_inside_the_effect_of_another_follows_too() {
    fake::install();
    let page = mount(|| {
        provide_sse("/nested").unwrap();
        let outer = create_sse_signal::<Count>();
        let inner = RwSignal::new(None::<ReadSignal<Count>>);
        Effect::new(move |_| {
            outer.track();
            inner.set(Some(use_sse::<Count>().named("inner").signal()));
        });
        view! { {move || inner.get().map(|inner| inner.get().value)} }
    });
    let source = FakeSource::last("/nested").await;
    source.open();
    source.snapshot("inner", 1, r#"{"value":3}"#);
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    assert_eq!(page.text().await.trim(), "3");
    source.change("inner", 1, "/value", "4");
    assert_eq!(page.text().await.trim(), "4");
}

#[wasm_bindgen_test]
async fn a_key_as_two_types_is_one_error_and_a_default() {
    fake::install();
    let page = mount(|| {
        provide_sse("/types").unwrap();
        let count = use_sse::<Count>().named("x").signal();
        let text = use_sse::<String>().named("x").signal();
        view! { {move || count.get().value} "/" {move || text.get()} }
    });
    let source = FakeSource::last("/types").await;
    source.open();
    source.snapshot("x", 1, r#"{"value":3}"#);
    assert_eq!(page.text().await, "3/");
    let errors = console_errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("the key `x` is already followed as `wasm::Count`"), "{errors:?}");
}

#[wasm_bindgen_test]
async fn without_a_provider_there_is_a_default_and_an_error_that_names_it() {
    fake::install();
    let page = mount(|| {
        let count = create_sse_signal::<Count>();
        view! { {move || count.get().value} }
    });
    assert_eq!(page.text().await, "0");
    let errors = console_errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("`create_sse_signal` found no connection: call `leptos_sse::provide_sse(url)`"));
}

#[wasm_bindgen_test]
fn a_url_that_the_browser_cannot_resolve_is_an_error() {
    let owner = Owner::new();
    owner.with(|| assert!(provide_sse("http://[").unwrap_err().is_invalid_url()));
}

#[wasm_bindgen_test]
async fn nonsense_is_named_in_the_console_and_stops_nothing() {
    fake::install();
    let page = mount(|| counter("/nonsense"));
    let source = FakeSource::last("/nonsense").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    source.emit("message", "not json");
    source.emit("hb", "no cursor");
    source.emit("hello", "{}");
    source.emit("surprise", "who knows");
    source.change(COUNT, 1, "/value", "\"many\"");
    assert_eq!(page.text().await, "1");
    source.change(COUNT, 2, "/value", "3");
    assert_eq!(page.text().await, "3");
    let errors = console_errors();
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors[0].contains("an update could not be read") && errors[0].contains("`not json`"), "{errors:?}");
    assert!(errors[3].contains("signal `wasm::Count`: the document is no `wasm::Count`"), "{errors:?}");
    assert!(!source.is_closed());
}

#[wasm_bindgen_test]
async fn a_patch_that_does_not_fit_brings_a_new_connection_and_its_snapshot() {
    fake::install();
    let page = mount(|| {
        provide_sse_with("/misfit", SseOptions::new().reconnect_base(Duration::from_millis(20))).unwrap();
        let (count, status) = (create_sse_signal::<Count>(), use_sse_status());
        view! { {move || count.get().value} " " {move || status.get().to_string()} }
    });
    let source = FakeSource::last("/misfit").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    source.change(COUNT, 1, "/nowhere/at/all", "2");
    assert!(source.is_closed());
    assert!(page.text().await.starts_with("1 reconnecting, attempt 1"));
    let errors = console_errors();
    assert!(errors[0].contains("signal `wasm::Count`: a patch does not fit the document"), "{errors:?}");
    fake::until(|| FakeSource::count("/misfit") == 2).await;
    let source = FakeSource::last("/misfit").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":7}"#);
    assert_eq!(page.text().await, "7 open");
}

#[wasm_bindgen_test]
async fn silence_of_two_and_a_half_heartbeats_brings_a_new_connection() {
    fake::install();
    let _page = mount(|| {
        provide_sse_with("/silence", SseOptions::new().reconnect_base(Duration::from_millis(1))).unwrap();
        let _ = create_sse_signal::<Count>();
    });
    let source = FakeSource::last("/silence").await;
    source.open();
    source.emit("hello", r#"{"epoch":"e","name":"wasm::Count","heartbeat":100}"#);
    for _ in 0..4 {
        pause(100).await;
        source.emit("hb", "e.0");
        assert!(!source.is_closed());
    }
    fake::until(|| source.is_closed()).await;
    fake::until(|| FakeSource::count("/silence") == 2).await;
}

#[wasm_bindgen_test]
async fn pages_that_are_frozen_and_shown_again_close_and_open() {
    fake::install();
    let _page = mount(|| counter("/frozen"));
    let source = FakeSource::last("/frozen").await;
    source.open();
    fake::page_event("pagehide", false);
    assert!(source.is_closed());
    fake::page_event("pageshow", false);
    assert_eq!(FakeSource::count("/frozen"), 1, "the first showing of a page is no return");
    fake::page_event("pageshow", true);
    assert_eq!(FakeSource::count("/frozen"), 2);
    fake::page_event("online", false);
    assert_eq!(FakeSource::count("/frozen"), 3);
    assert!(!FakeSource::last("/frozen").await.is_closed());
}

#[wasm_bindgen_test]
async fn the_raw_event_source_is_there_for_listeners_and_changes_with_the_connection() {
    fake::install();
    let seen = StoredValue::new(0);
    let _page = mount(move || {
        provide_sse("/raw").unwrap();
        let sse = expect_context::<SseContext>();
        assert_eq!(sse.url(), "/raw");
        Effect::new(move |_| {
            if sse.event_source().is_some() {
                seen.update_value(|seen| *seen += 1);
            }
        });
    });
    fake::until(|| seen.get_value() == 1).await;
    FakeSource::last("/raw").await.open();
    fake::page_event("online", false);
    leptos::task::tick().await;
    assert_eq!(seen.get_value(), 2);
}

#[wasm_bindgen_test]
async fn a_value_that_is_provided_is_shown_until_the_servers_comes() {
    fake::install();
    let page = mount(|| {
        provide_sse_value(&Count { value: 7 });
        counter("/initial")
    });
    assert_eq!(page.text().await, "7");
    let source = FakeSource::last("/initial").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":8}"#);
    assert_eq!(page.text().await, "8");
}

/// No fake here: the test runner's own server answers with a page, which is no stream of events.
#[wasm_bindgen_test]
async fn a_server_that_answers_with_a_page_is_asked_again_and_again() {
    fake::uninstall();
    let status = StoredValue::new(None);
    let _page = mount(move || {
        provide_sse_with("/", SseOptions::new().reconnect_base(Duration::from_millis(10))).unwrap();
        let _ = create_sse_signal::<Count>();
        status.set_value(Some(use_sse_status()));
    });
    let status = status.get_value().unwrap();
    assert_eq!(status.get_untracked(), SseStatus::Connecting);
    fake::until(|| matches!(status.get_untracked(), SseStatus::Refused { status: 200, next: Some(_) })).await;
}

#[wasm_bindgen_test]
async fn the_status_tells_that_nothing_uses_the_connection() {
    fake::install();
    let shown = RwSignal::new(true);
    let page = mount(move || {
        provide_sse("/unused").unwrap();
        let status = use_sse_status();
        let inner = || {
            let _ = create_sse_signal::<Count>();
        };
        view! { <Show when=move || shown.get()>{inner}</Show> {move || status.get().to_string()} }
    });
    FakeSource::last("/unused").await.open();
    assert_eq!(page.text().await.trim(), "open");
    shown.set(false);
    pause(1_200).await;
    assert_eq!(page.text().await.trim(), SseStatus::Closed(SseClosed::Unused).to_string());
}

/// One update a second for 24 hours.
#[wasm_bindgen_test]
async fn a_day_of_updates_takes_no_more_memory_than_an_hour() {
    fake::install();
    let page = mount(|| counter("/day"));
    let source = FakeSource::last("/day").await;
    source.open();
    source.snapshot(COUNT, 1, r#"{"value":1}"#);
    let mut after_an_hour = 0;
    for second in 1..86_400 {
        source.change(COUNT, second, "/value", &(second + 1).to_string());
        if second % 600 == 0 {
            leptos::task::tick().await;
        }
        if second == 3_600 {
            after_an_hour = fake::memory();
        }
    }
    assert_eq!(page.text().await, "86400");
    assert_eq!(fake::memory(), after_an_hour);
}
