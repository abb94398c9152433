//! The signals of a page, on a connection that the test feeds.

mod group;
mod in_place;
mod option;

use crate::{browser::page_connection, options::SseOptions};
use leptos_sse_client::Connection;
use leptos_sse_core::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// A connection whose transport does nothing: what comes, the test tells it.
fn connection() -> Arc<Connection> {
    let SseOptions { options, ways } = SseOptions::new();
    page_connection("/sse".to_owned(), &options, ways).unwrap()
}

fn key(name: &'static str) -> Key {
    Key::named(name).unwrap()
}

fn snapshot(connection: &Connection, name: &str, to: u64, value: &Value) {
    let patch = json!([{ "op": "replace", "path": "", "value": value }]);
    connection.receive("message", &json!({ "name": name, "to": to, "patch": patch }).to_string());
}

fn change(connection: &Connection, name: &str, from: u64, path: &str, value: &Value) {
    let patch = json!([{ "op": "replace", "path": path, "value": value }]);
    connection.receive("message", &json!({ "name": name, "from": from, "to": from + 1, "patch": patch }).to_string());
}
