//! Over real sockets, through `reqwest`.

use super::fake::{all, data, is_closed, told, until};
use crate::ports::ReservedPort;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::{StreamExt, stream};
use leptos_sse_native::{EventSource, EventSourceOptions, ReadyState};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

const EVENT_STREAM: (&str, &str) = ("content-type", "text/event-stream");

/// A server, which is gone with this.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    async fn new(routes: Router) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), routes)
    }

    fn on(listener: TcpListener, routes: Router) -> Self {
        let address = listener.local_addr().unwrap();
        Self { address, task: tokio::spawn(async { axum::serve(listener, routes).await.unwrap() }) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn source(&self, path: &str) -> EventSource {
        EventSource::with_options(self.url(path), quick()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn quick() -> EventSourceOptions {
    let nothing = Duration::ZERO;
    EventSourceOptions::new().client(client(20)).reconnect_base(nothing).reconnect_max(nothing)
}

/// One that no proxy of the machine comes between.
fn client(redirects: usize) -> reqwest::Client {
    let policy = reqwest::redirect::Policy::limited(redirects);
    reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap()
}

/// What came with a request, as one event; then 204.
async fn echo(
    State(visits): State<Arc<AtomicUsize>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if visits.fetch_add(1, SeqCst) > 0 {
        return StatusCode::NO_CONTENT.into_response();
    }
    let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let body = String::from_utf8_lossy(&body);
    let told: Vec<_> = ["authorization", "cookie", "x-own"].into_iter().filter_map(header).collect();
    ([EVENT_STREAM], format!("data: {method} {uri} {told:?} {body}\n\n")).into_response()
}

fn redirect(status: u16, to: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [("location", to)]).into_response()
}

async fn echoing() -> Server {
    let redirects = |status| any(move || async move { redirect(status, "/echo") });
    let mut routes = Router::new().route("/echo", any(echo));
    for status in [301, 302, 303, 307, 308] {
        routes = routes.route(&format!("/{status}"), redirects(status));
    }
    Server::new(routes.with_state(Arc::default())).await
}

#[tokio::test]
async fn redirects_are_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = echoing().await;
        let (events, error) = all(server.source(&format!("/{status}"))).await;
        assert_eq!((data(&events), error), (vec!["GET /echo [] "], None), "{status}");
    }
    // The method stays with those that were made for that.
    for (status, expected) in [(302, "GET /echo [] "), (307, "POST /echo [] hello"), (308, "POST /echo [] hello")] {
        let server = echoing().await;
        let options = quick().method(Method::POST).body("hello");
        let source = EventSource::with_options(server.url(&format!("/{status}")), options).unwrap();
        assert_eq!(data(&all(source).await.0), [expected], "{status}");
    }
}

#[tokio::test]
async fn the_origin_is_the_one_after_redirects_where_a_login_does_not_go() {
    let target = echoing().await;
    let to = target.url("/echo");
    let server = Server::new(Router::new().route("/", any(move || async move { redirect(307, &to) }))).await;
    let options = quick().header("authorization", "Bearer 7f3a").header("x-own", "1");
    let (events, _) = all(EventSource::with_options(server.url("/"), options).unwrap()).await;
    assert_eq!(events[0].origin(), target.url(""));
    assert_eq!(events[0].data(), r#"GET /echo ["1"] "#);
}

#[tokio::test]
async fn a_redirect_loop_has_a_bound_and_ends_it() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counting = visits.clone();
    let looping = any(move || async move {
        counting.fetch_add(1, SeqCst);
        redirect(302, "/")
    });
    let server = Server::new(Router::new().route("/", looping)).await;
    let options = EventSourceOptions::new().max_redirects(7).proxy(server.url("/never")).client(client(7));
    let source = EventSource::with_options(server.url("/"), options).unwrap();
    let error = all(source.clone()).await.1.unwrap();
    assert!(error.is_lost() && error.to_string().contains("too many redirects"), "{error}");
    assert!(is_closed(&source));
    assert_eq!(visits.swap(0, SeqCst), 8);

    // It is tried again when refusals are.
    let source = EventSource::with_options(server.url("/"), quick().retry_refusals(true)).unwrap();
    until(|| visits.load(SeqCst) > 2 * 21).await;
    assert!(!is_closed(&source));
}

#[tokio::test]
async fn the_shorthands_make_a_client() {
    let visits = Arc::new(Mutex::new(Vec::<String>::new()));
    let noting = visits.clone();
    let cookies = any(move |headers: HeaderMap| async move {
        let cookie = headers.get("cookie").map(|cookie| cookie.to_str().unwrap().to_owned()).unwrap_or_default();
        noting.lock().unwrap().push(cookie);
        let head = [EVENT_STREAM, ("set-cookie", "session=7")];
        if noting.lock().unwrap().len() == 3 {
            StatusCode::NO_CONTENT.into_response()
        } else {
            (head, "").into_response()
        }
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = asked.clone();
    let looping = any(move || async move {
        counting.fetch_add(1, SeqCst);
        redirect(302, "/loop")
    });
    let server = Server::new(Router::new().route("/", cookies).route("/loop", looping)).await;
    // The proxy of a machine that has one must not come between.
    let own = || EventSourceOptions::new().reconnect_base(Duration::ZERO).reconnect_max(Duration::ZERO);
    if ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].into_iter().any(|name| std::env::var_os(name).is_some()) {
        return;
    }
    all(EventSource::with_options(server.url("/"), own().cookies(true)).unwrap()).await;
    assert_eq!(std::mem::take(&mut *visits.lock().unwrap()), ["", "session=7", "session=7"]);
    all(EventSource::with_options(server.url("/"), own()).unwrap()).await;
    assert_eq!(std::mem::take(&mut *visits.lock().unwrap()), ["", "", ""]);
    for (options, requests) in [(own().max_redirects(0), 1), (own().max_redirects(3), 4), (own(), 21)] {
        let error = all(EventSource::with_options(server.url("/loop"), options).unwrap()).await.1.unwrap();
        assert!(error.is_lost(), "{error}");
        assert_eq!(asked.swap(0, SeqCst), requests);
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_url() {
    let proxy = echoing().await;
    let options = EventSourceOptions::new().proxy(proxy.url("")).reconnect_base(Duration::ZERO);
    let routed =
        Server::new(Router::new().fallback(|uri: Uri| async move { ([EVENT_STREAM], format!("data: {uri}\n\n")) }))
            .await;
    let source = EventSource::with_options("http://far.invalid/events?x=1", options.proxy(routed.url(""))).unwrap();
    let event = source.events().next().await.unwrap().unwrap();
    assert_eq!(event.data(), "http://far.invalid/events?x=1");
    source.close();
}

#[tokio::test]
async fn the_login_of_a_url_goes_where_servers_look_for_it_and_is_not_shown() {
    let server = echoing().await;
    let url = format!("http://ann:se%20cret@{}/echo", server.address);
    let source = EventSource::with_options(&url, quick()).unwrap();
    assert_eq!(source.url(), url);
    assert!(!format!("{source:?}").contains("cret"));
    assert_eq!(data(&all(source).await.0), [r#"GET /echo ["Basic YW5uOnNlIGNyZXQ="] "#]);
    let refused = EventSource::with_options(format!("http://ann:secret@{}/none", server.address), quick()).unwrap();
    let error = all(refused).await.1.unwrap();
    assert_eq!(error.status(), Some(404));
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// Three events behind the last one that the client has, and then half of one.
async fn numbers(headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").map_or(0, |id| id.to_str().unwrap().parse::<u32>().unwrap());
    let text: String = (last + 1..=last + 3).map(|number| format!("id: {number}\ndata: {number}\n\n")).collect();
    let text = format!("{text}id: {}\ndata: half\n", last + 4);
    ([EVENT_STREAM], Body::from_stream(stream::iter([Ok::<_, Infallible>(text)]).chain(stream::pending())))
        .into_response()
}

#[tokio::test]
async fn a_server_that_starts_anew_is_found_again_and_told_the_last_id() {
    let port = ReservedPort::new();
    let address = port.address();
    let options = quick().reconnect_base(Duration::from_millis(100)).reconnect_max(Duration::from_millis(100));
    let mut events = EventSource::with_options(format!("http://{address}/"), options).unwrap().events();
    for life in 0..10 {
        // A runtime of its own, so that its connections end with it.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(async move {
            let routes = Router::new().route("/", any(numbers));
            axum::serve(TcpListener::from_std(listener).unwrap(), routes).await.unwrap();
        });
        for number in 1..=3 {
            let event = events.next().await.unwrap().unwrap();
            assert_eq!(event.data(), (life * 3 + number).to_string());
        }
        runtime.shutdown_background();
        while std::net::TcpStream::connect(address).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn a_raw_socket_that_is_cut_anywhere_loses_and_doubles_nothing() {
    // Events of an id each; every connection gives bytes up to a cut that goes through all places of an event.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let text: String = (1..=9).map(|number| format!("id: {number}\ndata: n{number}\n\n")).collect();
        for cut in 0.. {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(socket.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap().to_lowercase();
            let last = request.split("last-event-id: ").nth(1).map_or(0, |id| id[..1].parse::<usize>().unwrap());
            let event_len = text.len() / 9;
            let rest = &text[last * event_len..];
            if rest.is_empty() {
                socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
                return cut;
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nretry-after: 1\r\n\r\nretry: 0\n";
            socket.write_all(head.as_bytes()).await.unwrap();
            socket.write_all(&rest.as_bytes()[..rest.len().min(event_len + cut % event_len)]).await.unwrap();
        }
        0
    });
    let (events, error) = all(EventSource::with_options(url, quick()).unwrap()).await;
    assert_eq!(error, None);
    assert_eq!(data(&events), (1..=9).map(|number| format!("n{number}")).collect::<Vec<_>>());
    assert!(server.await.unwrap() >= 5);
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_again() {
    let port = ReservedPort::new();
    let address = port.address();
    let source = EventSource::with_options(format!("http://{address}/"), quick()).unwrap();
    let mut told = told(&source);
    assert!(told.recv().await.unwrap().starts_with("Connecting: the connection to"));
    let listener = TcpListener::bind(address).await.unwrap();
    let hello = any(|| async { ([EVENT_STREAM], Body::from_stream(endless(Arc::default()))) });
    let _server = Server::on(listener, Router::new().route("/", hello));
    while told.recv().await.unwrap() != "open" {}
    assert_eq!(source.ready_state(), ReadyState::Open);
}

#[tokio::test]
async fn a_url_of_https_is_asked_by_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let source = EventSource::with_options(url, quick()).unwrap();
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut record = [0; 6];
    socket.read_exact(&mut record).await.unwrap();
    // A handshake of TLS, and in it a client's hello.
    assert_eq!((record[0], record[1], record[5]), (22, 3, 1));
    let mut told = told(&source);
    drop(socket);
    assert!(told.recv().await.unwrap().starts_with("Connecting: "));
}

/// Events of 1 KiB without end, and how many of them the socket took.
fn endless(taken: Arc<AtomicUsize>) -> impl futures::Stream<Item = Result<String, Infallible>> {
    stream::repeat_with(move || {
        let number = taken.fetch_add(1, SeqCst);
        Ok(format!("id: {number}\ndata: {}\n\n", "x".repeat(1_000)))
    })
}

/// Counts the streams that the server has dropped.
struct Left(Arc<AtomicUsize>);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[tokio::test]
async fn who_does_not_read_holds_the_socket_back_and_who_leaves_ends_it() {
    let (taken, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counting, leaving) = (taken.clone(), left.clone());
    let route = any(move || async move {
        let left = Left(leaving);
        let events = endless(counting).inspect(move |_| _ = &left);
        ([EVENT_STREAM], Body::from_stream(events))
    });
    let server = Server::new(Router::new().route("/", route)).await;
    let mut events = server.source("/").events();
    events.next().await.unwrap().unwrap();
    // Until the buffers of both ends are full.
    let mut before = usize::MAX;
    while std::mem::replace(&mut before, taken.load(SeqCst)) != taken.load(SeqCst) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let full = taken.load(SeqCst);
    assert!(full < 64 << 10, "{full} KiB were taken");
    for number in 1..=full + 100 {
        assert_eq!(events.next().await.unwrap().unwrap().last_event_id(), number.to_string());
    }
    assert_eq!(left.load(SeqCst), 0);
    drop(events);
    // The server sees that the client has left.
    until(|| left.load(SeqCst) == 1).await;
}

/// A server by TLS, whose certificate the tests' own authority has signed, with `openssl`, for 100 years.
async fn tls() -> (SocketAddr, JoinHandle<()>) {
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let cert = CertificateDer::from_pem_slice(include_bytes!("tls/cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/key.pem")).unwrap();
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(Arc::new(provider));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config.with_single_cert(vec![cert], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // Who does not trust it leaves.
            let Ok(mut socket) = acceptor.accept(socket).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(socket.read_u8().await.unwrap());
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: secret\n\n";
            socket.write_all(head.as_bytes()).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    };
    (address, tokio::spawn(serve))
}

#[tokio::test]
async fn a_stream_by_tls_is_read_from_a_server_that_is_trusted_and_from_no_other() {
    let (address, server) = tls().await;
    let url = format!("https://{address}/");
    let authority = reqwest::Certificate::from_pem(include_bytes!("tls/ca.pem")).unwrap();
    let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    let mut events = EventSource::with_options(&url, quick().client(trusting)).unwrap().events();
    // Again after it ends.
    for _ in 0..2 {
        let event = events.next().await.unwrap().unwrap();
        assert_eq!((event.data(), event.origin()), ("secret", url.trim_end_matches('/')));
    }
    let mut told = told(&EventSource::with_options(&url, quick()).unwrap());
    let error = told.recv().await.unwrap();
    assert!(error.starts_with("Connecting: ") && error.contains("certificate"), "{error}");
    server.abort();
}
