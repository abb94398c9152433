//! Whole connections that are refused, with a plain answer.

use super::{
    client::{Events, answer, get, in_time, until},
    server::{Setup, both},
};
use leptos_sse::SseHubOptions;
use std::net::{IpAddr, UdpSocket};

#[tokio::test]
async fn a_query_without_sense_is_answered_with_400_and_the_reason() {
    for server in both(&Setup::default()) {
        let cases = [
            ("s=", "`` is not a signal's key: "),
            ("s=%00", "is not a signal's key: "),
            ("s=a&epoch=a.b", "it was `a.b`"),
            ("s=a~99999999999999999999", "a seq could not be read"),
            ("s=%FF", "a query could not be read"),
        ];
        for (query, reason) in cases {
            let (status, headers, text) = answer(get(server.url(&format!("/sse?{query}")))).await;
            assert_eq!(status, 400, "{query}");
            assert!(headers["content-type"].to_str().unwrap().starts_with("text/plain"), "{headers:?}");
            assert!(text.starts_with("the query makes no sense: ") && text.contains(reason), "{text}");
            assert!(!headers.contains_key("retry-after"));
        }
        assert_eq!(server.hub.stats().connections, 0);
    }
}

#[tokio::test]
async fn a_query_that_is_too_long_is_answered_with_414() {
    let setup = Setup { hub: SseHubOptions::new().max_request_len(20), ..Setup::default() };
    for server in both(&setup) {
        let (status, headers, text) = answer(get(server.url("/sse?s=123456789012345678&"))).await;
        assert_eq!((status.as_u16(), text.as_str()), (414, "the query has 21 bytes, and 20 are taken"));
        assert!(!headers.contains_key("retry-after"));
        Events::open(get(server.url("/sse?s=123456789012345678"))).await;
    }
}

#[tokio::test]
async fn a_hub_that_is_full_answers_with_503_until_someone_leaves() {
    let setup = Setup { hub: SseHubOptions::new().max_connections(2), ..Setup::default() };
    for server in both(&setup) {
        let url = server.url("/sse?s=count");
        let first = Events::open(get(&url)).await;
        let _second = Events::open(get(&url)).await;
        let (status, headers, text) = answer(get(&url)).await;
        assert_eq!((status.as_u16(), headers["retry-after"].to_str().unwrap()), (503, "10"));
        assert_eq!(text, "the server has as many connections as it takes");
        assert_eq!(server.hub.stats().refused, 1);
        drop(first);
        until("that one has left", || server.hub.stats().connections == 1).await;
        Events::open(get(&url)).await;
    }
}

#[tokio::test]
async fn too_many_connections_of_one_address_are_answered_with_429() {
    let setup = Setup { hub: SseHubOptions::new().max_connections_per_address(1), ..Setup::default() };
    for server in both(&setup) {
        let from = |client: &str| get(server.url("/proxied?s=count")).header("x-real-ip", client);
        let first = Events::open(from("203.0.113.7")).await;
        // The same one, as a socket of both families has it.
        for same in ["203.0.113.7", "::ffff:203.0.113.7"] {
            let (status, headers, text) = answer(from(same)).await;
            assert_eq!((status.as_u16(), headers["retry-after"].to_str().unwrap()), (429, "10"));
            assert_eq!(text, "203.0.113.7 has as many connections as one address may have");
        }
        let _another = Events::open(from("203.0.113.8")).await;
        drop(first);
        until("that one has left", || server.hub.stats().connections == 1).await;
        let _again = Events::open(from("203.0.113.7")).await;
    }
}

#[tokio::test]
async fn the_peer_s_address_counts_unless_it_is_loopback() {
    let setup = Setup { hub: SseHubOptions::new().max_connections_per_address(1), ip: "0.0.0.0", ..Setup::default() };
    for server in both(&setup) {
        let _loopback = [Events::open(get(server.url("/sse"))).await, Events::open(get(server.url("/sse"))).await];
        let Some(own) = own_address() else {
            println!("this computer has no address of its own: not tested");
            continue;
        };
        let url = format!("http://{own}:{}/sse", server.address.port());
        let _first = Events::open(get(&url)).await;
        let (status, _, text) = answer(get(&url)).await;
        assert_eq!(status, 429);
        assert!(text.starts_with(&own.to_string()), "{text}");
    }
}

#[tokio::test]
async fn a_closed_hub_answers_with_503() {
    for server in both(&Setup::default()) {
        server.hub.close();
        let (status, headers, text) = answer(get(server.url("/sse?s=count"))).await;
        assert_eq!((status.as_u16(), headers["retry-after"].to_str().unwrap()), (503, "1"));
        assert_eq!(text, "the server is shutting down");
        in_time((server.stop)()).await;
    }
}

/// The address that this computer would send from; nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback())
}
