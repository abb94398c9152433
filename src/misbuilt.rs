//! A page that was built with the server's side alone: nothing connects, and the console says so.

use crate::stub;
#[cfg(feature = "testing")]
pub(crate) use crate::stub::log_warning;
pub(crate) use crate::stub::{Ways, event_source, is_hydrating, log_error, renders};
use leptos_sse_client::{Connection, Options};
use leptos_sse_core::Error;
use std::sync::Arc;

pub(crate) fn page_connection(url: String, options: &Options, ways: Ways) -> Result<Arc<Connection>, Error> {
    // A server at the edge is wasm, too, but has no window.
    if web_sys::window().is_some() {
        web_sys::console::error_1(
            &"leptos_sse: this page was built without the feature `hydrate` or `csr` of leptos_sse, so that nothing connects: \
              add `leptos_sse/hydrate` to the feature `hydrate` of your package"
                .into(),
        );
    }
    stub::page_connection(url, options, ways)
}
