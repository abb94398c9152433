use super::{answer::TestAnswer, body, fault::TestFault, server::TestServer};
use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use leptos_sse_core::protocol::{EventStream, event_name};
use leptos_sse_hub::{
    Key, SseHub,
    events::{SseEvent, SseResponse},
};
use leptos_sse_native::{Body, BoxError, Http};
use serde_json::Value;
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, timeout};

/// A stream as a client reads it.
struct Reader {
    body: Body,
    text: String,
    stream: EventStream,
    events: VecDeque<(String, Value)>,
}

async fn ask(server: &TestServer, query: &str) -> Result<Response<Body>, BoxError> {
    server.send(Request::get(format!("http://test/sse?{query}")).body(Bytes::new()).unwrap()).await
}

async fn open(server: &TestServer, query: &str) -> Reader {
    let response = ask(server, query).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (text, stream, events) = (String::new(), EventStream::default(), VecDeque::new());
    Reader { body: response.into_body(), text, stream, events }
}

impl Reader {
    /// The next event but for heartbeats; none at the end, and the error of a stream that breaks.
    async fn next(&mut self) -> Option<Result<(String, Value), BoxError>> {
        loop {
            while let Some((name, data)) = self.events.pop_front() {
                if name != event_name::HEARTBEAT {
                    return Some(Ok((name, data)));
                }
            }
            let part = match self.body.next().await? {
                Ok(part) => part,
                Err(error) => return Some(Err(error)),
            };
            self.text += std::str::from_utf8(&part).unwrap();
            let take = |event: leptos_sse_core::protocol::StreamedEvent| {
                let data = serde_json::from_str(event.data).unwrap_or_else(|_| event.data.into());
                self.events.push_back((event.event.to_owned(), data));
            };
            self.stream.push(&part, take).unwrap();
        }
    }

    async fn event(&mut self) -> (String, Value) {
        self.next().await.expect("the stream ended").expect("the stream broke")
    }

    /// The seq of the next update, and the value that it ends with.
    async fn update(&mut self) -> (u64, Value) {
        let (name, data) = self.event().await;
        assert_eq!(name, "message", "{data}");
        (data["to"].as_u64().unwrap(), data["patch"][0]["value"].clone())
    }

    async fn hello(&mut self) -> String {
        let (name, data) = self.event().await;
        assert_eq!(name, "hello");
        data["epoch"].as_str().unwrap().to_owned()
    }
}

fn counting(value: i32) -> (SseHub, leptos_sse_hub::ServerSignal<i32>) {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), value);
    (hub, count)
}

