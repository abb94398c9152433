//! The hub, as its handlers and its clients see it, without sockets.

mod access;
mod bounds;
mod engine;
mod follow;
mod quiet;
mod resume;

mod texts;
mod threads;
mod turns;
mod values;
mod writes;

use crate::sse;
use futures::{FutureExt, StreamExt};
use leptos_sse::{Key, SseHub, SseHubOptions, SseRequest, SseSubscription};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Clone, Default, Debug, PartialEq, Serialize)]
struct Count {
    value: i32,
}

/// One client, who reads when it is told to.
struct Client {
    subscription: SseSubscription,
    parser: sse::Parser,
}

impl Client {
    fn of(hub: &SseHub, query: &str) -> Self {
        Self::back(hub, query, None)
    }

    /// A browser that reconnects by itself.
    fn back(hub: &SseHub, query: &str, last_event_id: Option<&str>) -> Self {
        Self::with(hub, SseRequest::parse(query, last_event_id).unwrap())
    }

    fn with(hub: &SseHub, request: SseRequest) -> Self {
        Self { subscription: hub.subscribe(request).unwrap(), parser: sse::Parser::default() }
    }

    /// The text of the next chunk; empty when there is none now.
    fn chunk(&mut self) -> String {
        match self.subscription.next().now_or_never() {
            Some(Some(Ok(bytes))) => String::from_utf8(bytes.to_vec()).unwrap(),
            Some(None) => "ended".to_owned(),
            None => String::new(),
        }
    }

    /// All events that there are now, as their names and their data.
    fn events(&mut self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        while let Some(Some(Ok(bytes))) = self.subscription.next().now_or_never() {
            events.extend(self.parser.push(&bytes));
        }
        let data = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        events.into_iter().map(|event| (event.name, data(&event.data))).collect()
    }

    /// The same without the hello.
    fn news(&mut self) -> Vec<(String, Value)> {
        self.events().into_iter().filter(|(name, _)| name != "hello").collect()
    }
}

/// A hub without heartbeats, which would wake one who was forgotten.
fn silent() -> SseHub {
    SseHub::with_options(SseHubOptions::new().heartbeat(Duration::ZERO))
}

fn snapshot(name: &str, to: u64, value: Value) -> (String, Value) {
    let patch = json!([{ "op": "replace", "path": "", "value": value }]);
    (String::new(), json!({ "name": name, "to": to, "patch": patch }))
}

fn told(event: &str, data: Value) -> (String, Value) {
    (event.to_owned(), data)
}
