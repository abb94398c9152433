//! Over real sockets, with axum.

use super::{
    LONG,
    restarts::{App, Read},
    until, until_status,
};
use crate::ports::ReservedPort;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::StreamExt;
use leptos_sse_hub::{Key, SseHub, SseHubOptions, SseRequest};
use leptos_sse_native::{SseClient, SseClientFeedItem};
use leptos_sse_native::{SseClientOptions, SseSignalStatus, SseStatus};
use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::{sleep, timeout},
};

/// A server that can be killed, and begun again at the same address.
struct Server {
    port: ReservedPort,
    runtime: Option<Runtime>,
}

impl Server {
    async fn of(hub: &SseHub) -> Self {
        Self::with(routes(hub)).await
    }

    async fn with(routes: Router) -> Self {
        let port = ReservedPort::new();
        let runtime = serve(port.address(), routes).await;
        Self { port, runtime: Some(runtime) }
    }

    fn address(&self) -> SocketAddr {
        self.port.address()
    }

    fn kill(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }

    async fn restart(&mut self, hub: &SseHub) {
        self.kill();
        self.runtime = Some(serve(self.address(), routes(hub)).await);
    }

    fn client(&self) -> SseClient {
        let options = SseClientOptions::new().reconnect_base(Duration::from_millis(100));
        let options = options.reconnect_max(Duration::from_millis(500)).base_url(format!("http://{}", self.address()));
        SseClient::connect("/sse", options).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn serve(address: SocketAddr, routes: Router) -> Runtime {
    let listener = timeout(LONG, async {
        loop {
            match TcpListener::bind(address) {
                Ok(listener) => return listener,
                // The one before is about to let it go.
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        }
    });
    let listener = listener.await.unwrap();
    listener.set_nonblocking(true).unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, routes).await.unwrap();
    });
    runtime
}

fn routes(hub: &SseHub) -> Router {
    Router::new().route("/sse", get(leptos_sse_hub::axum::sse).post(leptos_sse_hub::axum::sse)).with_state(hub.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_follow_a_server_through_its_death_and_its_next_life() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 1);
    let log = hub.feed_for::<String>(Key::named("log"));
    log.push("first".to_owned());
    let mut server = Server::of(&hub).await;
    let clients = [server.client(), server.client()];
    let counts = clients.each_ref().map(|client| client.signal_for::<i32>(Key::named("count")).unwrap());
    let mut feed = clients[0].feed_for::<String>(Key::named("log")).unwrap();
    for signal in &counts {
        until(signal, 1).await;
    }
    count.set(2);
    for signal in &counts {
        until(signal, 2).await;
    }
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Start)));
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Event(line)) if *line == "first"));

    server.kill();
    for (client, signal) in clients.iter().zip(&counts) {
        until_status(client, |status| matches!(status, SseStatus::Reconnecting { .. })).await;
        assert_eq!(signal.get().as_deref(), Some(&2), "the last good value is shown");
        assert_eq!(signal.status(), SseSignalStatus::Stale);
    }
    let next = SseHub::new();
    next.signal_for(Key::named("count"), 3);
    next.feed_for::<String>(Key::named("log")).push("second".to_owned());
    server.restart(&next).await;
    for (client, signal) in clients.iter().zip(&counts) {
        until(signal, 3).await;
        until_status(client, |status| status == SseStatus::Open).await;
    }
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Start)), "the feed of another hub starts anew");
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Event(line)) if *line == "second"));
    for client in clients {
        client.close().await;
    }
    timeout(LONG, async {
        while next.stats().connections > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("its sockets are closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_over_real_sockets_lose_no_event_of_a_feed() {
    let mut app = App::begin();
    let mut server = Server::of(&app.hub).await;
    let client = server.client();
    let read = Read::all_of(client.feed_for(Key::named("log")).unwrap());
    for cycle in 0..20 {
        for _ in 0..fastrand::u8(1..10) {
            app.push();
            sleep(Duration::from_millis(fastrand::u64(..10))).await;
        }
        if cycle % 3 == 0 {
            app.hub.close();
        }
        app.restart();
        server.restart(&app.hub).await;
        app.push();
        read.until(app.pushed).await;
    }
    assert_eq!(read.is_whole(app.pushed), 21);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_has_ended_is_told_and_a_new_one_is_asked_with_at_once() {
    async fn guarded(State(hub): State<SseHub>, headers: HeaderMap, request: SseRequest) -> Response {
        match headers.get("authorization").map(|value| value.as_bytes()) {
            Some(b"Bearer good") => hub.subscribe(request).into_response(),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        }
    }
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 1);
    let routes = Router::new().route("/sse", get(guarded)).with_state(hub);
    let server = Server::with(routes).await;
    let token = Arc::new(Mutex::new("bad"));
    let held = token.clone();
    let options = SseClientOptions::new()
        .reconnect_base(Duration::from_secs(3600))
        .reconnect_max(Duration::from_secs(3600))
        .headers(move || vec![("authorization".to_owned(), format!("Bearer {}", held.lock().unwrap()))]);
    let client = SseClient::connect(format!("http://{}/sse", server.address()), options).unwrap();
    let signal = client.signal_for::<i32>(Key::named("count")).unwrap();
    until_status(&client, |status| matches!(status, SseStatus::Refused { status: 401, next: Some(_) })).await;
    *token.lock().unwrap() = "good";
    client.reconnect();
    until(&signal, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_does_not_read_holds_its_socket_back_and_loses_nothing() {
    const EVENTS: usize = 100_000;
    let hub = SseHub::with_options(SseHubOptions::new().feed_len(EVENTS).feed_bytes(1 << 30));
    let log = hub.feed_for::<String>(Key::named("log"));
    let server = Server::of(&hub).await;
    let client = server.client();
    let mut feed = client.feed_for::<String>(Key::named("log")).unwrap();
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Start)));
    for number in 0..EVENTS {
        log.push(format!("{number} {}", "x".repeat(200)));
    }
    // Until nothing more is written: the buffers of the sockets are full.
    let sent = async {
        let mut before = 0;
        loop {
            sleep(Duration::from_millis(500)).await;
            let now = hub.stats().bytes;
            if now == before && now > 0 {
                return now;
            }
            before = now;
        }
    };
    let sent = timeout(LONG, sent).await.unwrap();
    assert!(sent < 15 << 20, "{sent} bytes were sent to one who does not read");
    for number in 0..EVENTS {
        match timeout(LONG, feed.next()).await {
            Ok(Some(SseClientFeedItem::Event(line))) => {
                assert!(line.starts_with(&format!("{number} ")), "{number}: {line}")
            }
            other => panic!("{other:?} at {number}"),
        }
    }
}
