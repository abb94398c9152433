//! A page that was built with the server's side alone: nothing connects, and the console says so.

pub(crate) use crate::stub::{
    Ways, carried_texts, event_source, is_hydrating, log_error, log_warning, recall, recall_current, remember, renders,
};
use crate::{SseOptions, stub};
use leptos_sse_client::Connection;
use leptos_sse_core::Error;
use std::sync::Arc;

pub(crate) fn page_connection(url: String, options: &SseOptions) -> Result<Arc<Connection>, Error> {
    // A server at the edge is wasm, too, but has no window.
    if web_sys::window().is_some() {
        web_sys::console::error_1(
            &"leptos_sse: this page was built without the feature `hydrate` or `csr` of leptos_sse, so that nothing connects: \
              add `leptos_sse/hydrate` to the feature `hydrate` of your package"
                .into(),
        );
    }
    stub::page_connection(url, options)
}
