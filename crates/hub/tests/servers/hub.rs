//! What a client of the hub gets.

use super::{
    client::{Event, Events, answer, get, request, until},
    server::{Setup, both},
};
use leptos_sse::{Key, SseHubOptions};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_client_gets_a_hello_a_snapshot_and_each_update() {
    for server in both(&Setup::default()) {
        let epoch = server.hub.cursor().epoch;
        let count = server.hub.signal_for(Key::named("count"), 7);
        let mut events = Events::connect(get(server.url("/sse?s=count"))).await;
        let headers = events.response().headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-cache, no-transform");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert!(headers.get("content-length").is_none(), "{headers:?}");

        let hello = events.next().await;
        assert_eq!((hello.name.as_str(), hello.id), ("hello", None));
        assert_eq!((&hello.data["epoch"], &hello.data["heartbeat"]), (&json!(epoch), &json!(15_000)));
        let update = |from: Option<u64>, to: u64, value: i32| Event {
            name: "message".to_owned(),
            id: Some(format!("{epoch}.{to}")),
            data: {
                let mut data = json!({"name": "count", "to": to});
                from.into_iter().for_each(|from| data["from"] = json!(from));
                data["patch"] = json!([{"op": "replace", "path": "", "value": value}]);
                data
            },
        };
        assert_eq!(events.next().await, update(None, 1, 7));
        for value in 8..11 {
            count.set(value);
            let to = server.hub.cursor().seq;
            assert_eq!(events.next().await, update(Some(to - 1), to, value));
        }
        drop(events);
        until("that the client is seen to have left", || server.hub.stats().connections == 0).await;
    }
}

#[tokio::test]
async fn a_client_gets_string_edits_when_it_asks_for_them() {
    for server in both(&Setup::default()) {
        let text = server.hub.signal_for(Key::named("text"), "-".repeat(100));
        let mut extended = Events::open(get(server.url("/sse?s=text&ops=str"))).await;
        let mut plain = Events::open(get(server.url("/sse?s=text"))).await;
        extended.next().await;
        plain.next().await;
        text.update(|text| text.push('!'));
        let inserted = json!([{"op": "str_ins", "path": "", "pos": 100, "str": "!"}]);
        assert_eq!(extended.next().await.data["patch"], inserted);
        let replaced = json!([{"op": "replace", "path": "", "value": text.get()}]);
        assert_eq!(plain.next().await.data["patch"], replaced);
    }
}

/// actix-web as it comes sees it when it writes, at the latest the second heartbeat.
#[tokio::test]
async fn a_client_that_left_is_seen_by_the_heartbeats() {
    let hub = SseHubOptions::new().heartbeat(Duration::from_millis(50));
    for server in both(&Setup { hub, half_closed: true, ..Setup::default() }) {
        drop(Events::open(get(server.url("/sse?s=count"))).await);
        until("that the client is seen to have left", || server.hub.stats().connections == 0).await;
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_it_missed_by_the_query_and_by_last_event_id() {
    for server in both(&Setup::default()) {
        let epoch = server.hub.cursor().epoch;
        let count = server.hub.signal_for(Key::named("count"), 0);
        (1..=4).for_each(|value| drop(count.set(value)));
        let by_query = get(server.url(&format!("/sse?epoch={epoch}&s=count~3")));
        let by_header = get(server.url("/sse?s=count")).header("last-event-id", format!("{epoch}.3"));
        // The larger counts.
        let by_both =
            get(server.url(&format!("/sse?epoch={epoch}&s=count~1"))).header("last-event-id", format!("{epoch}.3"));
        for request in [by_query, by_header, by_both] {
            let mut events = Events::open(request).await;
            for to in [4, 5] {
                let update = events.next().await;
                assert_eq!((&update.data["from"], &update.data["to"]), (&json!(to - 1), &json!(to)));
            }
        }
        assert_eq!(server.hub.stats().resumes, 3);
        // One that comes from elsewhere, or is none, counts for nothing.
        for id in ["f00d.3".as_bytes(), b"count", b"", b"\xff"] {
            let mut events = Events::open(get(server.url("/sse?s=count")).header("last-event-id", id)).await;
            assert_eq!(events.snapshot().await, 4);
        }
    }
}

#[tokio::test]
async fn feeds_and_signals_share_a_stream() {
    for server in both(&Setup::default()) {
        server.hub.signal_for(Key::named("count"), 7);
        let log = server.hub.feed_for::<&str>(Key::named("log"));
        log.push("one");
        let mut events = Events::open(get(server.url("/sse?s=count&s=log&s=later"))).await;
        assert_eq!(events.snapshot().await, 7);
        assert!(events.next().await.data.get("item").is_none());
        assert_eq!(events.next().await.data["item"], "one");
        log.push("two");
        let two = events.next().await;
        assert_eq!((two.name.as_str(), &two.data["item"]), ("feed", &json!("two")));
        server.hub.signal_for(Key::named("later"), 8);
        assert_eq!(events.snapshot().await, 8);
        server.hub.remove_for::<()>(log.key()).now().unwrap();
        assert_eq!(events.next().await.name, "removed");
    }
}

#[tokio::test]
async fn a_quiet_stream_has_heartbeats() {
    let hub = SseHubOptions::new().heartbeat(Duration::from_millis(20));
    for server in both(&Setup { hub, ..Setup::default() }) {
        let mut events = Events::open(get(server.url("/sse?s=count"))).await;
        for _ in 0..2 {
            let heartbeat = events.next().await;
            assert_eq!((heartbeat.name.as_str(), heartbeat.id), ("hb", None));
            assert_eq!(heartbeat.data, json!(server.hub.cursor().to_string()));
        }
    }
}

/// As a route of each framework has it: axum answers HEAD where there is a GET, and a method that there is none for with 405.
#[tokio::test]
async fn other_methods_are_answered_as_the_framework_has_it() {
    for server in both(&Setup::default()) {
        let (status, headers, text) = answer(request(Method::HEAD, server.url("/sse?s=count"))).await;
        let other = if server.framework == "axum" {
            assert_eq!((status.as_u16(), headers["content-type"].to_str().unwrap()), (200, "text/event-stream"));
            405
        } else {
            assert_eq!(status, 404);
            404
        };
        assert_eq!(text, "");
        for (method, path) in [(Method::POST, "/until"), (Method::PUT, "/sse"), (Method::DELETE, "/sse")] {
            let (status, ..) = answer(request(method, server.url(&format!("{path}?s=count")))).await;
            assert_eq!(status, other);
        }
        until("that nobody is connected", || server.hub.stats().connections == 0).await;
    }
}
