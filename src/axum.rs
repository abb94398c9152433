//! [`ServerSentEvents`](crate::ServerSentEvents) in axum.
//!
//! ```
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

use crate::protocol::SseEvent;
use axum::{
    BoxError,
    http::{HeaderName, header::CACHE_CONTROL},
    response::{
        IntoResponse,
        sse::{Event, Sse},
    },
};
use futures::Stream;

/// The response of a stream of events, with the headers that keep proxies and caches from holding them back.
///
/// It is axum's own [`Sse`] plus `Cache-Control: no-cache, no-transform` and `X-Accel-Buffering: no`.
///
/// A source that never fails has to name the type of its error, as in `Ok::<_, Infallible>(value)`.
pub fn respond<S, X>(events: S) -> impl IntoResponse + use<S, X>
where
    S: Stream<Item = Result<Event, X>> + Send + 'static,
    X: Into<BoxError> + 'static,
{
    let headers = [(CACHE_CONTROL, "no-cache, no-transform"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(events))
}

impl From<SseEvent> for Event {
    fn from(fields: SseEvent) -> Self {
        let mut event = Event::default();
        if let Some(name) = fields.event() {
            event = event.event(name);
        }
        if let Some(retry) = fields.retry() {
            event = event.retry(retry);
        }
        event.data(fields.data())
    }
}
