//! Plain events, which are no signal, over real sockets.

use super::{
    client::{answer, get, in_time, until},
    server::{Setup, both},
};
use axum::response::IntoResponse;
use futures::{future::BoxFuture, stream};
use leptos_sse::{
    BoxError, Key, SseHub,
    events::{SseEvent, SseResponse, SseResponseClosed, SseSink},
};
use std::{convert::Infallible, time::Duration};

/// What the closures of the tests report.
#[derive(Clone, Default, Debug, PartialEq, serde::Serialize)]
pub struct Report {
    ended: Option<String>,
    closed: bool,
}

type Written = BoxFuture<'static, Result<(), BoxError>>;

/// The id of the event after which nothing comes.
pub const DONE: &str = "done";

/// A response as a route has it: keep-alives without a wait, and an end that is reported.
pub fn stream(hub: SseHub) -> SseResponse<impl FnOnce(SseSink) -> Written + Send + 'static> {
    let report = hub.signal_for(Key::named("report"), Report::default());
    let ended = report.clone();
    let response = SseResponse::new(move |sink: SseSink| -> Written {
        Box::pin(async move {
            sink.send(SseEvent::new().event("greeting")?.id("1")?.data("one\ntwo")).await?;
            sink.closed().await;
            report.update(|report| report.closed = true);
            Ok(())
        })
    });
    response.keep_alive(Duration::from_millis(5)).on_close(move |end: SseResponseClosed| {
        drop(ended.update(move |report| report.ended = Some(format!("{end:?}"))))
    })
}

/// A stream that ends, as the simplest handler writes it.
pub async fn finite(sink: SseSink) -> Result<(), BoxError> {
    for percent in [0, 50, 100] {
        sink.send(SseEvent::new().event("progress")?.json(&percent)?).await?;
    }
    sink.send(SseEvent::new().event("done")?.id(DONE)?.data("")).await?;
    Ok(())
}

/// A stream that lasts until the hub says that all is over.
pub async fn until_shutdown(hub: SseHub, sink: SseSink) -> Result<(), BoxError> {
    sink.send(SseEvent::new().data("open")).await?;
    while !hub.signal_for(Key::named("over"), false).get() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    sink.send(SseEvent::new().data("over")).await?;
    Ok(())
}

async fn read_until(response: &mut reqwest::Response, text: &mut String, part: &str) {
    while !text.contains(part) {
        let chunk = in_time(response.chunk()).await.unwrap().expect("the stream ended");
        *text += std::str::from_utf8(&chunk).unwrap();
    }
}

#[tokio::test]
async fn a_plain_stream_has_its_headers_is_kept_alive_and_learns_that_its_client_left() {
    for server in both(&Setup { compress: true, ..Setup::default() }) {
        let request = get(server.url("/plain")).header("accept-encoding", "gzip");
        let mut response = in_time(request.send()).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-cache, no-transform");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert!(headers.get("content-encoding").is_none_or(|encoding| encoding == "identity"), "{headers:?}");

        let mut text = String::new();
        read_until(&mut response, &mut text, ":\n\n:\n\n").await;
        assert!(text.starts_with("event: greeting\nid: 1\ndata: one\ndata: two\n\n:\n\n"), "{text}");

        let report = server.hub.signal_for(Key::named("report"), Report::default());
        assert_eq!(report.get(), Report::default());
        drop(response);
        let left = Report { ended: Some("Left".to_owned()), closed: true };
        until("the leaving", || report.get() == left).await;
        in_time((server.stop)()).await;
    }
}

#[tokio::test]
async fn a_finite_stream_ends_cleanly_and_204_answers_who_comes_back() {
    for server in both(&Setup::default()) {
        let (status, _, text) = answer(get(server.url("/finite"))).await;
        assert_eq!(status, 200);
        let progress = [0, 50, 100].map(|percent| format!("event: progress\ndata: {percent}\n\n")).concat();
        assert_eq!(text, progress + "event: done\nid: done\ndata: \n\n");

        let (status, _, text) = answer(get(server.url("/finite")).header("last-event-id", DONE)).await;
        assert_eq!((status.as_u16(), text.as_str()), (204, ""));
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_waits_for_a_closure_that_heeds_it() {
    for server in both(&Setup::default()) {
        let mut response = in_time(get(server.url("/until-shutdown")).send()).await.unwrap();
        let mut text = String::new();
        read_until(&mut response, &mut text, "data: open\n\n").await;
        server.hub.signal_for(Key::named("over"), false).set(true);
        let (rest, ()) = in_time(async { tokio::join!(response.text(), (server.stop)()) }).await;
        assert_eq!(rest.unwrap(), "data: over\n\n");
    }
}

#[tokio::test]
async fn an_event_in_axum_s_own_type_is_the_same_on_the_wire_and_never_a_panic() {
    let event = SseEvent::new().comment("a\r\nb\rc").event("e").unwrap().id("i").unwrap();
    for event in [event.clone().data("1\r2\n3\n"), event.retry(Duration::from_millis(1_005)), SseEvent::new().data("4")]
    {
        let events = stream::iter([Ok::<_, Infallible>(axum::response::sse::Event::from(event.clone()))]);
        let body = leptos_sse::axum::respond(events).into_response().into_body();
        assert_eq!(axum::body::to_bytes(body, usize::MAX).await.unwrap(), event.to_string());
    }
}
