//! The hub and [`ServerSentEvents`](crate::ServerSentEvents) in axum.
//!
//! A hub, whose state is anything that has `SseHub: FromRef<State>`:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use axum::{Router, routing::get};
//! use leptos_sse::SseHub;
//!
//! let hub = SseHub::new();
//! let app: Router = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub);
//! ```
//!
//! With a handler of one's own, who may see what. Whoever may not connect at all is answered by the extractor in front:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use axum::{extract::State, http::StatusCode, response::IntoResponse};
//! use leptos_sse::{SseHub, SseRequest};
//! # struct User { name: String }
//! # impl<S: Sync> axum::extract::FromRequestParts<S> for User {
//! #     type Rejection = StatusCode;
//! #     async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, StatusCode> {
//! #         Err(StatusCode::UNAUTHORIZED)
//! #     }
//! # }
//!
//! async fn sse(State(hub): State<SseHub>, user: User, request: SseRequest) -> impl IntoResponse {
//!     let own = format!("Inbox:{}", user.name);
//!     hub.subscribe(request.allow(|key| key.as_str() == own).for_user(user.name))
//! }
//! # let app: axum::Router = axum::Router::new().route("/sse", axum::routing::get(sse)).with_state(SseHub::new());
//! ```
//!
//! A route of `get(sse).post(sse)` serves pages with more keys than a URL has room for too, where
//! `SseOptions::post` is on.
//!
//! `docs/deployment.md` has what a server in production needs: proxies, shutdown, pages of another origin, bounds.
//!
//! A stream of one's own for each connection, without a hub:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use axum::{Router, response::sse::{Event, KeepAlive, Sse}, routing::get};
//! use futures::{Stream, stream};
//! use leptos_sse::ServerSentEvents;
//! use std::time::Duration;
//! use tokio_stream::StreamExt as _;
//! # #[derive(serde::Serialize)]
//! # struct Count { value: i32 }
//!
//! async fn handle_sse() -> Sse<impl Stream<Item = Result<Event, axum::BoxError>>> {
//!     let mut value = 0;
//!     let stream = ServerSentEvents::new(
//!         stream::repeat_with(move || { let curr = value; value += 1; Ok(Count { value: curr }) })
//!             .throttle(Duration::from_secs(1)),
//!     ).unwrap();
//!     Sse::new(stream).keep_alive(KeepAlive::default())
//! }
//!
//! let app: Router = Router::new().route("/sse", get(handle_sse));
//! ```
//!
//! Plain events, which are no signal: see [`sse_response`].

#[cfg(not(target_arch = "wasm32"))]
mod peer;
#[cfg(target_arch = "wasm32")]
mod stub;

use crate::{
    event::SseEvent,
    hub::{SseHub, SseRefusal, SseRequest, SseSubscription},
    sink::{SseBody, SseResponse, SseSink},
};
use axum::{
    BoxError,
    body::{Body, to_bytes},
    extract::{FromRequest, Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::Stream;
use leptos_sse_core::BoxError as ClosureError;
use std::future::Future;
#[cfg(target_arch = "wasm32")]
use stub as peer;

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    // A compressing layer would hold events back until its block is full.
    (CONTENT_ENCODING, HeaderValue::from_static("identity")),
];

/// Answers `GET /sse`, and `POST /sse` from pages with many keys, with what is asked for; everyone may see everything that
/// the hub has.
pub async fn sse(State(hub): State<SseHub>, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
    hub.subscribe(request)
}

/// The query of a GET and the body of a POST: it is the last one of a handler's arguments.
///
/// Refused with 400 when that makes no sense, and with 413 when a body is longer than
/// [`SseRequest::MAX_BODY_LEN`].
impl<S: Sync> FromRequest<S> for SseRequest {
    type Rejection = SseRefusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, SseRefusal> {
        let (parts, body) = request.into_parts();
        let last_event_id = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let mut request = Self::parse(parts.uri.query().unwrap_or_default(), last_event_id)?;
        if let Some(address) = peer::address(&parts) {
            request = request.client_address(address);
        }
        if parts.method == Method::POST {
            let body = to_bytes(body, Self::MAX_BODY_LEN).await.map_err(|_| SseRefusal::body())?;
            request = request.body(&body)?;
        }
        Ok(request)
    }
}

impl IntoResponse for SseSubscription {
    fn into_response(self) -> Response {
        events(Body::from_stream(self))
    }
}

fn events(body: Body) -> Response {
    (HEADERS, [(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"))], body).into_response()
}

impl IntoResponse for SseRefusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = self.retry_after().map(|wait| [(RETRY_AFTER, wait.as_secs())]);
        (status, retry_after, self.to_string()).into_response()
    }
}

/// The response of a stream of events, with the headers that keep proxies and caches from holding them back.
///
/// It is axum's own [`Sse`] plus `Cache-Control: no-cache, no-transform`, `X-Accel-Buffering: no` and
/// `Content-Encoding: identity`, which compressing layers leave alone.
///
/// A source that never fails has to name the type of its error, as in `Ok::<_, Infallible>(value)`.
pub fn respond<S, X>(events: S) -> impl IntoResponse + use<S, X>
where
    S: Stream<Item = Result<Event, X>> + Send + 'static,
    X: Into<BoxError> + 'static,
{
    (HEADERS, Sse::new(events))
}

/// Plain server-sent events, which a closure writes as long as it runs; the client is kept alive by itself.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use axum::{Router, http::{HeaderMap, StatusCode}, response::{IntoResponse, Response}, routing::get};
/// use leptos_sse::{axum::sse_response, events::SseEvent};
///
/// async fn import(headers: HeaderMap) -> Response {
///     // An `EventSource` comes back after the end of a stream; 204 stops it.
///     if headers.get("last-event-id").is_some_and(|id| id == "done") {
///         return StatusCode::NO_CONTENT.into_response();
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
/// let app: Router = Router::new().route("/import", get(import));
/// ```
///
/// An [`SseResponse`] is a response with its keep-alive and its hooks set, and tells all about the end of a stream.
pub fn sse_response<F, Fut>(write: F) -> Response
where
    F: FnOnce(SseSink) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), ClosureError>> + Send + 'static,
{
    SseResponse::new(write).into_response()
}

impl<F, Fut> IntoResponse for SseResponse<F>
where
    F: FnOnce(SseSink) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), ClosureError>> + Send + 'static,
{
    fn into_response(self) -> Response {
        self.spawn().into_response()
    }
}

impl IntoResponse for SseBody {
    fn into_response(self) -> Response {
        events(Body::from_stream(self))
    }
}

/// All but empty data, which axum's own event takes for none.
impl From<SseEvent> for Event {
    fn from(event: SseEvent) -> Self {
        let fields = event.fields();
        let mut event = Event::default();
        for line in fields.comment.iter().flat_map(|comment| comment.split('\n')) {
            event = event.comment(line);
        }
        if let Some(name) = fields.event {
            event = event.event(name);
        }
        if let Some(id) = fields.id {
            event = event.id(id);
        }
        if let Some(retry) = fields.retry {
            event = event.retry(retry);
        }
        match fields.data {
            Some(data) => event.data(data),
            None => event,
        }
    }
}
