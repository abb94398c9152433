//! The same app on both servers.

use futures::future::BoxFuture;
use leptos_sse::{Key, SseHub, SseHubOptions};
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

/// A server that runs, with a hub of its own.
pub struct Server {
    pub framework: &'static str,
    pub address: SocketAddr,
    pub hub: SseHub,
    /// Shuts the server down as its framework has it, and waits for its end.
    pub stop: Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>,
}

/// What the servers of a test have that others have not.
#[derive(Clone)]
pub struct Setup {
    pub hub: SseHubOptions,
    pub ip: &'static str,
    pub compress: bool,
    pub cors: bool,
    /// Whether actix-web takes a client that closed its side for one that still listens, which is its default.
    pub half_closed: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { hub: SseHubOptions::new(), ip: "127.0.0.1", compress: false, cors: false, half_closed: false }
    }
}

/// The origin whose pages may read from the servers with [`Setup::cors`].
pub const ORIGIN: &str = "https://app.example";

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.address.port())
    }
}

/// A server of each framework, one after the other; a test that fails has shown which one it is.
pub fn both(setup: &Setup) -> impl Iterator<Item = Server> {
    let starts: [fn(Setup) -> Server; 2] = [with_axum::start, with_actix::start];
    starts.into_iter().map(|start| start(setup.clone())).inspect(|server| println!("with {}", server.framework))
}

/// Who has logged in. The name in a header stands for a session.
pub struct User {
    pub name: String,
}

impl User {
    /// The user that a header names, or the status for nobody and for one who is banned.
    fn of(header: Option<&[u8]>) -> Result<Self, u16> {
        match header.map(String::from_utf8_lossy).as_deref() {
            None => Err(401),
            Some("mallory") => Err(403),
            Some(name) => Ok(Self { name: name.to_owned() }),
        }
    }

    pub fn may_see(&self, key: &Key) -> bool {
        key.as_str() == "open" || key.as_str() == format!("Inbox:{}", self.name)
    }

    /// As a database would answer it.
    pub async fn asks_for(&self, key: &Key) -> bool {
        tokio::task::yield_now().await;
        self.may_see(key)
    }
}

fn soon() -> SystemTime {
    SystemTime::now() + Duration::from_millis(50)
}

/// A page that is worth compressing.
fn page() -> String {
    "text ".repeat(1_000)
}

mod with_axum {
    use super::super::plain;
    use super::{BoxFuture, ORIGIN, Server, Setup, SseHub, User};
    use axum::{
        Router,
        extract::{FromRef, FromRequestParts, State},
        http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request::Parts},
        response::{IntoResponse, Response},
        routing::get,
    };
    use leptos_sse::{SseRefusal, SseRequest, SseSubscription, axum::sse_response};
    use std::net::SocketAddr;
    use tower_http::{compression::CompressionLayer, cors::CorsLayer};

    /// The state of an app, which has more than the hub.
    #[derive(Clone)]
    struct App {
        hub: SseHub,
    }

    impl FromRef<App> for SseHub {
        fn from_ref(app: &App) -> Self {
            app.hub.clone()
        }
    }

    impl<S: Sync> FromRequestParts<S> for User {
        type Rejection = StatusCode;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
            Self::of(parts.headers.get("x-user").map(HeaderValue::as_bytes))
                .map_err(|status| StatusCode::from_u16(status).unwrap())
        }
    }

    async fn allow(State(app): State<App>, user: User, request: SseRequest) -> impl IntoResponse {
        app.hub.subscribe(request.allow(|key| user.may_see(key)).for_user(user.name))
    }

    async fn allow_async(
        State(hub): State<SseHub>,
        user: User,
        request: SseRequest,
    ) -> Result<SseSubscription, SseRefusal> {
        hub.subscribe(request.allow_async(async |key| user.asks_for(&key).await).await)
    }

    async fn allow_async_block(State(hub): State<SseHub>, user: User, request: SseRequest) -> impl IntoResponse {
        let user = &user;
        hub.subscribe(request.allow_async(|key| async move { user.asks_for(&key).await }).await)
    }

    async fn until(State(hub): State<SseHub>, request: SseRequest) -> impl IntoResponse {
        hub.subscribe(request.until(super::soon()))
    }

    async fn proxied(State(hub): State<SseHub>, headers: HeaderMap, request: SseRequest) -> impl IntoResponse {
        let client = headers["x-real-ip"].to_str().unwrap().parse().unwrap();
        hub.subscribe(request.client_address(client))
    }

    async fn finite(headers: HeaderMap) -> Response {
        if headers.get("last-event-id").is_some_and(|id| id == plain::DONE) {
            return StatusCode::NO_CONTENT.into_response();
        }
        sse_response(plain::finite)
    }

    async fn until_shutdown(State(hub): State<SseHub>) -> Response {
        sse_response(|sink| plain::until_shutdown(hub, sink))
    }

    fn cors() -> CorsLayer {
        CorsLayer::new()
            .allow_origin(HeaderValue::from_static(ORIGIN))
            .allow_methods([Method::GET])
            .allow_headers([HeaderName::from_static("last-event-id")])
            .allow_credentials(true)
    }

    pub fn start(setup: Setup) -> Server {
        let hub = SseHub::with_options(setup.hub);
        let mut app = Router::new()
            .route("/sse", get(leptos_sse::axum::sse).post(leptos_sse::axum::sse))
            .route("/allow", get(allow).post(allow))
            .route("/allow-async", get(allow_async))
            .route("/allow-async-block", get(allow_async_block))
            .route("/until", get(until))
            .route("/proxied", get(proxied))
            .route("/plain", get(async |State(hub): State<SseHub>| plain::stream(hub)))
            .route("/finite", get(finite))
            .route("/until-shutdown", get(until_shutdown))
            .route("/page", get(async || super::page()))
            .with_state(App { hub: hub.clone() });
        if setup.compress {
            // It compresses whatever it is given, unlike the default, which knows of `text/event-stream`.
            app = app.layer(CompressionLayer::new().compress_when(|_, _, _: &_, _: &_| true));
        }
        if setup.cors {
            app = app.layer(cors());
        }
        let listener = std::net::TcpListener::bind((setup.ip, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
                .with_graceful_shutdown(async move { drop(stopped.await) })
                .await
        });
        let stop = move || -> BoxFuture<'static, ()> {
            stop.send(()).unwrap();
            Box::pin(async move { served.await.unwrap().unwrap() })
        };
        Server { framework: "axum", address, hub, stop: Box::new(stop) }
    }
}

