//! The same stream behind axum's and actix-web's own servers, over real sockets.

use futures::{Stream, stream};
use leptos_sse::{BoxError, ServerSentEvents};
use serde::Serialize;
use std::{net::SocketAddr, time::Duration};
use tokio_stream::StreamExt;

#[derive(Serialize)]
struct Count {
    value: i32,
}

fn counts() -> impl Stream<Item = Result<Count, BoxError>> + Send {
    let mut value = 0;
    stream::repeat_with(move || {
        value += 1;
        Ok(Count { value })
    })
    .throttle(Duration::from_millis(10))
}

mod with_axum {
    use super::*;
    use ::axum::{
        Router,
        response::{
            IntoResponse,
            sse::{Event, KeepAlive, Sse},
        },
        routing::get,
    };

    /// The lines of a user, to the letter.
    async fn handle_sse() -> Sse<impl Stream<Item = Result<Event, ::axum::BoxError>>> {
        let mut value = 0;
        let stream = ServerSentEvents::new(
            stream::repeat_with(move || {
                let curr = value;
                value += 1;
                Ok(Count { value: curr })
            })
            .throttle(Duration::from_secs(1)),
        )
        .unwrap();
        Sse::new(stream).keep_alive(KeepAlive::default())
    }

    async fn handle_respond() -> impl IntoResponse {
        leptos_sse::axum::respond(ServerSentEvents::new(counts()).unwrap())
    }

    async fn serve() -> SocketAddr {
        let app = Router::new().route("/sse", get(handle_sse)).route("/respond", get(handle_respond));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { ::axum::serve(listener, app).await });
        address
    }

    #[tokio::test]
    async fn the_users_lines_serve_the_wire() {
        let response = super::get(serve().await, "/sse").await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        super::check_wire(response, 0).await;
    }

    #[tokio::test]
    async fn a_response_of_ours_tells_proxies_to_keep_out() {
        let response = super::get(serve().await, "/respond").await;
        super::check_headers(&response);
        super::check_wire(response, 1).await;
    }
}

mod with_actix {
    use super::*;
    use actix_web::{App, HttpResponse, HttpServer, middleware, web};

    async fn handle_sse() -> HttpResponse {
        leptos_sse::actix::respond(ServerSentEvents::new(counts()).unwrap())
    }

    #[actix_web::test]
    async fn a_response_of_ours_is_not_held_back_by_compression() {
        let server = HttpServer::new(|| {
            App::new().wrap(middleware::Compress::default()).route("/sse", web::get().to(handle_sse))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let address = server.addrs()[0];
        actix_web::rt::spawn(server.run());
        let response = super::get(address, "/sse").await;
        super::check_headers(&response);
        super::check_wire(response, 1).await;
    }
}

/// A producer knows that its browser left, by the socket alone.
#[tokio::test]
async fn a_sender_learns_that_the_browser_left() {
    use ::axum::{Router, extract::State, routing::get};
    let (left, mut is_left) = tokio::sync::mpsc::channel(1);
    let handler = |State(left): State<tokio::sync::mpsc::Sender<()>>| async move {
        let (sender, events) = ServerSentEvents::channel(1).unwrap();
        tokio::spawn(async move {
            sender.send(1_u8).await.unwrap();
            sender.closed().await;
            left.send(()).await.unwrap();
        });
        leptos_sse::axum::respond(events)
    };
    let app = Router::new().route("/sse", get(handler)).with_state(left);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { ::axum::serve(listener, app).await });

    let mut body = self::get(address, "/sse").await.bytes_stream();
    StreamExt::next(&mut body).await.unwrap().unwrap();
    drop(body);
    tokio::time::timeout(Duration::from_secs(10), is_left.recv()).await.unwrap().unwrap();
}

async fn get(address: SocketAddr, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("http://{address}{path}"));
    request.header("accept-encoding", "gzip").send().await.unwrap()
}

fn check_headers(response: &reqwest::Response) {
    let headers = response.headers();
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert_eq!(headers["cache-control"], "no-cache, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert!(headers.get("content-encoding").is_none_or(|encoding| encoding == "identity"), "{headers:?}");
}

/// Reads the first three events, the snapshot's value being `first`.
async fn check_wire(response: reqwest::Response, first: i32) {
    let mut body = response.bytes_stream();
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        let chunk = StreamExt::next(&mut body).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let events: Vec<_> = text.split_terminator("\n\n").collect();
    assert!(events[0].starts_with("event: hello\nretry: "), "{text}");
    let name = std::any::type_name::<Count>();
    let snapshot = format!(r#"[{{"op":"replace","path":"","value":{{"value":{first}}}}}]"#);
    assert_eq!(events[1], format!(r#"data: {{"name":"{name}","to":1,"patch":{snapshot}}}"#));
    let patch = format!(r#"[{{"op":"replace","path":"/value","value":{}}}]"#, first + 1);
    assert_eq!(events[2], format!(r#"data: {{"name":"{name}","from":1,"to":2,"patch":{patch}}}"#));
}
