//! The first values that the server wrote into the page.

use super::{first::First, progress::Hydration};
use js_sys::{Array, JsString, Reflect};
use leptos_sse_client::keyed::Keyed;
use leptos_sse_core::Key;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;

thread_local! {
    static BROUGHT: RefCell<Keyed<Brought>> = RefCell::default();
}

struct Brought {
    first: First,
    /// Whether the server has sent another one since.
    is_past: bool,
}

/// Keeps the first value of a signal for the parts of this page that start with it.
pub(crate) fn remember(key: Key, first: First) {
    BROUGHT.with_borrow_mut(|all| {
        all.get_or_insert_with(&key, || Brought { first, is_past: false });
    });
}

/// The first value of a signal, which is what the server rendered, if the page has brought one.
pub(crate) fn recall(key: &Key) -> Option<First> {
    BROUGHT.with_borrow(|all| all.get(key).map(|brought| brought.first.clone()))
}

/// The same, unless the server has sent another one since.
pub(crate) fn recall_current(key: &Key) -> Option<First> {
    BROUGHT.with_borrow(|all| all.get(key).filter(|brought| !brought.is_past).map(|brought| brought.first.clone()))
}

/// The server has sent another value: the one that came with the page is of the past.
pub(crate) fn changed(key: &Key, hydration: &Hydration) {
    BROUGHT.with_borrow_mut(|all| {
        if hydration.is_over() {
            all.remove(key);
        } else if let Some(brought) = all.get_mut(key) {
            // A part of the page that is hydrated later must find what the server rendered.
            brought.is_past = true;
        }
    });
}

/// What Leptos carries in this page and begins so, wherever it stands: nothing when it was looked up before, or when Leptos
/// keeps it elsewhere.
pub(crate) fn carried_texts(mark: &str) -> Vec<String> {
    thread_local! {
        static IS_READ: Cell<bool> = const { Cell::new(false) };
    }
    if IS_READ.replace(true) {
        return Vec::new();
    }
    let carried = Reflect::get(&js_sys::global(), &"__RESOLVED_RESOURCES".into()).unwrap_or_default();
    let Some(carried) = carried.dyn_ref::<Array>() else { return Vec::new() };
    let texts = carried.iter().filter_map(|text| text.dyn_into::<JsString>().ok());
    texts.filter(|text| text.starts_with(mark, 0)).map(String::from).collect()
}
