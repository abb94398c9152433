//! HTTP/2 from axum itself, without a proxy.

use super::client::Events;
use axum::{Router, routing::get, serve::ListenerExt};
use leptos_sse::{Key, SseHub};
use reqwest::Version;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

#[tokio::test]
async fn streams_share_one_connection() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0);
    let app = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub.clone());
    let connections = Arc::new(AtomicUsize::new(0));
    let accepted = connections.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sse?s=count", listener.local_addr().unwrap());
    let listener = listener.tap_io(move |_| {
        accepted.fetch_add(1, Ordering::Relaxed);
    });
    tokio::spawn(async move { axum::serve(listener, app).await });

    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut streams = Vec::new();
    // More than the six that HTTP/1.1 has in a browser.
    for _ in 0..20 {
        let mut events = Events::open(client.get(&url)).await;
        assert_eq!(events.response().version(), Version::HTTP_2);
        assert_eq!(events.snapshot().await, 0);
        streams.push(events);
    }
    for value in 1..4 {
        count.set(value);
        for events in &mut streams {
            assert_eq!(events.next().await.data["patch"][0]["value"], value);
        }
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    // One of them goes without the others.
    streams.pop();
    super::client::until("that one has left", || hub.stats().connections == 19).await;
    hub.close();
    for events in &mut streams {
        assert_eq!(events.next().await.name, "bye");
        events.ends().await;
    }
}
