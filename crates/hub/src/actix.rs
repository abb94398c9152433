//! The hub and [`ServerSentEvents`](crate::ServerSentEvents) in actix-web.
//!
//! A hub, as `Data`:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use actix_web::{App, web};
//! use leptos_sse::SseHub;
//!
//! let hub = web::Data::new(SseHub::new());
//! let app = App::new().app_data(hub).route("/sse", web::get().to(leptos_sse::actix::sse));
//! ```
//!
//! actix-web sees that a client left by what can no longer be written to it: by the second heartbeat, unless
//! `HttpServer::h1_allow_half_closed(false)` has it look.
//!
//! With a handler of one's own, who may see what. Whoever may not connect at all is answered by the extractor in front:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use actix_web::{Responder, web::Data};
//! use leptos_sse::{SseHub, SseRequest};
//! # struct User { name: String }
//! # impl actix_web::FromRequest for User {
//! #     type Error = actix_web::Error;
//! #     type Future = std::future::Ready<Result<Self, Self::Error>>;
//! #     fn from_request(_: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
//! #         std::future::ready(Err(actix_web::error::ErrorUnauthorized("log in first")))
//! #     }
//! # }
//!
//! async fn sse(hub: Data<SseHub>, user: User, request: SseRequest) -> impl Responder {
//!     let own = format!("Inbox:{}", user.name);
//!     hub.subscribe(request.allow(|key| key.as_str() == own).for_user(user.name))
//! }
//! # let app = actix_web::App::new().route("/sse", actix_web::web::get().to(sse));
//! ```
//!
//! A resource with `.route(web::get().to(sse)).route(web::post().to(sse))` serves pages with more keys than a URL has room
//! for too, where `SseOptions::post` is on.
//!
//! `docs/deployment.md` has what a server in production needs: proxies, shutdown, pages of another origin, bounds.
//!
//! A stream of one's own for each connection, without a hub:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use actix_web::{HttpResponse, web};
//! use futures::stream;
//! use leptos_sse::ServerSentEvents;
//! use std::{convert::Infallible, time::Duration};
//! use tokio_stream::StreamExt as _;
//! # #[derive(serde::Serialize)]
//! # struct Count { value: i32 }
//!
//! async fn handle_sse() -> HttpResponse {
//!     let mut value = 0;
//!     let stream = ServerSentEvents::new(
//!         stream::repeat_with(move || { let curr = value; value += 1; Ok::<_, Infallible>(Count { value: curr }) })
//!             .throttle(Duration::from_secs(1)),
//!     ).unwrap();
//!     leptos_sse::actix::respond(stream)
//! }
//!
//! let app = actix_web::App::new().route("/sse", web::get().to(handle_sse));
//! ```
//!
//! Plain events, which are no signal: see [`sse_response`].

use crate::{
    hub::{SseHub, SseRefusal, SseRequest, SseSubscription},
    sink::{SseBody, SseResponse, SseSink},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, Responder, ResponseError,
    body::BoxBody,
    dev::Payload,
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, ContentType, RETRY_AFTER},
    },
    web::{Bytes, Data},
};
use futures::{Stream, TryStreamExt};
use leptos_sse_core::BoxError;
use std::{future::Future, pin::Pin};

/// Answers `GET /sse`, and `POST /sse` from pages with many keys, with what is asked for; everyone may see everything that
/// the hub has.
pub async fn sse(hub: Data<SseHub>, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
    hub.subscribe(request)
}

/// The query of a GET and the body of a POST.
///
/// Refused with 400 when that makes no sense, and with 413 when a body is longer than
/// [`SseRequest::MAX_BODY_LEN`].
impl FromRequest for SseRequest {
    type Error = SseRefusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, SseRefusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let last_event_id = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
        let parsed = Self::parse(request.query_string(), last_event_id);
        let parsed = parsed.map(|parsed| match request.peer_addr() {
            Some(peer) => parsed.client_address(peer.ip()),
            None => parsed,
        });
        let body = (request.method() == Method::POST).then(|| payload.take());
        Box::pin(async move {
            Ok(match body {
                Some(body) => parsed?.body(&read(body).await?)?,
                None => parsed?,
            })
        })
    }
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, SseRefusal> {
    let mut body = Vec::new();
    while let Some(part) = payload.try_next().await.map_err(|_| SseRefusal::body())? {
        if body.len() + part.len() > SseRequest::MAX_BODY_LEN {
            return Err(SseRefusal::body());
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

impl Responder for SseSubscription {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(self)
    }
}

impl ResponseError for SseRefusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(wait) = self.retry_after() {
            response.insert_header((RETRY_AFTER, wait.as_secs()));
        }
        response.content_type(ContentType::plaintext()).body(self.to_string())
    }
}

/// The response of a stream of events, with the headers that keep proxies and caches from holding them back.
///
/// A body of Server-Sent Events whose encoding is `identity`, `Cache-Control: no-cache, no-transform` and
/// `X-Accel-Buffering: no`.
///
/// A source that never fails has to name the type of its error, as in `Ok::<_, Infallible>(value)`.
pub fn respond<S, X>(events: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, X>> + 'static,
    X: Into<BoxError> + 'static,
{
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        .insert_header(("x-accel-buffering", "no"))
        // A compressing layer would hold events back until its block is full.
        .insert_header((CONTENT_ENCODING, ContentEncoding::Identity))
        .streaming(events.map_err(|error| -> Box<dyn std::error::Error> { error.into() }))
}

/// Plain server-sent events, which a closure writes as long as it runs; the client is kept alive by itself.
///
/// The closure runs on the worker that has the request, so that its future need not be `Send`.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use actix_web::{App, HttpRequest, HttpResponse, web};
/// use leptos_sse::{actix::sse_response, events::SseEvent};
///
/// async fn import(request: HttpRequest) -> HttpResponse {
///     // An `EventSource` comes back after the end of a stream; 204 stops it.
///     if request.headers().get("last-event-id").is_some_and(|id| id == "done") {
///         return HttpResponse::NoContent().finish();
///     }
///     sse_response(|sink| async move {
///         for percent in [0, 50, 100] {
///             sink.send(SseEvent::new().event("progress")?.json(&percent)?).await?;
///         }
///         sink.send(SseEvent::new().event("done")?.id("done")?.data("")).await?;
///         Ok(())
///     })
/// }
///
/// let app = App::new().route("/import", web::get().to(import));
/// ```
///
/// An [`SseResponse`] is a response with its keep-alive and its hooks set, and tells all about the end of a stream.
///
/// # Panics
///
/// Outside of actix-web's own runtime, in which every handler runs.
pub fn sse_response<F, Fut>(write: F) -> HttpResponse
where
    F: FnOnce(SseSink) -> Fut + 'static,
    Fut: Future<Output = Result<(), BoxError>> + 'static,
{
    start(SseResponse::new(write))
}

fn start<F, Fut>(response: SseResponse<F>) -> HttpResponse
where
    F: FnOnce(SseSink) -> Fut + 'static,
    Fut: Future<Output = Result<(), BoxError>> + 'static,
{
    let (run, body) = response.start();
    actix_web::rt::spawn(run);
    respond(body)
}

impl<F, Fut> Responder for SseResponse<F>
where
    F: FnOnce(SseSink) -> Fut + 'static,
    Fut: Future<Output = Result<(), BoxError>> + 'static,
{
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        start(self)
    }
}

impl Responder for SseBody {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(self)
    }
}
