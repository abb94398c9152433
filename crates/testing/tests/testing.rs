//! A native client and a server that fails on demand: as tests of an app are written. No sockets, no waits.

use futures::{StreamExt, TryStreamExt};
use leptos_sse_hub::{
    BoxError, Key, SseHub,
    events::{SseEvent, SseResponse, SseSink},
};
use leptos_sse_native::SseClientOptions;
use leptos_sse_native::{EventSource, EventSourceOptions, ReadyState, SseClient};
use leptos_sse_testing::{TestAnswer, TestFault, TestRequest, TestServer};
use std::time::Duration;

/// Lines with their numbers as ids, from the one behind `Last-Event-ID`; then 204.
fn lines(number: u32) -> impl Fn(&TestRequest) -> TestAnswer + Send + Sync + 'static {
    move |request| {
        let had = request.last_event_id().map_or(0, |id| id.parse().unwrap());
        if had == number {
            return TestAnswer::status(204);
        }
        let write = move |sink: SseSink| async move {
            for line in had + 1..=number {
                let retry = Duration::from_millis(10);
                sink.send(SseEvent::new().id(line.to_string())?.retry(retry).data(format!("line {line}\nof {number}")))
                    .await?;
            }
            Ok(())
        };
        SseResponse::new(write).spawn().into()
    }
}

fn follow(server: &TestServer) -> EventSourceOptions {
    EventSourceOptions::new().http(server.clone())
}

/// All that a source tells until it gives up, and whether that was an error.
async fn told(source: EventSource) -> (Vec<String>, bool) {
    let mut events = source.events();
    let mut told = Vec::new();
    loop {
        match events.try_next().await {
            Ok(Some(event)) => told.push(event.data().to_owned()),
            Ok(None) => return (told, false),
            Err(_) => return (told, true),
        }
    }
}

fn all(number: u32) -> Vec<String> {
    (1..=number).map(|line| format!("line {line}\nof {number}")).collect()
}

#[tokio::test(start_paused = true)]
async fn every_line_comes_once_however_often_the_stream_breaks_and_wherever() {
    let server = TestServer::with(lines(20));
    let faults = [
        TestFault::new().cut_after(0),
        TestFault::new().unreachable(),
        TestFault::new().status(503).retry_after(Duration::from_secs(2)),
        TestFault::new().cut_after(41).split(1),
        TestFault::new().truncate_after(100).split(7),
        TestFault::new().stall_after(73),
        TestFault::new().silent(),
        TestFault::new().delay(Duration::from_secs(3)).truncate_after(99),
        TestFault::new().content_type("text/html"),
        TestFault::new().latency(Duration::from_secs(1)).cut_after(60),
    ];
    let number = faults.len();
    faults.into_iter().for_each(|fault| server.next(fault));
    let options = follow(&server).retry_refusals(true).idle_timeout(Duration::from_secs(30));
    let source = EventSource::with_options("http://test/lines", options).unwrap();
    assert_eq!(told(source.clone()).await, (all(20), false));
    assert_eq!(source.ready_state(), ReadyState::Closed);
    let asked = server.requests();
    assert_eq!(asked.len(), number + 2, "one that brings the rest, and one for 204");
    assert_eq!(asked[0].last_event_id(), None);
    assert_eq!(asked.last().unwrap().last_event_id(), Some("20"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_cut_at_each_of_its_bytes_loses_and_doubles_nothing() {
    for part_len in [1, 5, usize::MAX] {
        for bytes in 0..200 {
            let server = TestServer::with(lines(4));
            server.next(TestFault::new().cut_after(bytes).split(part_len));
            let source = EventSource::with_options("http://test/lines", follow(&server)).unwrap();
            assert_eq!(told(source).await, (all(4), false), "cut after {bytes}, in parts of {part_len}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_twice_is_told_twice_and_one_that_is_lost_is_not() {
    let server = TestServer::with(|_| {
        let write = |sink: SseSink| async move {
            for line in 0.. {
                tokio::time::sleep(Duration::from_secs(1)).await;
                sink.send(SseEvent::new().json(&line)?).await?;
            }
            Ok::<_, BoxError>(())
        };
        SseResponse::new(write).spawn()
    });
    let mut events = EventSource::with_options("http://test/", follow(&server)).unwrap().events();
    let mut next = async || events.next().await.unwrap().unwrap().json::<u32>().unwrap();
    assert_eq!(next().await, 0);
    server.duplicate_next_event();
    assert_eq!([next().await, next().await], [1, 1]);
    server.lose_next_event();
    assert_eq!(next().await, 3);
    drop(events);
    server.until_open(0).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_in_place_of_a_stream_is_an_error_that_is_for_good() {
    let server = TestServer::with(lines(1));
    server.next(TestFault::new().content_type("text/html"));
    let source = EventSource::with_options("http://test/lines", follow(&server)).unwrap();
    assert_eq!(told(source).await, (Vec::new(), true));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_waits_between_attempts_can_be_read_of_the_requests() {
    let server = TestServer::with(lines(1));
    server.stop();
    let options = follow(&server).reconnect_base(Duration::from_secs(1)).reconnect_max(Duration::from_secs(60));
    let source = EventSource::with_options("http://test/lines", options).unwrap();
    let last = server.requested(8).await;
    server.restart_with(lines(1));
    assert_eq!(told(source).await, (all(1), false));
    let at: Vec<_> = server.requests().iter().map(TestRequest::at).collect();
    assert!(at.is_sorted() && last.at() > Duration::from_secs(5), "{at:?}");
    assert!(at.windows(2).all(|pair| pair[1] - pair[0] <= Duration::from_secs(61)), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn a_signal_has_the_value_of_the_server_after_whatever_went_wrong() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0);
    let server = TestServer::new(&hub);
    let client = SseClient::connect("http://test/sse", SseClientOptions::new().http(server.clone())).unwrap();
    let mut signal = client.signal_for::<i32>(Key::named("count")).unwrap();
    let mut comes_to = async |value: i32| {
        while signal.get().as_deref() != Some(&value) {
            signal.changed().await.unwrap();
        }
    };
    comes_to(0).await;

    server.duplicate_next_event();
    count.set(1);
    comes_to(1).await;

    server.lose_next_event();
    count.set(2);
    tokio::time::sleep(Duration::from_secs(1)).await;
    count.set(3);
    comes_to(3).await;

    server.next(TestFault::new().status(503).retry_after(Duration::from_secs(9)));
    server.next(TestFault::new().truncate_after(50).split(1));
    server.cut();
    count.set(4);
    comes_to(4).await;

    server.stop();
    tokio::time::sleep(Duration::from_secs(600)).await;
    let restarted = SseHub::new();
    let _count = restarted.signal_for(Key::named("count"), 5);
    server.restart(&restarted);
    comes_to(5).await;
    client.close().await;
    server.until_open(0).await;
}
