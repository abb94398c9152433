//! The connection of a test, which is kept by whoever provides one below it.

use leptos::prelude::use_context;
use leptos_sse_client::connection::Connection;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct TestConnection(pub(crate) Arc<Connection>);

pub(super) fn test_connection() -> Option<Arc<Connection>> {
    use_context::<TestConnection>().map(|TestConnection(connection)| connection)
}
