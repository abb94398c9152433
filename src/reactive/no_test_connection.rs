//! Without tests of components there is no connection of one.

use leptos_sse_client::connection::Connection;
use std::sync::Arc;

pub(super) fn test_connection() -> Option<Arc<Connection>> {
    None
}
