//! Who may see what, in handlers of the user's own.

use super::{
    client::{Events, answer, as_user, get},
    server::{Setup, both},
};
use leptos_sse::{Key, ServerFeed, ServerSignal, SseHub};
use serde_json::json;

#[tokio::test]
async fn who_may_not_connect_gets_a_plain_status_before_any_byte_of_a_stream() {
    for server in both(&Setup::default()) {
        for path in ["/allow", "/allow-async"] {
            let url = server.url(&format!("{path}?s=open"));
            for (request, expected) in [(get(&url), 401), (as_user(get(&url), "mallory"), 403)] {
                let (status, headers, text) = answer(request).await;
                assert_eq!(status, expected);
                let content_type = headers.get("content-type").map(|value| value.to_str().unwrap());
                assert_ne!(content_type, Some("text/event-stream"));
                assert!(!text.contains("event:"), "{text}");
            }
        }
        assert_eq!(server.hub.stats().connections, 0);
    }
}

#[tokio::test]
async fn a_forbidden_key_is_refused_in_band_and_the_others_go_on() {
    for server in both(&Setup::default()) {
        let open = server.hub.signal_for(Key::named("open"), 1);
        let inboxes = ["ada", "bob"].map(|user| server.hub.signal_for(Key::named(format!("Inbox:{user}")), 0));
        for (number, path) in ["/allow", "/allow-async", "/allow-async-block"].into_iter().enumerate() {
            let url = server.url(&format!("{path}?s=Inbox:bob&s=open&s=Inbox:ada"));
            let mut events = Events::open(as_user(get(url), "ada")).await;
            let refused = events.next().await;
            assert_eq!(refused.name, "refused");
            assert_eq!(refused.data, json!({"name": "Inbox:bob", "reason": "forbidden"}));
            for _ in 0..2 {
                events.snapshot().await;
            }
            // Of all that is written now, only what ada may see comes.
            inboxes[1].update(|letters| *letters += 1);
            open.update(|value| *value += 1);
            let update = events.next().await;
            assert_eq!(update.data["name"], "open");
            inboxes[1].update(|letters| *letters += 1);
            inboxes[0].update(|letters| *letters += 1);
            let update = events.next().await;
            assert_eq!(update.data["name"], "Inbox:ada");
            assert_eq!(update.data["patch"][0]["value"], number + 1);
        }
        assert_eq!(server.hub.stats().refused, 3);
    }
}

#[tokio::test]
async fn a_stream_with_an_end_says_bye_at_it() {
    for server in both(&Setup::default()) {
        let mut events = Events::open(get(server.url("/until?s=count"))).await;
        let bye = events.next().await;
        assert_eq!((bye.name.as_str(), &bye.data["reason"]), ("bye", &json!("expired")));
        events.ends().await;
    }
}

#[tokio::test]
async fn a_user_who_logs_out_is_told_on_all_their_streams_and_nobody_else() {
    for server in both(&Setup::default()) {
        let open = server.hub.signal_for(Key::named("open"), 1);
        let mut streams = Vec::new();
        for user in ["ada", "ada", "bob"] {
            let mut events = Events::open(as_user(get(server.url("/allow?s=open")), user)).await;
            events.snapshot().await;
            streams.push(events);
        }
        assert_eq!(server.hub.close_user("ada"), 2);
        let mut bob = streams.pop().unwrap();
        for mut ada in streams {
            let bye = ada.next().await;
            assert_eq!((bye.name.as_str(), &bye.data["reason"]), ("bye", &json!("logout")));
            ada.ends().await;
        }
        open.set(2);
        assert_eq!(bob.next().await.data["patch"][0]["value"], 2);
        assert_eq!(server.hub.close_user("ada"), 0);
    }
}

/// As a context of Leptos, a state of axum, and what a background task takes along must be.
#[test]
fn handles_can_be_kept_anywhere() {
    fn anywhere<T: Clone + Send + Sync + 'static>() {}
    anywhere::<SseHub>();
    anywhere::<ServerSignal<String>>();
    anywhere::<ServerFeed<std::cell::Cell<u8>>>();
}
