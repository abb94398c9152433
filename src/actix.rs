//! [`ServerSentEvents`](crate::ServerSentEvents) in actix-web.
//!
//! ```
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

use crate::BoxError;
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding},
    web::Bytes,
};
use futures::{Stream, TryStreamExt};
use std::error::Error;

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
        .streaming(events.map_err(|error| -> Box<dyn Error> { error.into() }))
}
