//! When it comes back, with what, and when it gives up.

use super::fake::{Fake, Then, all, data, is_closed, settle, so_far, told, until};
use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use leptos_sse_native::{Body, BoxError, EventSource, EventSourceOptions, Http, ReadyState};
use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn some(id: &str) -> Option<String> {
    Some(id.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_or_breaks_is_opened_again() {
    let fake = Fake::new()
        .stream("data: 1\n\n", Then::Ends)
        .stream("data: 2\n\n", Then::Breaks)
        .stream("data: 3\n\n", Then::Stays);
    let source = fake.source();
    let mut told = told(&source);
    tokio::time::sleep(secs(60)).await;
    assert_eq!(
        so_far(&mut told),
        [
            "open",
            "message: 1",
            "Connecting: the connection to `http://fake/events` is lost: the stream has ended",
            "open",
            "message: 2",
            "Connecting: the connection to `http://fake/events` is lost: the cable was cut",
            "open",
            "message: 3",
        ]
    );
    assert_eq!(source.ready_state(), ReadyState::Open);
    assert_eq!(fake.waits(), [secs(3), secs(3)]);
}

#[tokio::test(start_paused = true)]
async fn a_204_ends_it_without_an_error_of_the_stream() {
    let fake = Fake::new().stream("data: 1\n\n", Then::Ends).status(204, &[]);
    let source = fake.source_with(|options| options.retry_refusals(true));
    let mut told = told(&source);
    let (events, error) = all(source.clone()).await;
    assert_eq!((data(&events), error), (vec!["1"], None));
    assert_eq!(
        so_far(&mut told)[2..],
        [
            "Connecting: the connection to `http://fake/events` is lost: the stream has ended",
            "Closed: `http://fake/events` answered 204, and no stream of events",
        ]
    );
    tokio::time::sleep(secs(600)).await;
    assert_eq!((fake.asked(), source.ready_state()), (2, ReadyState::Closed));
}

#[tokio::test(start_paused = true)]
async fn any_other_answer_ends_it_with_its_status() {
    for status in [201, 205, 302, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504] {
        let fake = Fake::new().status(status, &[("content-type", "text/event-stream"), ("retry-after", "1")]);
        let source = fake.source();
        let mut told = told(&source);
        let (events, error) = all(source.clone()).await;
        assert_eq!((events.len(), error.unwrap().status()), (0, Some(status)));
        let closed = format!("Closed: `http://fake/events` answered {status}, and no stream of events");
        assert_eq!(so_far(&mut told), [closed]);
        tokio::time::sleep(secs(600)).await;
        assert_eq!((fake.asked(), fake.under_way()), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_content_type_ends_it_and_parameters_are_none() {
    for wrong in ["text/html", "text/plain; charset=utf-8", "application/json", "text/event-stream-x", "", ";"] {
        let fake = Fake::new().status(200, &[("content-type", wrong)]);
        assert_eq!(all(fake.source()).await.1.unwrap().status(), Some(200), "{wrong}");
    }
    assert_eq!(all(Fake::new().status(200, &[]).source()).await.1.unwrap().status(), Some(200));
    for right in ["text/event-stream", "text/event-stream; charset=utf-8", "TEXT/Event-Stream ;x", " text/event-stream"]
    {
        let fake = Fake::new().status(200, &[("content-type", right)]).status(204, &[]);
        assert_eq!(data(&all(fake.source()).await.0), ["not for you"], "{right}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_tried_again_when_the_options_say_so() {
    let fake = Fake::new()
        .status(503, &[("retry-after", "77")])
        .status(200, &[("content-type", "text/html")])
        .stream("data: 1\n\n", Then::Stays);
    let source = fake.source_with(|options| options.retry_refusals(true));
    let mut told = told(&source);
    until(|| fake.asked() == 3).await;
    settle().await;
    assert_eq!(
        so_far(&mut told),
        [
            "Connecting: `http://fake/events` answered 503, and no stream of events",
            "Connecting: `http://fake/events` answered 200, and no stream of events",
            "open",
            "message: 1",
        ]
    );
    let waits = fake.waits();
    assert_eq!(waits[0], secs(77));
    assert!((secs(3)..=secs(6)).contains(&waits[1]), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_tells_the_last_event_id() {
    let fake = Fake::new()
        .stream("id: 1\ndata: a\n\ndata: b\n\n", Then::Ends)
        // A stream without ids changes nothing.
        .stream("data: c\n\n", Then::Ends)
        // An id without data is no event, and counts.
        .stream("id: grün\n\n", Then::Ends)
        // One with NUL is none.
        .stream("id: x\0y\ndata: d\n\n", Then::Ends)
        // One of an event that never ends is none either.
        .stream("id: 9\ndata: e", Then::Ends)
        // An empty one resets it.
        .stream("id\ndata: f\n\n", Then::Ends)
        .status(204, &[]);
    let source = fake.source_with(|options| options.last_event_id("0"));
    assert_eq!(&*source.last_event_id(), "0");
    let (events, _) = all(source.clone()).await;
    let ids: Vec<_> = events.iter().map(|event| (event.data(), event.last_event_id())).collect();
    assert_eq!(ids, [("a", "1"), ("b", "1"), ("c", "1"), ("d", "grün"), ("f", "")]);
    let told = [some("0"), some("1"), some("1"), some("grün"), some("grün"), some("grün"), None];
    assert_eq!(fake.last_event_ids(), told);
    assert_eq!(&*source.last_event_id(), "");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_no_header_can_have_is_not_sent() {
    let fake = Fake::new().stream("id: a\u{1}b\ndata: 1\n\n", Then::Ends).status(204, &[]);
    let (events, _) = all(fake.source()).await;
    assert_eq!(events[0].last_event_id(), "a\u{1}b");
    assert_eq!(fake.last_event_ids(), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn the_server_sets_the_wait_with_retry() {
    let fake = Fake::new()
        .stream("retry: 700\n\n", Then::Ends)
        // It counts at once, and on.
        .stream("retry: 9000\ndata: never complete", Then::Breaks)
        .stream("retry: 1.5\nretry: -1\nretry: x\nretry:\n\n", Then::Ends)
        .stream("retry: 0\n\n", Then::Ends)
        .status(204, &[]);
    let source = fake.source_with(|options| options.reconnect_base(secs(1)).reconnect_max(secs(2)));
    all(source).await;
    assert_eq!(fake.waits(), [700, 9_000, 9_000, 100].map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn waits_grow_while_nothing_is_reached_and_begin_anew_after_a_stream() {
    let mut fake = Fake::new();
    for _ in 0..8 {
        fake = fake.down();
    }
    let fake = fake.stream("data: 1\n\n", Then::Ends).status(204, &[]);
    let source = fake.source_with(|options| options.reconnect_base(secs(1)).reconnect_max(secs(8)));
    let mut told = told(&source);
    assert_eq!(data(&all(source).await.0), ["1"]);
    let waits = fake.waits();
    assert_eq!(waits[0], secs(1));
    for (wait, bound) in waits.iter().zip([1, 2, 4, 8, 8, 8, 8, 8]) {
        assert!((secs(1)..=secs(bound)).contains(wait), "{waits:?}");
    }
    assert!(waits[1..8].iter().any(|wait| *wait > secs(1)));
    assert_eq!(waits[8], secs(1));
    let down = "Connecting: the connection to `http://fake/events` is lost: no route to the host";
    assert_eq!(so_far(&mut told)[..8], [down; 8]);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_lost_connection_when_the_options_say_so() {
    let quiet = Bytes::from_static(b": still here\n\n");
    let fake = Fake::new().parts([quiet], Then::Stays).stream("", Then::Stays);
    let source = fake.source_with(|options| options.idle_timeout(secs(45)));
    let mut told = told(&source);
    // The third request is never answered.
    tokio::time::sleep(secs(45 + 3 + 45 + 3 + 45 + 1)).await;
    assert_eq!(fake.waits(), [secs(48), secs(48)]);
    let lost = "Connecting: the connection to `http://fake/events` is lost: nothing came for 45s";
    assert_eq!(so_far(&mut told), ["open", lost, "open", lost, lost]);
    assert_eq!(source.ready_state(), ReadyState::Connecting);
}

#[tokio::test(start_paused = true)]
async fn close_ends_a_request_a_wait_and_a_stream_and_tells_nobody() {
    let connecting = Fake::new();
    let source = connecting.source();
    let mut heard = told(&source);
    settle().await;
    assert_eq!((connecting.asked(), connecting.under_way(), source.ready_state()), (1, 1, ReadyState::Connecting));
    source.close();
    assert!(is_closed(&source));
    settle().await;
    assert_eq!(connecting.under_way(), 0);

    let waiting = Fake::new().down();
    let source = waiting.source();
    let mut waited = told(&source);
    settle().await;
    assert_eq!(so_far(&mut waited).len(), 1);
    source.close();

    let open = Fake::new().stream("data: 1\n\n", Then::Stays);
    let source = open.source();
    let mut read = told(&source);
    settle().await;
    assert_eq!(so_far(&mut read), ["open", "message: 1"]);
    source.close();
    source.close();

    tokio::time::sleep(secs(600)).await;
    assert_eq!((connecting.asked(), waiting.asked(), open.asked(), open.under_way()), (1, 1, 1, 0));
    assert!(heard.recv().await.is_none() && waited.recv().await.is_none() && read.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_close_at_the_very_moment_of_something_else_wins() {
    for ends in [None, Some(Err("the cable was cut".into())), Some(Ok(Bytes::from_static(b"id: 1\ndata: 1\n\n")))] {
        let slot = Arc::new(OnceLock::<EventSource>::new());
        let (closing, mut ends) = (slot.clone(), Some(ends));
        let body = futures::stream::poll_fn(move |_| {
            closing.get().unwrap().close();
            std::task::Poll::Ready(ends.take().flatten())
        });
        let fake = Fake::new().body(Box::pin(body));
        let called = Arc::new(AtomicU64::new(0));
        let (on_message, on_error) = (called.clone(), called.clone());
        let source = fake.source_with(|options| {
            let options = options.on_message(move |_| _ = on_message.fetch_add(1, SeqCst));
            options.on_error(move |_| _ = on_error.fetch_add(1, SeqCst))
        });
        let told = source.events();
        assert!(slot.set(source.clone()).is_ok());
        let stream = told.collect::<Vec<_>>().await;
        assert!(stream.is_empty() && is_closed(&source) && source.last_event_id().is_empty());
        assert_eq!((called.load(SeqCst), fake.asked(), fake.under_way()), (0, 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn close_before_anything_asks_for_nothing() {
    let fake = Fake::new();
    let source = fake.source();
    source.close();
    settle().await;
    assert_eq!(fake.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_last_clone_and_the_last_stream_of_events_close_it() {
    let fake = Fake::new().stream("data: 1\n\n", Then::Stays);
    let source = fake.source();
    let clone = source.clone();
    drop(source);
    let events = clone.events();
    drop(clone);
    settle().await;
    assert_eq!(fake.under_way(), 1);
    assert_eq!(events.source().ready_state(), ReadyState::Open);
    drop(events);
    settle().await;
    assert_eq!(fake.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_the_method_the_body_and_fresh_headers() {
    let fake = Fake::new().stream("", Then::Ends).stream("", Then::Ends);
    let number = std::sync::atomic::AtomicU32::new(0);
    let source = fake.source_with(|options| {
        options
            .method(http::Method::POST)
            .body("{\"q\":1}")
            .header("content-type", "application/json")
            .header("Accept", "text/event-stream, */*")
            .header("x-token", "stale")
            .headers(move || {
                let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                vec![("x-token".to_owned(), format!("fresh {number}")), ("bad name".to_owned(), String::new())]
            })
    });
    let _events = source.events();
    for number in 0..3 {
        until(|| fake.asked() == number + 1).await;
        let request = fake.request();
        assert_eq!((request.method().as_str(), request.body().as_ref()), ("POST", b"{\"q\":1}".as_slice()));
        let header = |name| request.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header("x-token"), format!("fresh {number}"));
        assert_eq!((header("content-type"), header("accept")), ("application/json", "text/event-stream, */*"));
        assert_eq!(header("cache-control"), "no-cache");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_headers_are_made_leaves_them_out() {
    let fake = Fake::new().stream("data: 1\n\n", Then::Stays);
    let source = fake.source_with(|options| options.headers(|| panic!("no token")));
    let mut told = told(&source);
    settle().await;
    assert_eq!(so_far(&mut told), ["open", "message: 1"]);
}

/// Has events of an id each, and cuts each answer at another byte.
#[derive(Clone, Default)]
struct Cutting(Arc<AtomicU64>);

impl Http for Cutting {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
        let answers = self.0.fetch_add(1, SeqCst);
        let last = request.headers().get("last-event-id").map_or(0, |id| id.to_str().unwrap().parse::<u64>().unwrap());
        let text: String = (last + 1..last + 5)
            .map(|number| {
                let (event, end) =
                    (["", "event: price\n"][number as usize % 2], ["\n", "\r\n", "\r"][number as usize % 3]);
                format!("{event}id: {number}{end}data: {number}{end}: a comment{end}{end}")
            })
            .collect();
        Box::pin(async move {
            if answers % 10 == 3 {
                return Err("away".into());
            }
            let cut = (answers * 13) as usize % text.len();
            let parts =
                text.into_bytes()[..cut].chunks(7).map(|part| Ok(Bytes::copy_from_slice(part))).collect::<Vec<_>>();
            let body: Body = Box::pin(futures::stream::iter(parts));
            Ok(Response::builder().header("content-type", "text/event-stream").body(body)?)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_cuts_lose_and_double_nothing() {
    let server = Cutting::default();
    let options = EventSourceOptions::new().http(server.clone());
    let mut events = EventSource::with_options("http://fake/", options).unwrap().events();
    let mut count = 0;
    while server.0.load(SeqCst) < 1_000 {
        count += 1;
        let event = events.next().await.unwrap().unwrap();
        let number = count.to_string();
        assert_eq!((event.data(), event.last_event_id()), (&*number, &*number));
        assert_eq!(event.event(), ["message", "price"][count % 2]);
    }
    assert!(count > 1_000, "{count} events came");
}
