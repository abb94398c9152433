//! The client on a page that the server rendered, in a real browser.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/fake.rs"]
mod fake;
#[path = "hydrate/forms.rs"]
mod forms;
#[path = "hydrate/islands.rs"]
mod islands;

use fake::FakeSource;
use leptos::{
    mount::{hydrate_from, hydrate_from_async},
    prelude::*,
};
use leptos_sse::{provide_sse, use_sse};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

fn page(html: &str) -> HtmlElement {
    let document = document();
    let element: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&element).unwrap();
    element.set_inner_html(html);
    element
}

/// The page carries these first values.
fn brings(firsts: &str) {
    fake::resolve(&format!(r#"{{"leptos_sse":[{firsts}]}}"#));
}

fn counter(url: &'static str) -> impl IntoView {
    provide_sse(url).unwrap();
    let count = use_sse::<u32>().named("count").signal();
    assert_eq!(FakeSource::count(url), 0, "what comes now would find a page that is not ready");
    view! { <p>{move || count.get()}</p> }
}

async fn follows(url: &str, element: &HtmlElement) {
    fake::until(|| FakeSource::count(url) == 1).await;
    let source = FakeSource::last(url).await;
    source.open();
    source.snapshot("count", 1, "7");
    leptos::task::tick().await;
    assert_eq!(element.inner_text().trim(), "7");
}

#[wasm_bindgen_test]
async fn a_page_connects_when_it_is_hydrated() {
    fake::install();
    let element = page("<p>0</p>");
    let _handle = hydrate_from(element.clone(), || counter("/hydrated"));
    follows("/hydrated", &element).await;
}

#[wasm_bindgen_test]
async fn a_page_that_waits_for_a_part_of_itself_connects_after_it() {
    fake::install();
    let element = page("<p>0</p>");
    let _handle = hydrate_from_async(element.clone(), || counter("/lazy")).await;
    follows("/lazy", &element).await;
}

/// As an island that hydrates after another one has followed the server for a while.
#[wasm_bindgen_test]
async fn a_part_that_hydrates_late_shows_the_value_of_now_and_not_the_servers_html() {
    fake::install();
    let early = page("<p>0</p>");
    let _early = hydrate_from(early.clone(), || counter("/late"));
    follows("/late", &early).await;

    let late = page("<p>0</p>");
    let _late = hydrate_from(late.clone(), || {
        provide_sse("/late").unwrap();
        let count = use_sse::<u32>().named("count").signal();
        view! { <p>{move || count.get()}</p> }
    });
    leptos::task::tick().await;
    assert_eq!(late.inner_text().trim(), "7");
    FakeSource::last("/late").await.change("count", 1, "", "8");
    leptos::task::tick().await;
    leptos::task::tick().await;
    assert_eq!((early.inner_text().trim(), late.inner_text().trim()), ("8", "8"));
}

#[wasm_bindgen_test]
async fn the_servers_value_is_the_first_of_a_hydrated_page() {
    fake::install();
    brings(r#"{"key":"count","document":5}"#);
    let element = page("<p>5</p>");
    let first = StoredValue::new(0);
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/first-value").unwrap();
        let count = use_sse::<u32>().named("count").signal();
        first.set_value(count.get_untracked());
        view! { <p>{move || count.get()}</p> }
    });
    assert_eq!(first.get_value(), 5);
    follows("/first-value", &element).await;
}

#[wasm_bindgen_test]
async fn a_first_value_that_the_page_has_once_is_that_of_every_signal_with_its_key() {
    fake::install();
    brings(r#"{"key":"twice","document":5}"#);
    let element = page("<p>5</p><p>5</p>");
    let values = StoredValue::new((0, 0));
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/one").unwrap();
        let one = use_sse::<u32>().named("twice").signal();
        provide_sse("/two").unwrap();
        let two = use_sse::<u32>().named("twice").signal();
        values.set_value((one.get_untracked(), two.get_untracked()));
        view! { <p>{move || one.get()}</p> <p>{move || two.get()}</p> }
    });
    assert_eq!(values.get_value(), (5, 5));
}

