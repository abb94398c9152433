//! What is read, and in which form.

use super::fake::{Fake, Then, all, data, settle};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use leptos_sse_native::{Body, EventSource, EventSourceOptions, ReadyState};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

const TEXT: &str = "\u{feff}: welcome\r\nevent: price\rdata: 1,\ndata:  2\nid: é7\n\n\
                    data: \u{1f980}\r\n\r\ndata\n\nid\nretry: 10\ndata:x\n\n";

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_cut_at_every_byte() {
    let expected =
        [("price", "1,\n 2", "é7"), ("message", "\u{1f980}", "é7"), ("message", "", "é7"), ("message", "x", "")];
    for size in (1..8).chain([TEXT.len()]) {
        let parts = TEXT.as_bytes().chunks(size).map(Bytes::copy_from_slice);
        let fake = Fake::new().parts(parts, Then::Ends).status(204, &[]);
        let (events, error) = all(fake.source()).await;
        let events: Vec<_> = events.iter().map(|event| (event.event(), event.data(), event.last_event_id())).collect();
        assert_eq!(events, expected, "parts of {size} bytes");
        assert_eq!(error, None);
    }
}

#[tokio::test(start_paused = true)]
async fn invalid_utf_8_is_replaced() {
    let fake = Fake::new().stream(b"data: a\xffb\xe2\x82\n\n", Then::Ends).status(204, &[]);
    assert_eq!(data(&all(fake.source()).await.0), ["a\u{fffd}b\u{fffd}"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_cut_in_the_middle_is_dropped() {
    let fake = Fake::new()
        .stream("id: 1\ndata: whole\n\nid: 2\ndata: half\n", Then::Breaks)
        .stream("id: 2\ndata: again\n\nid: 3\ndata: half", Then::Ends)
        .status(204, &[]);
    assert_eq!(data(&all(fake.source()).await.0), ["whole", "again"]);
    assert_eq!(fake.last_event_ids(), [None, Some("1".to_owned()), Some("2".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_too_long_is_a_clear_error_and_the_end() {
    for long in ["data: 0123456789\ndata: 0123456789\n\n", "data: 01234567890123456789", ": 01234567890123456789"] {
        let fake = Fake::new().stream(format!("data: fits\n\n{long}"), Then::Stays);
        let source = fake.source_with(|options| options.max_event_len(20).retry_refusals(true));
        let (events, error) = all(source.clone()).await;
        assert_eq!(data(&events), ["fits"]);
        let error = error.unwrap();
        assert!(error.is_too_large());
        assert_eq!(error.to_string(), "the stream has an event of more than 20 bytes");
        assert_eq!((source.ready_state(), fake.asked(), fake.under_way()), (ReadyState::Closed, 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_read_as_json() {
    let fake = Fake::new().stream("data: [1,2.5]\n\ndata: no\n\n", Then::Ends).status(204, &[]);
    let (events, _) = all(fake.source()).await;
    assert_eq!(events[0].json::<(u8, f64)>().unwrap(), (1, 2.5));
    assert!(events[1].json::<u8>().unwrap_err().is_malformed());
    assert_eq!(events[0].origin(), "http://fake");
}

/// A stream without end, which counts the parts that were read of it.
fn endless(read: &Arc<AtomicUsize>) -> Body {
    let read = read.clone();
    Box::pin(stream::repeat_with(move || {
        let number = read.fetch_add(1, SeqCst);
        Ok(Bytes::from(format!("id: {number}\ndata: {}\n\n", "x".repeat(1_000))))
    }))
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_holds_the_stream_back() {
    let read = Arc::new(AtomicUsize::new(0));
    let fake = Fake::new().body(endless(&read));
    let source = fake.source_with(|options| options.idle_timeout(Duration::from_secs(1)));
    let mut events = source.events();
    settle().await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    let held = read.load(SeqCst);
    assert!(held <= 4, "{held} parts were read");
    // It is not silence when nobody reads, and nothing was lost.
    for number in 0..1_000 {
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(event.last_event_id(), number.to_string());
    }
    assert!(read.load(SeqCst) <= 1_004);
    assert_eq!(fake.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_slowest_reader_counts_until_it_goes() {
    let read = Arc::new(AtomicUsize::new(0));
    let fake = Fake::new().body(endless(&read));
    let source = fake.source();
    let (mut quick, slow) = (source.events(), source.events());
    settle().await;
    let mut count = 0;
    while quick.next().now_or_never().is_some() {
        count += 1;
        settle().await;
    }
    assert!(count <= 4, "{count} events came");
    drop(slow);
    for _ in 0..100 {
        quick.next().await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn readers_that_take_turns_get_all_of_it() {
    let source = Fake::new().body(endless(&Arc::default())).source();
    let mut readers = [(source.events(), 0), (source.events(), 0)];
    for turn in 0..200 {
        let (events, count) = &mut readers[turn % 2];
        settle().await;
        while let Some(event) = events.next().now_or_never() {
            assert_eq!(event.unwrap().unwrap().last_event_id(), count.to_string());
            *count += 1;
        }
    }
    assert!(readers.iter().all(|(_, count)| *count >= 100));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_held_back_can_be_closed() {
    let fake = Fake::new().body(endless(&Arc::default()));
    let source = fake.source();
    let mut events = source.events();
    settle().await;
    source.close();
    settle().await;
    assert_eq!(fake.under_way(), 0);
    // What was read before is there still.
    let rest: Vec<_> = events.by_ref().try_collect().await.unwrap();
    assert!(rest.len() <= 4);
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_before_somebody_listens() {
    let fake = Fake::new().stream("data: first\n\n", Then::Ends).status(204, &[]);
    let source = fake.source();
    settle().await;
    assert_eq!((source.ready_state(), fake.asked()), (ReadyState::Open, 1));
    assert_eq!(data(&all(source).await.0), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn events_of_a_source_that_has_given_up_end_with_its_error() {
    let fake = Fake::new().status(404, &[]);
    let source = fake.source();
    settle().await;
    for _ in 0..2 {
        let (events, error) = all(source.clone()).await;
        assert_eq!((data(&events), error.unwrap().status()), (vec![], Some(404)));
    }
    let closed = Fake::new().source();
    closed.close();
    settle().await;
    assert_eq!(all(closed).await.1, None);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_an_error_at_once() {
    for url in ["/events", "ftp://host/events", "http://", "data:text/event-stream,x", ""] {
        assert!(EventSource::new(url).unwrap_err().is_invalid_url(), "{url}");
    }
    for (name, value) in [("bad name", "x"), ("x", "bad\nvalue"), ("", "x")] {
        let options = EventSourceOptions::new().header(name, value);
        assert!(EventSource::with_options("http://host/", options).unwrap_err().is_invalid_header(), "{name}");
    }
    let error = EventSource::with_options("http://host/", EventSourceOptions::new().proxy("http://")).unwrap_err();
    assert!(error.is_invalid_url());
    let secret = Fake::new().source_with(|options| options.header("authorization", "Bearer 7f3a"));
    assert!(!format!("{secret:?}").contains("7f3a"));
    let error = EventSourceOptions::new().header("authorization", "7f3a\n");
    assert!(!EventSource::with_options("http://host/", error).unwrap_err().to_string().contains("7f3a"));
}

#[test]
fn without_a_runtime_it_is_an_error() {
    assert!(EventSource::new("http://host/").unwrap_err().is_no_runtime());
}
