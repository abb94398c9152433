//! Tests of components by an app, with the real page and its effects, but without a server.

use super::{Count, fake, mount};
use leptos::prelude::*;
use leptos_sse::{
    Key, SseContext, create_sse_signal, provide_sse,
    testing::{SseTest, provide_sse_test},
    use_sse,
};
use std::time::Duration;
use wasm_bindgen_test::wasm_bindgen_test;

#[component]
fn App() -> impl IntoView {
    provide_sse("/sse").unwrap();
    let (count, status) = (create_sse_signal::<Count>(), use_sse::<Count>().status());
    let (lines, effects) = (use_sse::<String>().named("lines").feed().list(10), RwSignal::new(0));
    Effect::new(move |_| {
        count.track();
        effects.update(|effects| *effects += 1);
    });
    let lines = move || lines.get().iter().map(|line| line.to_string()).collect::<Vec<_>>().join("+");
    view! { {move || count.get().value} " " {move || status.get().to_string()} " " {lines} " " {move || effects.get()} }
}

#[wasm_bindgen_test]
async fn a_mounted_component_is_served_by_the_test() {
    fake::install();
    let test = StoredValue::new(None::<SseTest>);
    let page = mount(move || {
        test.set_value(Some(provide_sse_test()));
        view! { <App/> }
    });
    let sse = test.get_value().unwrap();
    assert_eq!(page.text().await, "0 connecting 1");
    sse.set(&Count { value: 1 });
    sse.push_for(Key::named("lines"), &"a");
    assert_eq!(page.text().await, "1 live a 2");
    sse.drop_connection();
    sse.set(&Count { value: 2 });
    sse.push_for(Key::named("lines"), &"b");
    assert_eq!(page.text().await, "1 stale a 2");
    sse.advance(Duration::from_secs(1));
    assert_eq!(page.text().await, "2 live a+b 3");
    sse.refuse::<Count>("forbidden");
    assert_eq!(page.text().await, "2 refused: forbidden a+b 3");
    assert_eq!(fake::FakeSource::count("/sse"), 0, "nothing asks a server");
}

#[wasm_bindgen_test]
fn a_connection_of_a_test_has_no_event_source() {
    let owner = Owner::new();
    owner.with(|| {
        let _test = provide_sse_test();
        assert!(expect_context::<SseContext>().event_source().is_none());
    });
}