#[wasm_bindgen_test]
async fn a_first_value_of_another_signal_is_not_taken() {
    fake::install();
    brings(r#"{"key":"price","document":5}"#);
    let element = page("<p>0</p>");
    let _handle = hydrate_from(element.clone(), || counter("/other-value"));
    follows("/other-value", &element).await;
}

#[wasm_bindgen_test]
async fn an_id_that_changes_starts_with_the_servers_value_and_then_follows() {
    fake::install();
    brings(r#"{"key":"u32:1","document":5}"#);
    let element = page("<p>5</p>");
    let (id, first) = (RwSignal::new(1), StoredValue::new(0));
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/id").unwrap();
        let count = use_sse::<u32>().id(move || id.get()).signal();
        first.set_value(count.get_untracked());
        view! { <p>{move || count.get()}</p> }
    });
    assert_eq!(first.get_value(), 5);
    let source = FakeSource::last("/id").await;
    assert_eq!(source.query(), "?s=u32:1");
    source.greet("e");
    source.snapshot("u32:1", 1, "7");
    leptos::task::tick().await;
    assert_eq!(element.inner_text().trim(), "7");
    id.set(2);
    leptos::task::tick().await;
    assert_eq!(element.inner_text().trim(), "0");
    fake::until(|| FakeSource::count("/id") == 2).await;
    let second = FakeSource::last("/id").await;
    assert_eq!(second.query(), "?s=u32:2");
    second.greet("e");
    id.set(1);
    leptos::task::tick().await;
    assert_eq!(element.inner_text().trim(), "0", "not what the page had before the server's 7");
}

#[wasm_bindgen_test]
async fn a_first_value_is_that_of_its_id_until_the_server_sends_another() {
    fake::install();
    brings(r#"{"key":"u64:1","document":5}"#);
    let element = page("<p>5</p>");
    let id = RwSignal::new(1);
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/id-again").unwrap();
        let count = use_sse::<u64>().id(move || id.get()).signal();
        view! { <p>{move || count.get()}</p> }
    });
    FakeSource::last("/id-again").await.greet("e");
    for (now, text) in [(2, "0"), (1, "5")] {
        id.set(now);
        leptos::task::tick().await;
        assert_eq!(element.inner_text().trim(), text);
    }
}

/// What the page has got by now is not what the server rendered.
#[wasm_bindgen_test]
async fn a_part_that_hydrates_late_catches_up_with_a_feed_and_an_id() {
    fn texts(element: &HtmlElement) -> String {
        element.inner_text().split_whitespace().collect::<Vec<_>>().join(" ")
    }
    fake::install();
    let part = || {
        provide_sse("/late-feed").unwrap();
        let (list, count) = (use_sse::<u32>().named("log").feed().list(9), use_sse::<u32>().id(|| 1).signal());
        view! { <p>{move || format!("{:?}", list.get())}</p> <p>{move || count.get()}</p> }
    };
    let early = page("<p>[]</p><p>0</p>");
    let _early = hydrate_from(early.clone(), part);
    let source = FakeSource::last("/late-feed").await;
    assert_eq!(source.query(), "?s=log&s=u32:1");
    source.greet("e");
    source.feed("log", None, 1, None);
    source.feed("log", Some(1), 2, Some("1"));
    source.snapshot("u32:1", 3, "7");

    let late = page("<p>[]</p><p>0</p>");
    let _late = hydrate_from(late.clone(), part);
    leptos::task::tick().await;
    leptos::task::tick().await;
    assert_eq!((texts(&early), texts(&late)), ("[1] 7".to_owned(), "[1] 7".to_owned()));
    source.feed("log", Some(2), 4, Some("2"));
    source.snapshot("u32:1", 5, "8");
    leptos::task::tick().await;
    assert_eq!((texts(&early), texts(&late)), ("[1, 2] 8".to_owned(), "[1, 2] 8".to_owned()));
}

const FROM_HUB: &str = r#"{"key":"from-hub","epoch":"e","seq":3,"document":{"value":5}}"#;

#[derive(Clone, Default, serde::Deserialize)]
struct Value {
    value: u32,
}

/// A page that starts with 5, as of `e.3`.
async fn hydrated(url: &'static str, key: &'static str) -> (HtmlElement, FakeSource) {
    fake::install();
    brings(&FROM_HUB.replace("from-hub", key));
    let element = page("<p>5</p>");
    let handle = hydrate_from(element.clone(), move || {
        provide_sse(url).unwrap();
        let count = use_sse::<Value>().named(key).signal();
        assert_eq!(count.get_untracked().value, 5);
        view! { <p>{move || count.get().value}</p> }
    });
    std::mem::forget(handle);
    let source = FakeSource::last(url).await;
    (element, source)
}

async fn shows(element: &HtmlElement, text: &str) {
    leptos::task::tick().await;
    leptos::task::tick().await;
    assert_eq!(element.inner_text().split_whitespace().collect::<Vec<_>>().join(" "), text);
}

