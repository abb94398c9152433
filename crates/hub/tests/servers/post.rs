//! More keys than a URL has room for.

use super::{
    client::{Events, answer, as_user, get, in_time, request, until},
    server::{Server, Setup, both},
};
use leptos_sse::{Key, SseHubOptions, SseRequest};
use reqwest::{Body, Method, RequestBuilder};
use tokio::io::AsyncWriteExt;

fn post(server: &Server, path: &str, body: impl Into<Body>) -> RequestBuilder {
    let form = "application/x-www-form-urlencoded";
    request(Method::POST, server.url(path)).header("content-type", form).body(body)
}

fn keys(number: usize) -> Vec<String> {
    (0..number).map(|key| format!("{key:0100}")).collect()
}

#[tokio::test]
async fn a_body_asks_for_what_a_query_would_and_more() {
    let keys = keys(1_000);
    for server in both(&Setup { hub: SseHubOptions::new().max_keys(1_024), ..Setup::default() }) {
        let signals: Vec<_> = keys.iter().map(|key| server.hub.signal_for(Key::named(key.clone()), 7)).collect();
        let query = keys.iter().map(|key| format!("s={key}")).collect::<Vec<_>>().join("&");
        let start = format!("/sse?{}", &query[..20_000]);
        assert_eq!(answer(get(server.url(&start))).await.0, 414, "as a query a part of it is too long");
        // A query of the app's own is no question of ours.
        let mut events = Events::open(post(&server, "/sse?room=1", query)).await;
        assert_eq!(events.response().headers()["content-type"], "text/event-stream");
        for _ in &keys {
            assert_eq!(events.snapshot().await, 7);
        }
        signals[999].set(8);
        assert_eq!(events.next().await.data["name"], keys[999]);

        let held = server.hub.cursor();
        let body = format!("epoch={}&s={}~{}", held.epoch, keys[999], held.seq);
        let mut events = Events::open(post(&server, "/sse", body)).await;
        signals[999].set(9);
        assert_eq!(events.next().await.data["from"], held.seq, "it goes on from what is held");
    }
}

#[tokio::test]
async fn a_handler_decides_over_a_body_as_over_a_query() {
    for server in both(&Setup::default()) {
        server.hub.signal_for(Key::named("open"), 7);
        server.hub.signal_for(Key::named("secret"), 8);
        let ask = || post(&server, "/allow", "s=secret&s=open");
        assert_eq!(answer(ask()).await.0, 401);
        let mut events = Events::open(as_user(ask(), "ada")).await;
        let mut seen = [events.next().await, events.next().await].map(|event| (event.name, event.data["name"].clone()));
        seen.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(seen, [("message".to_owned(), "open".into()), ("refused".to_owned(), "secret".into())]);
    }
}

#[tokio::test]
async fn a_body_without_sense_or_measure_is_refused() {
    for server in both(&Setup::default()) {
        for bad in ["s=", "s=%00", "epoch=a.b"] {
            let (status, _, text) = answer(post(&server, "/sse", bad)).await;
            assert_eq!(status, 400, "{bad}");
            assert!(text.starts_with("the query makes no sense: "), "{text}");
        }
        assert_eq!(answer(post(&server, "/sse", vec![0xFF])).await.0, 400);
        let long = "x".repeat(SseRequest::MAX_BODY_LEN);
        Events::open(post(&server, "/sse", long.clone())).await;
        let (status, _, text) = answer(post(&server, "/sse", long + "x")).await;
        assert_eq!((status.as_u16(), text.contains("262144 bytes")), (413, true), "{text}");
    }
}

/// The body may take as long as it likes: who logs out meanwhile is logged out.
#[tokio::test]
async fn a_logout_while_the_body_comes_in_is_not_missed() {
    for server in both(&Setup::default()) {
        let mut socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let head = "POST /allow HTTP/1.1\r\nhost: x\r\nx-user: ada\r\ncontent-length: 6\r\n\r\ns=op";
        socket.write_all(head.as_bytes()).await.unwrap();
        // Nothing tells that the handler waits for the body.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        server.hub.close_user("ada");
        socket.write_all(b"en").await.unwrap();
        let mut answer = Vec::new();
        let ended = async {
            while !String::from_utf8_lossy(&answer).contains("event: bye") {
                assert_ne!(tokio::io::AsyncReadExt::read_buf(&mut socket, &mut answer).await.unwrap(), 0, "{answer:?}");
            }
        };
        in_time(ended).await;
        until("the connection is counted no more", || server.hub.stats().connections == 0).await;
    }
}
