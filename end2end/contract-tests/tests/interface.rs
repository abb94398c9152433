//! The service between a harness in miniature and its streams, over real sockets.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, post},
};
use futures::stream;
use serde_json::{Value, json};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    time::timeout,
};

/// How long anything may take. It is no measure of what it does take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A harness: it serves a stream and takes callbacks, and has a service to ask.
struct Harness {
    own: String,
    service: String,
    client: reqwest::Client,
    requests: mpsc::UnboundedReceiver<Asked>,
    messages: mpsc::UnboundedReceiver<(u64, Value)>,
    /// Messages that came before their turn.
    early: BTreeMap<u64, Value>,
    next: u64,
}

/// A request for the stream, and what is to be written to its answer.
struct Asked {
    method: String,
    headers: axum::http::HeaderMap,
    body: Bytes,
    stream: mpsc::UnboundedSender<&'static str>,
}

#[derive(Clone)]
struct Ends {
    requests: mpsc::UnboundedSender<Asked>,
    messages: mpsc::UnboundedSender<(u64, Value)>,
}

impl Harness {
    async fn new() -> Self {
        let (requests_sender, requests) = mpsc::unbounded_channel();
        let (messages_sender, messages) = mpsc::unbounded_channel();
        let ends = Ends { requests: requests_sender, messages: messages_sender };
        let router = Router::new()
            .route("/stream", any(serve_stream))
            .route("/callbacks/{number}", post(take_callback))
            .with_state(ends);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { contract_tests::serve(listener).await.unwrap() });
        Self { own, service, client: reqwest::Client::new(), requests, messages, early: BTreeMap::new(), next: 1 }
    }

    /// Asks for a client, with what it is to have beside its URLs, and gives its resource.
    async fn follow(&self, mut wanted: Value) -> String {
        wanted["streamUrl"] = json!(format!("{}/stream", self.own));
        wanted["callbackUrl"] = json!(format!("{}/callbacks", self.own));
        let response = self.client.post(&self.service).body(wanted.to_string()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn command(&self, client: &str, command: Value) -> u16 {
        self.client.post(client).body(command.to_string()).send().await.unwrap().status().as_u16()
    }

    async fn delete(&self, url: &str) -> u16 {
        self.client.delete(url).send().await.unwrap().status().as_u16()
    }

    /// The next request for the stream.
    async fn asked(&mut self) -> Asked {
        timeout(PATIENCE, self.requests.recv()).await.expect("a request comes").unwrap()
    }

    /// The next message, by its number.
    async fn message(&mut self) -> Value {
        loop {
            if let Some(message) = self.early.remove(&self.next) {
                self.next += 1;
                return message;
            }
            let (number, message) = timeout(PATIENCE, self.messages.recv()).await.expect("a message comes").unwrap();
            self.early.insert(number, message);
        }
    }
}

async fn serve_stream(State(ends): State<Ends>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let (stream, written) = mpsc::unbounded_channel::<&'static str>();
    let asked = Asked { method: parts.method.to_string(), headers: parts.headers, body, stream };
    let _ = ends.requests.send(asked);
    let written = Arc::new(Mutex::new(written));
    let body = stream::unfold(written, |written| async move {
        let text = written.lock().await.recv().await?;
        Some((Ok::<_, Infallible>(text), written))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(body)).into_response()
}

async fn take_callback(State(ends): State<Ends>, Path(number): Path<u64>, body: Bytes) -> StatusCode {
    let _ = ends.messages.send((number, serde_json::from_slice(&body).unwrap()));
    StatusCode::ACCEPTED
}

fn event(name: &str, data: &str, id: &str) -> Value {
    json!({ "kind": "event", "event": { "type": name, "data": data, "id": id } })
}

#[tokio::test]
async fn a_service_says_what_it_can_and_ends_when_it_is_asked_to() {
    let harness = Harness::new().await;
    let response = harness.client.get(&harness.service).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let status: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert!(status["capabilities"].as_array().unwrap().contains(&json!("event-type-listeners")));
    assert_eq!(harness.delete(&harness.service).await, 204);
    let is_gone = async {
        while harness.client.get(&harness.service).send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, is_gone).await.expect("it ends");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let harness = Harness::new().await;
    for body in ["", "{}", r#"{"streamUrl":1}"#, r#"{"streamUrl":"ftp://localhost","callbackUrl":"http://localhost"}"#]
    {
        let response = harness.client.post(&harness.service).body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
    }
    let nobody = format!("{}/streams/7", harness.service);
    assert_eq!(harness.command(&nobody, json!({ "command": "restart" })).await, 404);
    assert_eq!(harness.command(&nobody, json!({ "command": "sing" })).await, 400);
    assert_eq!(harness.delete(&nobody).await, 404);
}

#[tokio::test]
async fn events_are_told_in_their_order_those_with_a_name_when_they_are_listened_for() {
    let mut harness = Harness::new().await;
    let client = harness.follow(json!({ "tag": "a test", "initialDelayMs": null })).await;
    let asked = harness.asked().await;
    assert_eq!((asked.method.as_str(), asked.body.len()), ("GET", 0));
    assert_eq!(asked.headers["accept"], "text/event-stream");
    assert_eq!(asked.headers["cache-control"], "no-cache");
    assert!(!asked.headers.contains_key("last-event-id"));
    asked.stream.send("data: one\n\nevent: greeting\ndata: unheard\n\nda").unwrap();
    assert_eq!(harness.message().await, event("message", "one", ""));
    let listen = json!({ "command": "listen", "listen": { "type": "greeting" } });
    assert_eq!(harness.command(&client, listen).await, 202);
    asked.stream.send("ta: two\nid: 2\n\nevent: greeting\ndata: three\ndata\n\n").unwrap();
    assert_eq!(harness.message().await, event("message", "two", "2"));
    assert_eq!(harness.message().await, event("greeting", "three\n", "2"));
    assert_eq!(harness.delete(&client).await, 204);
    timeout(PATIENCE, asked.stream.closed()).await.expect("its connection ends");
    assert_eq!(harness.delete(&client).await, 404);
}

#[tokio::test]
async fn a_lost_stream_is_an_error_and_a_reconnect_says_what_was_read() {
    let mut harness = Harness::new().await;
    let wanted = json!({
        "initialDelayMs": 0,
        "lastEventId": "0",
        "method": "REPORT",
        "headers": { "content-type": "application/json", "x-name": "value" },
        "body": "{\"hello\":\"world\"}",
    });
    let client = harness.follow(wanted).await;
    for (id, data) in [("0", "id: 1\ndata: a\n\n"), ("1", "data: b\n\nid: 2\n\n")] {
        let asked = harness.asked().await;
        assert_eq!((asked.method.as_str(), &asked.body[..]), ("REPORT", b"{\"hello\":\"world\"}".as_slice()));
        assert_eq!(asked.headers["x-name"], "value");
        assert_eq!(asked.headers["last-event-id"], id);
        asked.stream.send(data).unwrap();
        let message = harness.message().await;
        assert_eq!(message["event"]["id"], "1", "{message}");
        drop(asked);
        assert_eq!(harness.message().await["kind"], "error");
    }
    // A restart is one more, without an error.
    let asked = harness.asked().await;
    assert_eq!(asked.headers["last-event-id"], "2");
    assert_eq!(harness.command(&client, json!({ "command": "restart" })).await, 202);
    let asked = harness.asked().await;
    assert_eq!(asked.headers["last-event-id"], "2");
    asked.stream.send("data: c\n\n").unwrap();
    assert_eq!(harness.message().await, event("message", "c", "2"));
}

#[tokio::test]
async fn silence_is_an_error_when_it_is_bounded() {
    let mut harness = Harness::new().await;
    harness.follow(json!({ "initialDelayMs": 0, "readTimeoutMs": 300 })).await;
    let asked = harness.asked().await;
    assert_eq!(harness.message().await["kind"], "error");
    harness.asked().await;
    drop(asked);
}