#[wasm_bindgen_test]
async fn a_hydrated_page_asks_from_the_place_that_the_server_rendered() {
    let (element, source) = hydrated("/from", "from").await;
    assert_eq!(source.query(), "?epoch=e&s=from~3");
    source.greet("e");
    shows(&element, "5").await;
    // Nothing is sent anew: what comes next is the next change.
    source.change("from", 3, "/value", "6");
    shows(&element, "6").await;
    assert!(fake::console_errors().is_empty());
}

#[wasm_bindgen_test]
async fn a_server_that_was_restarted_since_replaces_what_the_page_has() {
    let (element, source) = hydrated("/restarted", "restarted").await;
    source.greet("f");
    shows(&element, "5").await;
    source.snapshot("restarted", 1, r#"{"value":9}"#);
    shows(&element, "9").await;
    source.change("restarted", 1, "/value", "10");
    shows(&element, "10").await;
}

/// Patches of one life of a counter never meet documents of another.
#[wasm_bindgen_test]
async fn a_patch_of_another_server_does_not_touch_what_the_page_has() {
    let (element, source) = hydrated("/mixed", "mixed").await;
    source.greet("f");
    source.change("mixed", 3, "/value", "99");
    shows(&element, "5").await;
    assert!(fake::console_errors()[0].contains("mixed"), "{:?}", fake::console_errors());
}

/// As a server that was restarted while it streamed the page, or two hubs.
#[wasm_bindgen_test]
async fn of_two_epochs_in_one_page_one_is_asked_with() {
    fake::install();
    brings(r#"{"key":"old","epoch":"e","seq":3,"document":1},{"key":"new","epoch":"f","seq":3,"document":2}"#);
    let element = page("<p>1</p><p>2</p>");
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/two-epochs").unwrap();
        let (old, new) = (use_sse::<u32>().named("old").signal(), use_sse::<u32>().named("new").signal());
        view! { <p>{move || old.get()}</p> <p>{move || new.get()}</p> }
    });
    let source = FakeSource::last("/two-epochs").await;
    assert_eq!(source.query(), "?epoch=e&s=new&s=old~3");
    shows(&element, "1 2").await;
    source.greet("f");
    source.snapshot("new", 4, "20");
    source.snapshot("old", 2, "10");
    shows(&element, "10 20").await;
}

#[wasm_bindgen_test]
async fn a_part_that_hydrates_late_follows_from_where_the_page_and_the_stream_are() {
    let (early, source) = hydrated("/late-hub", "late-hub").await;
    source.greet("e");
    source.change("late-hub", 3, "/value", "6");
    shows(&early, "6").await;
    let late = page("<p>0</p>");
    let _late = hydrate_from(late.clone(), || {
        provide_sse("/late-hub").unwrap();
        let count = use_sse::<Value>().named("late-hub").signal();
        view! { <p>{move || count.get().value}</p> }
    });
    shows(&late, "6").await;
    source.change("late-hub", 4, "/value", "7");
    shows(&early, "7").await;
    shows(&late, "7").await;
    assert_eq!(FakeSource::count("/late-hub"), 1);
}

#[wasm_bindgen_test]
async fn an_id_that_changes_asks_from_the_place_of_the_page() {
    fake::install();
    brings(r#"{"key":"i32:1","epoch":"e","seq":3,"document":5}"#);
    let element = page("<p>5</p>");
    let id = RwSignal::new(1);
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/id-hub").unwrap();
        let count = use_sse::<i32>().id(move || id.get()).signal();
        view! { <p>{move || count.get()}</p> }
    });
    let source = FakeSource::last("/id-hub").await;
    assert_eq!(source.query(), "?epoch=e&s=i32:1~3");
    source.greet("e");
    source.change("i32:1", 3, "", "6");
    shows(&element, "6").await;
}

/// What Leptos counts differs from the server's count, as after a part that was rendered out of order: values are known by
/// their keys.
#[wasm_bindgen_test]
async fn a_value_that_stands_in_another_place_is_found_by_its_key() {
    fake::install();
    fake::resolve("\"a resource\"");
    brings(r#"{"key":"moved","document":5}"#);
    let element = page("<p>5</p>");
    let _handle = hydrate_from(element.clone(), move || {
        provide_sse("/moved").unwrap();
        let count = use_sse::<u32>().named("moved").signal();
        assert_eq!(count.get_untracked(), 5);
        view! { <p>{move || count.get()}</p> }
    });
}
