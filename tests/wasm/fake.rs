//! A stand-in for the browser's `EventSource` that the test drives, and what the page said to the console.
#![allow(dead_code)] // No test needs all of it.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = r#"
const real = globalThis.EventSource;
const console_error = console.error;
let sources = [];
let errors = [];

// What a page of the server has for its hydration.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

class FakeSource extends EventTarget {
    constructor(url, init) {
        super();
        const { pathname, search } = new URL(url, document.baseURI);
        this.url = pathname;
        this.query = decodeURIComponent(search);
        this.readyState = 0;
        sources.push(this);
    }
    close() { this.readyState = 2; }
}

export function install() {
    sources = [];
    errors = [];
    globalThis.__RESOLVED_RESOURCES.length = 0;
    globalThis.EventSource = FakeSource;
    console.error = (...words) => errors.push(words.join(" "));
}
export function resolve(resource) { globalThis.__RESOLVED_RESOURCES.push(resource); }
export function uninstall() { globalThis.EventSource = real; console.error = console_error; }
export function console_errors() { return errors; }
export function sources_of(url) { return sources.filter((source) => source.url === url); }
export function query(source) { return source.query; }
export function emit(source, name, data) {
    if (source.readyState !== 2) source.dispatchEvent(new MessageEvent(name, { data }));
}
export function open(source) { source.readyState = 1; source.dispatchEvent(new Event("open")); }
export function fail(source, gave_up) {
    source.readyState = gave_up ? 2 : 0;
    source.dispatchEvent(new Event("error"));
}
export function refuse(source, code) {
    source.readyState = 2;
    source.dispatchEvent(Object.assign(new Event("error"), { code }));
}
export function is_closed(source) { return source.readyState === 2; }
export function page_event(name, persisted) { window.dispatchEvent(new PageTransitionEvent(name, { persisted })); }
export function pause(millis) { return new Promise((resolve) => setTimeout(resolve, millis)); }
"#)]
extern "C" {
    pub fn install();
    pub fn uninstall();
    /// Adds a first value that the server shares with the page.
    pub fn resolve(resource: &str);
    #[wasm_bindgen(js_name = console_errors)]
    fn errors() -> Vec<String>;
    fn sources_of(url: &str) -> Vec<JsValue>;
    fn query(source: &JsValue) -> String;
    fn emit(source: &JsValue, name: &str, data: &str);
    fn open(source: &JsValue);
    fn fail(source: &JsValue, gave_up: bool);
    fn refuse(source: &JsValue, code: u16);
    fn is_closed(source: &JsValue) -> bool;
    pub fn page_event(name: &str, persisted: bool);
    #[wasm_bindgen(js_name = pause)]
    fn pause_promise(millis: u32) -> js_sys::Promise;
}

pub fn console_errors() -> Vec<String> {
    errors()
}

pub async fn pause(millis: u32) {
    JsFuture::from(pause_promise(millis)).await.unwrap();
}

/// Waits until something holds, or fails after five seconds.
pub async fn until(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        pause(10).await;
    }
    panic!("it did not come to hold");
}

/// The size of the module's memory, in bytes.
pub fn memory() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length()
}

pub struct FakeSource(JsValue);

impl FakeSource {
    pub fn count(url: &str) -> usize {
        sources_of(url).len()
    }

    pub fn first(url: &str) -> Self {
        Self(sources_of(url).remove(0))
    }

    /// The latest one, once it is there and not closed.
    pub async fn last(url: &str) -> Self {
        until(|| sources_of(url).last().is_some_and(|source| !is_closed(source))).await;
        Self(sources_of(url).pop().unwrap())
    }

    /// What it was asked, in plain text, without the string edits that are part of every query.
    pub fn query(&self) -> String {
        query(&self.0).strip_suffix("&ops=str").expect("we take string edits").to_owned()
    }

    pub fn open(&self) {
        open(&self.0);
    }

    /// As the browser tells that it reconnects, or that it gave up.
    pub fn fail(&self, gave_up: bool) {
        fail(&self.0, gave_up);
    }

    /// As one tells it that is none of the browser's, with the status.
    pub fn refuse(&self, code: u16) {
        refuse(&self.0, code);
    }

    pub fn is_closed(&self) -> bool {
        is_closed(&self.0)
    }

    pub fn emit(&self, name: &str, data: &str) {
        emit(&self.0, name, data);
    }

    /// Opens it with the hello of a hub.
    pub fn greet(&self, epoch: &str) {
        self.open();
        self.emit("hello", &format!(r#"{{"epoch":"{epoch}"}}"#));
    }

    pub fn snapshot(&self, name: &str, to: u32, value: &str) {
        let patch = format!(r#"[{{"op":"replace","path":"","value":{value}}}]"#);
        self.emit("message", &format!(r#"{{"name":"{name}","to":{to},"patch":{patch}}}"#));
    }

    pub fn change(&self, name: &str, from: u32, path: &str, value: &str) {
        let patch = format!(r#"[{{"op":"replace","path":"{path}","value":{value}}}]"#);
        self.emit("message", &format!(r#"{{"name":"{name}","from":{from},"to":{},"patch":{patch}}}"#, from + 1));
    }

    /// One event of a feed, or its start.
    pub fn feed(&self, name: &str, from: Option<u32>, to: u32, item: Option<&str>) {
        let from = from.map_or(String::new(), |from| format!(r#","from":{from}"#));
        let item = item.map_or(String::new(), |item| format!(r#","item":{item}"#));
        self.emit("feed", &format!(r#"{{"name":"{name}"{from},"to":{to}{item}}}"#));
    }
}