mod with_actix {
    use super::super::plain;
    use super::{BoxFuture, ORIGIN, Server, Setup, SseHub, User};
    use actix_cors::Cors;
    use actix_web::{
        App, Error, FromRequest, HttpRequest, HttpResponse, HttpServer, Responder,
        dev::Payload,
        error::InternalError,
        http::StatusCode,
        middleware::{Compress, Condition},
        web::{self, Data},
    };
    use leptos_sse::{SseRefusal, SseRequest, SseSubscription, actix::sse_response};
    use std::future::{Ready, ready};

    impl FromRequest for User {
        type Error = Error;
        type Future = Ready<Result<Self, Error>>;

        fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
            let user = Self::of(request.headers().get("x-user").map(|name| name.as_bytes()));
            let refused = |status| InternalError::new("log in", StatusCode::from_u16(status).unwrap()).into();
            ready(user.map_err(refused))
        }
    }

    async fn allow(hub: Data<SseHub>, user: User, request: SseRequest) -> impl Responder {
        hub.subscribe(request.allow(|key| user.may_see(key)).for_user(user.name))
    }

    async fn allow_async(hub: Data<SseHub>, user: User, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
        hub.subscribe(request.allow_async(async |key| user.asks_for(&key).await).await)
    }

    async fn allow_async_block(hub: Data<SseHub>, user: User, request: SseRequest) -> impl Responder {
        let user = &user;
        hub.subscribe(request.allow_async(|key| async move { user.asks_for(&key).await }).await)
    }

    async fn until(hub: Data<SseHub>, request: SseRequest) -> impl Responder {
        hub.subscribe(request.until(super::soon()))
    }

    async fn proxied(hub: Data<SseHub>, asked: HttpRequest, request: SseRequest) -> impl Responder {
        let client = asked.headers().get("x-real-ip").unwrap().to_str().unwrap().parse().unwrap();
        hub.subscribe(request.client_address(client))
    }

    async fn finite(request: HttpRequest) -> HttpResponse {
        if request.headers().get("last-event-id").is_some_and(|id| id == plain::DONE) {
            return HttpResponse::NoContent().finish();
        }
        // Its future is none that may go to another thread, as those of actix-web need not.
        let local = std::rc::Rc::new(());
        sse_response(|sink| async move {
            let _local = local;
            plain::finite(sink).await
        })
    }

    async fn until_shutdown(hub: Data<SseHub>) -> HttpResponse {
        sse_response(move |sink| plain::until_shutdown(hub.as_ref().clone(), sink))
    }

    fn cors() -> Cors {
        Cors::default()
            .allowed_origin(ORIGIN)
            .allowed_methods(["GET"])
            .allowed_header("last-event-id")
            .supports_credentials()
    }

    pub fn start(setup: Setup) -> Server {
        let hub = SseHub::with_options(setup.hub);
        let data = Data::new(hub.clone());
        let server = HttpServer::new(move || {
            App::new()
                .wrap(Condition::new(setup.compress, Compress::default()))
                .wrap(Condition::new(setup.cors, cors()))
                .app_data(data.clone())
                .route("/sse", web::get().to(leptos_sse::actix::sse))
                .route("/sse", web::post().to(leptos_sse::actix::sse))
                .route("/allow", web::get().to(allow))
                .route("/allow", web::post().to(allow))
                .route("/allow-async", web::get().to(allow_async))
                .route("/allow-async-block", web::get().to(allow_async_block))
                .route("/until", web::get().to(until))
                .route("/proxied", web::get().to(proxied))
                .route("/plain", web::get().to(async |hub: Data<SseHub>| plain::stream(hub.as_ref().clone())))
                .route("/finite", web::get().to(finite))
                .route("/until-shutdown", web::get().to(until_shutdown))
                .route("/page", web::get().to(async || super::page()))
        });
        // A client that leaves is seen at once, and not by what can no longer be written to it.
        let server = server.h1_allow_half_closed(setup.half_closed);
        let server = server.workers(2).disable_signals().bind((setup.ip, 0)).unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        let served = tokio::spawn(server);
        let stop = move || -> BoxFuture<'static, ()> {
            Box::pin(async move {
                handle.stop(true).await;
                served.await.unwrap().unwrap();
            })
        };
        Server { framework: "actix", address, hub, stop: Box::new(stop) }
    }
}
