//! A page of islands, which is never told that its hydration is complete.

use super::{FakeSource, brings, fake, page as element};
use hydration_context::HydrateSharedContext;
use leptos::prelude::*;
use leptos_sse::{provide_sse, use_sse};
use std::sync::Arc;
use wasm_bindgen_test::wasm_bindgen_test;

/// Leptos does not touch a text of the server's that it believes to be right.
#[wasm_bindgen_test]
async fn an_island_that_hydrates_late_starts_with_what_the_server_rendered_and_then_follows() {
    fake::install();
    // What starts a page gives Leptos its executor.
    leptos::mount::mount_to(element(""), || ()).forget();
    brings(r#"{"key":"isle","epoch":"e","seq":3,"document":[5]}"#);
    // The server writes one for each provider, with what is not in those before.
    (0..3).for_each(|_| brings(""));
    let page = Owner::new_root(Some(Arc::new(HydrateSharedContext::new_islands())));
    let island = || {
        provide_sse("/isles").unwrap();
        let all = use_sse::<Vec<u32>>().named("isle").signal();
        let (option, first) =
            (use_sse::<Vec<u32>>().named("isle").option(), use_sse::<Vec<u32>>().named("isle").part::<u32>("/0"));
        move || (all.get_untracked(), option.get_untracked(), first.get_untracked())
    };
    let of = |value: u32| (vec![value], Some(vec![value]), Some(value));
    let hydrate = || page.with(|| Owner::with_hydration(island));

    let early = hydrate();
    let source = FakeSource::last("/isles").await;
    assert_eq!((source.query(), early()), ("?epoch=e&s=isle~3".to_owned(), of(5)));
    source.greet("e");
    source.change("isle", 3, "/0", "6");
    assert_eq!(early(), of(6));

    let late = hydrate();
    assert_eq!((late(), early()), (of(5), of(6)));
    leptos::task::tick().await;
    assert_eq!(late(), of(6));
    source.change("isle", 4, "/0", "7");
    assert_eq!((late(), early()), (of(7), of(7)));

    // What is not hydrated has no text of the server's to find.
    let made = page.with(island);
    assert_eq!(made(), of(7));
    assert_eq!(FakeSource::count("/isles"), 1);
    let elsewhere = page.with(|| {
        provide_sse("/isles-elsewhere").unwrap();
        use_sse::<Vec<u32>>().named("isle").signal().get_untracked()
    });
    assert!(elsewhere.is_empty(), "what the page has brought is of the past: {elsewhere:?}");
    assert!(fake::console_errors().is_empty(), "{:?}", fake::console_errors());
}