#[tokio::test(start_paused = true)]
async fn a_hub_is_served_without_sockets_and_its_requests_are_noted() {
    let (hub, count) = counting(7);
    let server = TestServer::new(&hub);
    let mut reader = open(&server, "s=count").await;
    reader.hello().await;
    assert_eq!(reader.update().await.1, 7);
    count.set(8);
    let (seq, value) = reader.update().await;
    assert_eq!(value, 8);
    assert_eq!((server.open_streams(), hub.stats().connections), (1, 1));

    tokio::time::sleep(Duration::from_secs(3)).await;
    let epoch = hub.cursor().epoch;
    let request = Request::post("http://test/other?x=1").header("Last-Event-ID", "é").header("X-User", "ada");
    let body = format!("epoch={epoch}&s=count~{seq}");
    let response = server.send(request.body(body.clone().into()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);

    let [first, second] = &server.requests()[..] else { panic!("{server:?}") };
    assert_eq!((first.method(), first.url().as_str(), first.body()), ("GET", "http://test/sse?s=count", &b""[..]));
    assert_eq!((first.last_event_id(), first.header("x-user"), first.at()), (None, None, Duration::ZERO));
    assert_eq!((second.method(), second.path(), second.query()), ("POST", "/other", "x=1"));
    assert_eq!((second.last_event_id(), second.header("x-user")), (Some("é"), Some("ada")));
    assert_eq!((second.body(), second.at().as_secs()), (body.as_bytes(), 3));
    assert_eq!(
        second.subscribe_request().unwrap().keys().map(leptos_sse_core::Key::as_str).collect::<Vec<_>>(),
        ["count"]
    );

    drop((reader, response));
    server.until_open(0).await;
    assert_eq!(hub.stats().connections, 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_hub_refuses_is_a_status() {
    let (hub, _count) = counting(7);
    let server = TestServer::new(&hub);
    assert_eq!(ask(&server, "s=%FF").await.unwrap().status(), 400);
    hub.close();
    let mut response = ask(&server, "s=count").await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert_eq!(response.body_mut().next().await.unwrap().unwrap(), "the server is shutting down");
    assert_eq!(server.open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn answers_fail_as_they_are_told_each_once_and_in_turn() {
    let (hub, _count) = counting(7);
    let server = TestServer::new(&hub);
    server.next(TestFault::new().status(503).retry_after(Duration::from_secs(9)));
    server.next(TestFault::new().unreachable());
    server.next(TestFault::new().content_type("text/html"));
    server.next(TestFault::new().delay(Duration::from_secs(5)));
    server.next(TestFault::new().silent());

    let busy = ask(&server, "s=count").await.unwrap();
    assert_eq!((busy.status().as_u16(), &busy.headers()["retry-after"]), (503, &"9".parse().unwrap()));
    assert!(ask(&server, "s=count").await.is_err());
    let page = ask(&server, "s=count").await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["content-type"]), (200, &"text/html".parse().unwrap()));

    let begin = Instant::now();
    ask(&server, "s=count").await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 5);
    assert!(timeout(Duration::from_secs(86_400), ask(&server, "s=count")).await.is_err());
    open(&server, "s=count").await.hello().await;
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_stream_breaks_ends_or_stalls_after_its_bytes_and_not_before() {
    let whole = "data: 12345\n\n";
    for len in 0..=whole.len() {
        for fault in ["cut", "end", "stall"] {
            let server = TestServer::with(move |_| {
                SseResponse::new(|sink| async move { Ok(sink.send(SseEvent::new().data("12345")).await?) }).spawn()
            });
            server.next(match fault {
                "cut" => TestFault::new().cut_after(len),
                "end" => TestFault::new().truncate_after(len),
                _ => TestFault::new().stall_after(len).split(3),
            });
            let mut body = ask(&server, "").await.unwrap().into_body();
            let mut text = Vec::new();
            let last = loop {
                match timeout(Duration::from_secs(86_400), body.next()).await {
                    Ok(Some(Ok(part))) => text.extend_from_slice(&part),
                    Ok(Some(Err(_))) => break "cut",
                    Ok(None) => break "end",
                    Err(_) => break "stall",
                }
            };
            assert_eq!((std::str::from_utf8(&text).unwrap(), last), (&whole[..len], fault));
            assert_eq!(server.open_streams(), usize::from(fault == "stall"));
            server.cut();
            if fault == "stall" {
                assert!(body.next().await.unwrap().is_err());
            }
            assert!(body.next().await.is_none());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_comes_in_pieces_and_late() {
    let (hub, _count) = counting(7);
    let server = TestServer::new(&hub);
    server.next(TestFault::new().split(1).latency(Duration::from_secs(1)));
    let begin = Instant::now();
    let mut reader = open(&server, "s=count").await;
    reader.hello().await;
    assert_eq!(reader.update().await.1, 7);
    assert_eq!(begin.elapsed().as_secs(), reader.text.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn the_next_event_comes_twice_or_in_part_or_not_at_all_and_heartbeats_do_not_count() {
    let (hub, count) = counting(0);
    let server = TestServer::new(&hub);
    let mut reader = open(&server, "s=count").await;
    reader.hello().await;
    let (first, _) = reader.update().await;

    server.duplicate_next_event();
    // Time for a heartbeat, which is given on as it is.
    assert!(timeout(Duration::from_secs(16), reader.next()).await.is_err());
    assert_eq!(reader.text.matches("event: hb").count(), 1);
    count.set(1);
    assert_eq!(reader.update().await, (first + 1, 1.into()));
    assert_eq!(reader.update().await, (first + 1, 1.into()));

    server.lose_next_event();
    count.set(2);
    assert!(timeout(Duration::from_secs(1), reader.next()).await.is_err());
    count.set(3);
    assert_eq!(reader.update().await, (first + 3, 3.into()));

    server.truncate_next_event(20);
    let len = reader.text.len();
    count.set(4);
    assert!(reader.next().await.is_none());
    assert_eq!(reader.text.len(), len + 20);
    assert_eq!(server.open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_comes_when_it_is_released() {
    let (hub, count) = counting(0);
    let server = TestServer::new(&hub);
    let mut old = open(&server, "s=count").await;
    old.hello().await;
    old.update().await;
    server.hold();
    let mut new = open(&server, "s=count").await;
    count.set(1);
    assert!(timeout(Duration::from_secs(3_600), old.next()).await.is_err());
    assert!(timeout(Duration::from_secs(3_600), new.next()).await.is_err());
    assert_eq!((old.events.len(), new.text.as_str()), (0, ""));

    server.release();
    assert_eq!(old.update().await.1, 1);
    new.hello().await;
    assert_eq!(new.update().await.1, 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_stream_is_woken_by_what_the_test_does() {
    for (what, expected) in [("cut", Some(false)), ("end", None), ("release", Some(true))] {
        let (hub, count) = counting(0);
        let server = TestServer::new(&hub);
        let mut reader = open(&server, "s=count").await;
        reader.hello().await;
        reader.update().await;
        if what == "release" {
            server.hold();
            count.set(1);
        }
        let waits = tokio::spawn(async move { reader.next().await.map(|event| event.is_ok()) });
        tokio::time::sleep(Duration::from_secs(1)).await;
        match what {
            "cut" => server.cut(),
            "end" => server.end(),
            _ => server.release(),
        }
        // Before a heartbeat would do it.
        let told = timeout(Duration::from_secs(5), waits).await;
        assert_eq!(told.unwrap_or_else(|_| panic!("{what}")).unwrap(), expected, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_restarted_has_another_epoch_and_one_that_is_stopped_is_not_there() {
    let (hub, _count) = counting(1);
    let server = TestServer::new(&hub);
    let mut reader = open(&server, "s=count").await;
    let epoch = reader.hello().await;
    reader.update().await;

    server.stop();
    assert_eq!(server.open_streams(), 0);
    assert!(reader.next().await.unwrap().is_err());
    assert!(ask(&server, "s=count").await.is_err());

    let (hub, _count) = counting(2);
    server.restart(&hub);
    let mut reader = open(&server, &format!("epoch={epoch}&s=count~1")).await;
    assert_ne!(reader.hello().await, epoch);
    assert_eq!(reader.update().await.1, 2, "a snapshot");

    server.end();
    assert!(reader.next().await.is_none());
    server.restart_with(|_| TestAnswer::status(204));
    assert_eq!(ask(&server, "s=count").await.unwrap().status(), 204);
}

#[tokio::test(start_paused = true)]
async fn a_test_waits_for_requests_and_streams() {
    let (hub, _count) = counting(1);
    let server = TestServer::new(&hub);
    let client = tokio::spawn({
        let server = server.clone();
        async move {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(60)).await;
                drop(ask(&server, "s=count").await);
            }
            ask(&server, "s=other").await
        }
    });
    assert_eq!(server.requested(2).await.at().as_secs(), 120);
    assert_eq!(server.requested(4).await.query(), "s=other");
    server.until_open(1).await;
    let stream = client.await.unwrap();
    assert_eq!(server.requested(1).await.query(), "s=count");
    drop(stream);
    server.until_open(0).await;
}

#[test]
fn an_event_ends_with_a_blank_line_of_any_kind() {
    for (text, end) in [
        ("", None),
        ("a\n", None),
        ("a\n\nb\n\n", Some(3)),
        ("a\r\n\r\nb", Some(5)),
        ("a\r\rb\n\n", Some(3)),
        ("a\n\rb", Some(3)),
        ("a\r\n", None),
    ] {
        assert_eq!(body::end_of_event(text.as_bytes()), end, "{text:?}");
    }
}
