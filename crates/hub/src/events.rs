//! Plain server-sent events, which are no signals, written by a closure.
//!
//! [`SseResponse`] is a response of events, [`SseSink`] is what its closure writes them into, and [`SseEvent`] is one of them.
//! `axum::sse_response` and `actix::sse_response` are short for it.

pub use crate::{
    event::{SseEvent, SseFields},
    sink::{SseBody, SseResponse, SseResponseClosed, SseSink},
};
