//! Without the server's side nothing is written into a page.

use crate::hydration::first::First;
use leptos_sse_core::protocol::Key;

pub(super) fn page_text(_: &[(Key, First)]) -> String {
    String::new()
}
