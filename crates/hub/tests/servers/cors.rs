//! A page of another origin, with its cookies.

use super::{
    client::{Events, answer, as_user, get, request, until},
    server::{ORIGIN, Setup, both},
};
use leptos_sse::{Key, SseHubOptions};
use reqwest::{Method, header::HeaderMap};

fn check_headers(headers: &HeaderMap) {
    // Never `*`: a browser takes no answer with that for a request with credentials.
    assert_eq!(headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(headers["access-control-allow-credentials"], "true");
    // A cache must not give it to a page of another origin.
    let vary: Vec<_> = headers.get_all("vary").iter().map(|vary| vary.to_str().unwrap().to_lowercase()).collect();
    assert!(vary.join(",").contains("origin"), "{headers:?}");
}

#[tokio::test]
async fn a_page_of_another_origin_reads_the_stream_and_its_refusals_with_credentials() {
    let setup = Setup { hub: SseHubOptions::new().max_connections(1), cors: true, ..Setup::default() };
    for server in both(&setup) {
        server.hub.signal_for(Key::named("open"), 7);
        let with_origin = |path: &str| get(server.url(path)).header("origin", ORIGIN);
        let mut events = Events::open(as_user(with_origin("/allow?s=open"), "ada")).await;
        check_headers(events.response().headers());
        assert_eq!(events.response().headers()["cache-control"], "no-cache, no-transform");
        assert_eq!(events.snapshot().await, 7);

        let refusals = [
            (with_origin("/allow?s=open"), 401),
            (as_user(with_origin("/allow?s=open"), "mallory"), 403),
            (with_origin("/sse?s="), 400),
            (with_origin("/sse?s=open"), 503),
        ];
        for (request, expected) in refusals {
            let (status, headers, _) = answer(request).await;
            assert_eq!(status, expected);
            check_headers(&headers);
        }
        drop(events);
        until("that one has left", || server.hub.stats().connections == 0).await;
    }
}

#[tokio::test]
async fn a_page_that_may_not_read_is_not_told_that_it_may() {
    for server in both(&Setup { cors: true, ..Setup::default() }) {
        let request = get(server.url("/sse?s=")).header("origin", "https://evil.example");
        let (_, headers, _) = answer(request).await;
        let origin = headers.get("access-control-allow-origin");
        assert!(origin.is_none_or(|origin| origin == ORIGIN), "{headers:?}");
    }
}

/// A browser asks first when a script adds a header; an `EventSource` never does.
#[tokio::test]
async fn a_browser_that_asks_first_is_answered() {
    for server in both(&Setup { cors: true, ..Setup::default() }) {
        let preflight = request(Method::OPTIONS, server.url("/sse"))
            .header("origin", ORIGIN)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "last-event-id");
        let (status, headers, _) = answer(preflight).await;
        assert!(status.is_success(), "{status}");
        check_headers(&headers);
        assert_eq!(headers["access-control-allow-methods"], "GET");
        assert_eq!(headers["access-control-allow-headers"], "last-event-id");
    }
}
