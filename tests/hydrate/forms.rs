//! The other forms of signals on a page that the server rendered.

use super::{FakeSource, brings, fake, hydrate_from, page, shows};
use leptos::prelude::*;
use leptos_sse::{UseSse, provide_sse, use_sse};
use wasm_bindgen_test::wasm_bindgen_test;

type List = UseSse<Vec<u32>>;
type MakeList = fn() -> List;

/// What each form of one key shows: an option, a part, a memo, one that outlives the component, one that is rebuilt in place, a
/// store, and where it stands.
fn forms(url: &'static str, list: impl Fn() -> List) -> impl IntoView {
    provide_sse(url).unwrap();
    let option = list().option();
    let part = list().part::<u32>("/0");
    let memo = list().memo(Vec::len);
    let arc = list().arc_signal();
    let in_place = list().in_place();
    let store = list().store();
    let status = list().status();
    view! {
        <p>{move || option.get().map_or(-1, |list| i32::try_from(list.len()).unwrap())}</p>
        <p>{move || part.get().map_or(-1, |item| i32::try_from(item).unwrap())}</p>
        <p>{move || memo.get()}</p>
        <p>{move || arc.with(Vec::len)}</p>
        <p>{move || in_place.with(Vec::len)}</p>
        <p>{move || store.with(Vec::len)}</p>
        <p>{move || status.get().to_string()}</p>
    }
}

/// A name, and an id that may change, with the key that each of them makes.
const KEYS: [(MakeList, &str); 2] =
    [(|| use_sse().named("by-name"), "by-name"), (|| use_sse().named("by-id").id(|| 7), "by-id:7")];

#[wasm_bindgen_test]
async fn each_form_of_a_signal_starts_with_what_the_server_rendered_and_asks_from_there() {
    for ((list, key), url) in KEYS.into_iter().zip(["/forms", "/forms-of-id"]) {
        fake::install();
        brings(&format!(r#"{{"key":"{key}","epoch":"e","seq":3,"document":[7,8]}}"#));
        let element = page("<p>2</p><p>7</p><p>2</p><p>2</p><p>2</p><p>2</p><p>connecting</p>");
        let _handle = hydrate_from(element.clone(), move || forms(url, list));
        shows(&element, "2 7 2 2 2 2 connecting").await;
        let source = FakeSource::last(url).await;
        assert_eq!(source.query(), format!("?epoch=e&s={key}~3"));
        source.greet("e");
        shows(&element, "2 7 2 2 2 2 live").await;
        source.change(key, 3, "/0", "9");
        shows(&element, "2 9 2 2 2 2 live").await;
        assert!(fake::console_errors().is_empty(), "{:?}", fake::console_errors());
    }
}

/// As an island that hydrates after another one has followed the server for a while: Leptos does not touch a text that it
/// believes to be right, so each form has to start with what the server rendered.
#[wasm_bindgen_test]
async fn each_form_of_a_signal_that_hydrates_late_shows_the_value_of_now() {
    for ((list, key), url) in KEYS.into_iter().zip(["/late-forms", "/late-forms-of-id"]) {
        fake::install();
        // Of another signal. A page that brings nothing is searched for what it has once, for which another test waits.
        brings(r#"{"key":"another","document":1}"#);
        let early = page("<p>0</p>");
        let _early = hydrate_from(early.clone(), move || {
            provide_sse(url).unwrap();
            let list = use_sse::<Vec<u32>>().named(key).signal();
            view! { <p>{move || list.with(Vec::len)}</p> }
        });
        let source = FakeSource::last(url).await;
        source.greet("e");
        source.snapshot(key, 1, "[1,2,3]");
        shows(&early, "3").await;

        let late = page("<p>-1</p><p>-1</p><p>0</p><p>0</p><p>0</p><p>0</p><p>connecting</p>");
        let _late = hydrate_from(late.clone(), move || forms(url, list));
        shows(&late, "3 1 3 3 3 3 live").await;
        source.change(key, 1, "/0", "4");
        shows(&late, "3 4 3 3 3 3 live").await;
        source.fail(false);
        shows(&late, "3 4 3 3 3 3 stale").await;
        assert_eq!(FakeSource::count(url), 1);
        assert!(fake::console_errors().is_empty(), "{:?}", fake::console_errors());
    }
}
