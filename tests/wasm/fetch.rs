//! Streams that are read with `fetch`, on answers that the test gives.

use super::{Count, fake, mount};
use fake::{FakeSource, pause, until};
use leptos::prelude::*;
use leptos_sse::{
    Rebuild, SseClosed, SseContext, SseOptions, SseStatus, provide_sse_with, store::ByKey, use_sse, use_sse_status,
};
use reactive_stores::Store;
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = r#"
const real = window.fetch;
let requests = [];

export function install_fetch() {
    requests = [];
    window.fetch = (url, init) => new Promise((resolve, reject) => {
        const { pathname, search } = new URL(url, document.baseURI);
        const request = { path: pathname, query: decodeURIComponent(search), init, is_aborted: false };
        request.resolve = resolve;
        request.reject = () => reject(new TypeError("network"));
        request.stream = new ReadableStream({ start: (controller) => (request.controller = controller) });
        init.signal.addEventListener("abort", () => {
            request.is_aborted = true;
            const reason = new DOMException("aborted", "AbortError");
            reject(reason);
            try { request.controller.error(reason) } catch {}
        });
        requests.push(request);
    });
}
export function uninstall_fetch() { window.fetch = real; }
export function requests_of(path) { return requests.filter((request) => request.path === path); }
export function answer(request, status, headers) {
    const body = status === 204 ? null : request.stream;
    request.resolve(new Response(body, { status, headers: JSON.parse(headers) }));
}
export function push(request, bytes) { request.controller.enqueue(bytes); }
export function end(request) { request.controller.close(); }
export function lose(request) { request.reject(); try { request.controller.error(new TypeError("network")) } catch {} }
export function asked(request, what) { return String(request[what] ?? request.init[what] ?? ""); }
export function header(request, name) { return request.init.headers.get(name) ?? ""; }
"#)]
extern "C" {
    fn install_fetch();
    fn uninstall_fetch();
    fn requests_of(path: &str) -> Vec<JsValue>;
    fn answer(request: &JsValue, status: u16, headers: &str);
    fn push(request: &JsValue, bytes: &[u8]);
    fn end(request: &JsValue);
    fn lose(request: &JsValue);
    fn asked(request: &JsValue, what: &str) -> String;
    fn header(request: &JsValue, name: &str) -> String;
}

const STREAM: &str = r#"{"content-type":"text/event-stream; charset=utf-8"}"#;

struct Fetched(JsValue);

impl Fetched {
    /// The request of that number, from 1, once it was sent.
    async fn number(path: &str, number: usize) -> Self {
        until(|| requests_of(path).len() >= number).await;
        Self(requests_of(path).swap_remove(number - 1))
    }

    fn is_aborted(&self) -> bool {
        asked(&self.0, "is_aborted") == "true"
    }

    async fn answer(&self, status: u16, headers: &str) {
        answer(&self.0, status, headers);
        pause(0).await;
    }

    async fn push(&self, text: &str) {
        push(&self.0, text.as_bytes());
        pause(0).await;
    }

    async fn greet(&self) {
        self.answer(200, STREAM).await;
        self.push("event: hello\ndata: {\"epoch\":\"e\"}\n\n").await;
    }

