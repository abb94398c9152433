//! What needs to see the inside of a hub. All else is in `crates/hub/tests`.

mod claims;
mod documents;
mod engine;
mod lifetime;

mod model;
mod sse;

use super::{SseHub, SseHubOptions, SseRequest, SseSubscription};
use futures::{FutureExt, StreamExt};
use leptos_sse_core::Key;
use leptos_sse_core::protocol::event_name;
use sse::{Event, Parser};

/// One client, chunk by chunk.
struct Client {
    subscription: SseSubscription,
    parser: Parser,
}

impl Client {
    /// Its hello is read already.
    fn of(hub: &SseHub, query: &str) -> Self {
        Self::back(hub, query, None)
    }

    fn back(hub: &SseHub, query: &str, last_event_id: Option<&str>) -> Self {
        let subscription = hub.subscribe(SseRequest::parse(query, last_event_id).unwrap()).unwrap();
        let mut client = Self { subscription, parser: Parser::default() };
        assert_eq!(client.chunk()[0].name, event_name::HELLO);
        client
    }

    /// The events of the next chunk; none when there is nothing now.
    fn chunk(&mut self) -> Vec<Event> {
        match self.subscription.next().now_or_never() {
            Some(Some(Ok(bytes))) => self.parser.push(&bytes),
            Some(None) | None => Vec::new(),
        }
    }

    /// All that there is now.
    fn rest(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(Some(Ok(bytes))) = self.subscription.next().now_or_never() {
            events.extend(self.parser.push(&bytes));
        }
        events
    }
}