    async fn snapshot(&self, to: u32, value: u32) {
        let patch = format!(r#"[{{"op":"replace","path":"","value":{{"value":{value}}}}}]"#);
        self.push(&format!("data: {{\"name\":\"count\",\"to\":{to},\"patch\":{patch}}}\n\n")).await;
    }
}

fn quick() -> SseOptions {
    SseOptions::new().reconnect_base(Duration::from_millis(1))
}

fn follow(url: &'static str, options: SseOptions) -> impl IntoView {
    provide_sse_with(url, options).unwrap();
    let (count, status) = (use_sse::<Count>().named("count").signal(), use_sse_status());
    view! { {move || count.get().value} " " {move || status.get().to_string()} }
}

#[wasm_bindgen_test]
async fn headers_go_with_a_fetch_and_are_fresh_each_time() {
    fake::install();
    install_fetch();
    let tokens = Arc::new(Mutex::new(0));
    let options = quick().with_credentials(true).header("x-app", "lab").header("bad name", "x").headers(move || {
        let mut tokens = tokens.lock().unwrap();
        *tokens += 1;
        vec![("authorization".to_owned(), format!("Bearer {tokens}"))]
    });
    let page = mount(move || follow("/headers", options));
    let first = Fetched::number("/headers", 1).await;
    assert_eq!(asked(&first.0, "query"), "?s=count&ops=str");
    assert_eq!((asked(&first.0, "credentials"), asked(&first.0, "cache")), ("include".into(), "no-store".into()));
    let headers = ["x-app", "authorization", "accept"].map(|name| header(&first.0, name));
    assert_eq!(headers, ["lab", "Bearer 1", "text/event-stream"]);
    let errors = fake::console_errors();
    assert!(errors.len() == 1 && errors[0].contains("takes no header `bad name`"), "{errors:?}");

    first.greet().await;
    first.snapshot(1, 7).await;
    assert_eq!(page.text().await, "7 open");
    assert_eq!(FakeSource::count("/headers"), 0, "no EventSource is made");
    end(&first.0);
    let second = Fetched::number("/headers", 2).await;
    assert_eq!(header(&second.0, "authorization"), "Bearer 2");
    assert_eq!(asked(&second.0, "query"), "?epoch=e&s=count~1&ops=str");
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn an_answer_that_is_no_stream_is_told_and_asked_again() {
    fake::install();
    install_fetch();
    let page = mount(|| follow("/refused", quick().header("x", "y")));
    let cases = [(401, STREAM, 401), (200, r#"{"content-type":"text/html"}"#, 200), (503, "{}", 503)];
    for (number, (status, headers, shown)) in (1..).zip(cases) {
        let request = Fetched::number("/refused", number).await;
        request.answer(status, headers).await;
        assert!(page.text().await.contains(&format!("refused with {shown}")), "{}", page.text().await);
    }
    lose(&Fetched::number("/refused", 4).await.0);
    let stream = Fetched::number("/refused", 5).await;
    assert!(page.text().await.contains("reconnecting, attempt 4"), "{}", page.text().await);
    stream.greet().await;
    assert_eq!(page.text().await, "0 open");
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn a_server_that_says_when_to_come_again_is_believed() {
    fake::install();
    install_fetch();
    let page = mount(|| follow("/later", quick().header("x", "y")));
    Fetched::number("/later", 1).await.answer(503, r#"{"retry-after":"7"}"#).await;
    assert!(page.text().await.starts_with("0 refused with 503, next attempt in 7."), "{}", page.text().await);
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn a_204_ends_it_and_the_app_may_ask_again() {
    fake::install();
    install_fetch();
    let context = StoredValue::new(None);
    let news = Arc::new(Mutex::new(Vec::new()));
    let told = news.clone();
    let page = mount(move || {
        let options = quick().header("x", "y").on_close(move |why| told.lock().unwrap().push(why));
        let view = follow("/ended", options);
        context.set_value(use_context::<SseContext>());
        view
    });
    Fetched::number("/ended", 1).await.answer(204, "{}").await;
    assert!(page.text().await.contains("closed: "), "{}", page.text().await);
    assert_eq!(*news.lock().unwrap(), [SseClosed::NoContent]);
    context.get_value().unwrap().reconnect();
    Fetched::number("/ended", 2).await.greet().await;
    assert_eq!(page.text().await, "0 open");
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn a_stream_that_nobody_uses_is_aborted_and_tells_nothing_any_more() {
    fake::install();
    install_fetch();
    let shown = RwSignal::new(true);
    let opened = Arc::new(Mutex::new(0));
    let count = opened.clone();
    let page = mount(move || {
        let options = quick().header("x", "y").linger(Duration::from_millis(20));
        provide_sse_with("/left", options.on_open(move || *count.lock().unwrap() += 1)).unwrap();
        let status = use_sse_status();
        let inner = || {
            let count = use_sse::<Count>().named("count").signal();
            view! { {move || count.get().value} }
        };
        view! { <Show when=move || shown.get()>{inner}</Show> {move || status.get().to_string()} }
    });
    let first = Fetched::number("/left", 1).await;
    first.greet().await;
    shown.set(false);
    until(|| first.is_aborted()).await;
    assert_eq!(page.text().await, SseStatus::Closed(SseClosed::Unused).to_string());
    shown.set(true);
    let second = Fetched::number("/left", 2).await;
    shown.set(false);
    until(|| second.is_aborted()).await;
    assert_eq!(page.text().await, SseStatus::Closed(SseClosed::Unused).to_string(), "it was aborted before its answer");
    assert_eq!(*opened.lock().unwrap(), 1);
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn many_keys_go_by_post_and_few_by_an_event_source() {
    fake::install();
    install_fetch();
    let many = RwSignal::new(false);
    let _page = mount(move || {
        provide_sse_with("/post", quick().post(true)).unwrap();
        let _few = use_sse::<Count>().named("count").signal();
        let inner = || {
            for number in 0..100 {
                let _ = use_sse::<Count>().named(format!("{number:0100}")).signal();
            }
        };
        view! { <Show when=move || many.get()>{inner}</Show> }
    });
    FakeSource::last("/post").await.greet("e");
    assert_eq!(requests_of("/post").len(), 0);
    many.set(true);
    let beside = Fetched::number("/post", 1).await;
    assert_eq!((asked(&beside.0, "method"), asked(&beside.0, "query")), ("POST".into(), String::new()));
    assert_eq!(header(&beside.0, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(asked(&beside.0, "body").split('&').filter(|pair| pair.starts_with("s=")).count(), 101);
    beside.greet().await;
    assert!(FakeSource::first("/post").is_closed(), "the one with all keys takes its place");
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn the_hooks_of_each_provider_are_called_while_it_lives() {
    fake::install();
    let shown = RwSignal::new(true);
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = |name: &'static str| {
        let told = told.clone();
        move || told.lock().unwrap().push(name)
    };
    let (outer, inner) = (hook("outer"), hook("inner"));
    let _page = mount(move || {
        provide_sse_with("/hooks", quick().on_open(outer)).unwrap();
        let _count = use_sse::<Count>().named("count").signal();
        let inside = move || provide_sse_with("/hooks", quick().on_open(inner.clone())).unwrap();
        view! { <Show when=move || shown.get()>{inside.clone()}</Show> }
    });
    let first = FakeSource::last("/hooks").await;
    first.open();
    assert_eq!(*told.lock().unwrap(), ["outer", "inner"]);
    shown.set(false);
    leptos::task::tick().await;
    first.fail(true);
    fake::page_event("pageshow", true);
    FakeSource::last("/hooks").await.open();
    assert_eq!(*told.lock().unwrap(), ["outer", "inner", "outer"], "the inner component has gone");
}

#[wasm_bindgen_test]
async fn a_base_url_is_what_relative_ones_start_from() {
    fake::install();
    let options = |base: &str| SseOptions::new().base_url(base);
    let _page = mount(move || {
        provide_sse_with("sse", options("http://localhost:1/api/v1/")).unwrap();
        let _ = use_sse::<Count>().named("count").signal();
        assert!(provide_sse_with("sse", options("/api")).unwrap_err().is_invalid_url());
    });
    FakeSource::last("/api/v1/sse").await;
}

/// As when a user logs out and another one logs in, on a page that still has something of the first.
#[wasm_bindgen_test]
async fn providers_with_different_headers_share_no_connection() {
    fake::install();
    install_fetch();
    let page = mount(|| {
        let of = |user: &'static str| move || follow("/user", quick().header("authorization", user));
        view! { {of("ada")} " " {of("ada")} " " {of("grace")} }
    });
    let (ada, grace) = (Fetched::number("/user", 1).await, Fetched::number("/user", 2).await);
    assert_eq!([&ada, &grace].map(|user| header(&user.0, "authorization")), ["ada", "grace"]);
    ada.greet().await;
    ada.snapshot(1, 7).await;
    assert_eq!(page.text().await, "7 open 7 open 0 connecting");
    grace.greet().await;
    grace.snapshot(1, 8).await;
    assert_eq!(page.text().await, "7 open 7 open 8 open");
    assert_eq!(requests_of("/user").len(), 2);
    uninstall_fetch();
}

#[wasm_bindgen_test]
async fn tabs_with_different_headers_share_no_stream() {
    fake::install();
    install_fetch();
    let page = mount(|| {
        let of =
            |user: &'static str| move || follow("/shared-user", quick().header("authorization", user).share_tabs(true));
        view! { {of("ada")} " " {of("grace")} }
    });
    // Two providers of one page are to each other what two tabs are.
    let requests = [Fetched::number("/shared-user", 1).await, Fetched::number("/shared-user", 2).await];
    let mut users = requests.each_ref().map(|request| header(&request.0, "authorization"));
    users.sort_unstable();
    assert_eq!(users, ["ada", "grace"]);
    for (request, value) in requests.iter().zip([7, 8]) {
        request.greet().await;
        request.snapshot(1, value).await;
    }
    assert!(["7 open 8 open", "8 open 7 open"].contains(&&*page.text().await), "{}", page.text().await);
    uninstall_fetch();
}

/// Its body has no end, so that it would hold one of the few connections that a browser opens to one server.
#[wasm_bindgen_test]
async fn a_probe_that_finds_a_stream_leaves_it_to_the_event_source() {
    fake::install();
    install_fetch();
    let page = mount(|| follow("/probed", quick()));
    let first = FakeSource::last("/probed").await;
    first.fail(true);
    let probe = Fetched::number("/probed", 1).await;
    assert!(first.is_closed());
    probe.answer(200, STREAM).await;
    until(|| probe.is_aborted()).await;
    FakeSource::last("/probed").await.greet("e");
    assert_eq!(page.text().await, "0 open");
    assert_eq!((requests_of("/probed").len(), FakeSource::count("/probed")), (1, 2));
    uninstall_fetch();
}

/// It is none of the browser's, and is there because a `fetch` would not reach the server.
#[wasm_bindgen_test]
async fn an_event_source_that_tells_the_status_needs_no_probe() {
    fake::install();
    install_fetch();
    let page = mount(|| follow("/told", quick()));
    FakeSource::last("/told").await.refuse(503);
    FakeSource::last("/told").await.refuse(502);
    let third = FakeSource::last("/told").await;
    assert_eq!(FakeSource::count("/told"), 3);
    assert!(page.text().await.starts_with("0 refused"), "{}", page.text().await);
    third.greet("e");
    assert_eq!(page.text().await, "0 open");
    third.refuse(204);
    assert_eq!(page.text().await, format!("0 {}", SseStatus::Closed(SseClosed::NoContent)));
    assert_eq!(requests_of("/told").len(), 0);
    uninstall_fetch();
}

/// The end of the old stream comes when the new one is on its way.
#[wasm_bindgen_test]
async fn a_stream_that_was_replaced_does_not_tell_of_its_end() {
    fake::install();
    install_fetch();
    let context = StoredValue::new(None);
    let page = mount(move || {
        let view = follow("/replaced", quick().header("x", "y"));
        context.set_value(use_context::<SseContext>());
        view
    });
    let first = Fetched::number("/replaced", 1).await;
    first.greet().await;
    context.get_value().unwrap().reconnect();
    let second = Fetched::number("/replaced", 2).await;
    assert!(first.is_aborted());
    pause(300).await;
    assert_eq!((requests_of("/replaced").len(), second.is_aborted()), (2, false));
    second.greet().await;
    assert_eq!(page.text().await, "0 open");
    uninstall_fetch();
}

#[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
struct Market {
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
}

#[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
struct Row {
    id: u64,
    price: u32,
}

#[wasm_bindgen_test]
async fn a_row_that_changes_and_goes_in_one_part_of_a_body_is_not_read_when_it_is_gone() {
    fake::install();
    install_fetch();
    let page = mount(|| {
        provide_sse_with("/part", quick().header("x", "y")).unwrap();
        let market = use_sse::<Market>().named("market").store();
        let each = move || market.rows().by_key();
        view! { <For each key=|row| row.key() let:row>{move || row.price().get()} "-"</For> }
    });
    let stream = Fetched::number("/part", 1).await;
    stream.greet().await;
    let rows = r#"{"rows":[{"id":1,"price":10},{"id":2,"price":20}]}"#;
    stream.push(&format!("data: {{\"name\":\"market\",\"to\":1,\"patch\":[{{\"op\":\"replace\",\"path\":\"\",\"value\":{rows}}}]}}\n\n")).await;
    assert_eq!(page.text().await, "10-20-");
    let changes = r#"{"op":"replace","path":"/rows/0/price","value":11}"#;
    let goes = r#"{"op":"remove","path":"/rows/0"}"#;
    let events = [(1, changes), (2, goes)].map(|(seq, operation)| {
        format!("data: {{\"name\":\"market\",\"from\":{seq},\"to\":{},\"patch\":[{operation}]}}\n\n", seq + 1)
    });
    stream.push(&events.concat()).await;
    assert_eq!(page.text().await, "20-");
    uninstall_fetch();
}
