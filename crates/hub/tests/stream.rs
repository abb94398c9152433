//! `ServerSentEvents` over streams and channels, with time standing still until it is needed.

use bytes::Bytes;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use leptos_sse::{BoxError, Key, ServerSentEvents};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};

#[derive(Serialize)]
struct Count {
    value: i32,
}

/// An event, as its name and its data.
type Event = (String, Value);

fn parse(event: &Bytes) -> Event {
    let text = std::str::from_utf8(event).unwrap();
    assert!(text.ends_with("\n\n"), "{text:?}");
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let data = field("data: ").unwrap();
    let data = serde_json::from_str(data).unwrap_or_else(|_| Value::from(data));
    (field("event: ").unwrap_or("message").to_owned(), data)
}

fn events<S, X>(stream: S) -> BoxStream<'static, Event>
where
    S: Stream<Item = Result<Bytes, X>> + Send + 'static,
    X: std::fmt::Debug,
{
    StreamExt::map(stream, |event| parse(&event.unwrap())).boxed()
}

fn values<T: Send + 'static>(
    values: impl IntoIterator<Item = T, IntoIter: Send + 'static>,
) -> impl Stream<Item = Result<T, BoxError>> + Send {
    stream::iter(values).map(Ok)
}

fn message(data: Value) -> Event {
    ("message".to_owned(), data)
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_a_hello_a_snapshot_and_patches() {
    let counts = values([1, 2]).map(|value| value.map(|value| Count { value }));
    let mut events = events(ServerSentEvents::new_for(Key::named("count"), counts).unwrap());

    let (name, hello) = events.next().await.unwrap();
    assert_eq!((name.as_str(), &hello["name"], &hello["heartbeat"]), ("hello", &json!("count"), &json!(15_000)));
    assert_eq!(hello["epoch"].as_str().unwrap().len(), 16);
    assert!((1_000..3_000).contains(&hello["retry"].as_u64().unwrap()));

    let snapshot = json!([{ "op": "replace", "path": "", "value": { "value": 1 } }]);
    assert_eq!(events.next().await.unwrap(), message(json!({ "name": "count", "to": 1, "patch": snapshot })));
    let patch = json!([{ "op": "replace", "path": "/value", "value": 2 }]);
    assert_eq!(events.next().await.unwrap(), message(json!({ "name": "count", "from": 1, "to": 2, "patch": patch })));
    assert_eq!(events.next().await, None);
    assert_eq!(events.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_key_is_the_name_of_the_type() {
    let counts = values([Count { value: 1 }]);
    let hello = events(ServerSentEvents::new(counts).unwrap()).next().await.unwrap();
    assert_eq!(hello.1["name"], "main::stream::Count");
}

#[test]
fn a_key_that_is_none_is_an_error() {
    let events = ServerSentEvents::<_, Bytes>::new_for(Key::named(""), values([1]));
    assert!(events.err().unwrap().is_invalid_key());
}

#[tokio::test(start_paused = true)]
async fn values_that_change_nothing_send_nothing() {
    let same = values((0..1_000).map(|n| n / 500));
    let events: Vec<_> = events(ServerSentEvents::new_for(Key::named("n"), same).unwrap()).collect().await;
    assert_eq!(events.len(), 3, "{events:?}");
}

/// Fails to serialise where it is odd.
struct Picky(u32);

impl Serialize for Picky {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 2 {
            0 => serializer.serialize_u32(self.0),
            _ => Err(serde::ser::Error::custom("odd")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_serialised_is_skipped_and_the_next_follows_the_last_good_one() {
    let events: Vec<_> =
        events(ServerSentEvents::new_for(Key::named("n"), values((1..=4).map(Picky))).unwrap()).skip(1).collect().await;
    let update = |from: Option<u64>, to, value| {
        let mut data = json!({ "name": "n", "to": to, "patch": [{ "op": "replace", "path": "", "value": value }] });
        if let Some(from) = from {
            data["from"] = from.into();
        }
        message(data)
    };
    assert_eq!(events, [update(None, 1, 2), update(Some(1), 2, 4)]);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_stream_is_a_bye_and_the_end_but_never_an_error_of_the_body() {
    let failing = stream::iter([Ok(1), Err("the database is gone"), Ok(2)]);
    let events: Vec<_> = events(ServerSentEvents::new_for(Key::named("n"), failing).unwrap()).skip(2).collect().await;
    assert_eq!(events, [("bye".to_owned(), json!({ "name": "n", "reason": "the stream of this signal failed" }))]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_writes_heartbeats_and_a_busy_one_does_not() {
    let silent = values([7]).chain(stream::pending());
    let mut events =
        events(ServerSentEvents::new_for(Key::named("n"), silent).unwrap().heartbeat(Duration::from_secs(2)));
    let epoch = events.next().await.unwrap().1["epoch"].as_str().unwrap().to_owned();
    events.next().await;
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        assert_eq!(events.next().await.unwrap(), ("hb".to_owned(), json!(format!("{epoch}.1"))));
        assert!(before.elapsed().abs_diff(Duration::from_secs(2)) <= Duration::from_millis(2));
    }

    let busy = tokio_stream::StreamExt::throttle(values(1..10), Duration::from_millis(1_500));
    let names: Vec<_> =
        self::events(ServerSentEvents::new_for(Key::named("n"), busy).unwrap().heartbeat(Duration::from_secs(2)))
            .map(|(name, _)| name)
            .collect()
            .await;
    assert!(!names.contains(&"hb".to_owned()), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_of_zero_is_none_and_one_without_end_never_comes() {
    for every in [Duration::ZERO, Duration::MAX] {
        let silent = values([7]).chain(stream::pending());
        let mut events = events(ServerSentEvents::new_for(Key::named("n"), silent).unwrap().heartbeat(every));
        events.next().await;
        events.next().await;
        let third = tokio::time::timeout(Duration::from_secs(86_400), events.next()).await;
        assert!(third.is_err(), "{every:?}: {third:?}");
    }
}

#[test]
fn without_a_runtime_there_are_values_but_no_heartbeats() {
    let counts = values(1..3).chain(stream::pending());
    let mut events =
        events(ServerSentEvents::new_for(Key::named("n"), counts).unwrap().heartbeat(Duration::from_nanos(1)));
    let names: Vec<_> = std::iter::from_fn(|| futures::FutureExt::now_or_never(events.next())?).collect();
    assert_eq!(names.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn streams_of_two_types_merge_in_one_line_each_with_its_own_seqs() {
    let counts = values([Count { value: 1 }, Count { value: 2 }]);
    let prices = values([1.5, 2.5]);
    let merged = stream::select(ServerSentEvents::new(counts).unwrap(), ServerSentEvents::new(prices).unwrap());
    let events: Vec<_> = events(merged).collect().await;
    for key in ["main::stream::Count", "f64"] {
        let seqs: Vec<_> = events
            .iter()
            .filter(|(name, data)| name == "message" && data["name"] == key)
            .map(|(_, d)| &d["to"])
            .collect();
        assert_eq!(seqs, [1, 2], "{key}");
    }
    assert_eq!(events.iter().filter(|(name, _)| name == "hello").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_rests_leaves_turns_to_others() {
    let busy = stream::repeat_with(|| Ok::<_, Infallible>(7));
    let mut events = events(ServerSentEvents::new_for(Key::named("n"), busy).unwrap());
    events.next().await;
    events.next().await;
    let other = tokio::spawn(async {});
    tokio::select! {
        _ = events.next() => unreachable!("an equal value sends nothing, and a value never waits"),
        done = other => done.unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_sends_what_its_sender_is_given() {
    let (sender, channel) = ServerSentEvents::channel_for(Key::named("n"), 4).unwrap();
    let mut events = events::<_, BoxError>(channel);
    sender.send(1).await.unwrap();
    sender.clone().try_send(2).unwrap();
    drop(sender);
    let names: Vec<_> = std::iter::from_fn(|| futures::FutureExt::now_or_never(events.next())?).collect();
    assert_eq!(names.len(), 3, "a hello, a snapshot and a patch");
}

#[tokio::test(start_paused = true)]
async fn a_full_channel_gives_the_value_back_and_so_does_one_whose_browser_left() {
    let (sender, channel) = ServerSentEvents::<_, Bytes>::channel(1).unwrap();
    sender.try_send(1).unwrap();
    let full = sender.try_send(2).unwrap_err();
    assert!(full.is_full() && !full.is_closed());
    assert_eq!(full.into_inner(), 2);

    assert!(!sender.is_closed());
    drop(channel);
    sender.closed().await;
    assert!(sender.is_closed());
    let closed = sender.send(3).await.unwrap_err();
    assert!(closed.is_closed());
    assert_eq!(closed.into_inner(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_channel_takes_any_capacity_for_at_least_one() {
    for capacity in [0, usize::MAX] {
        let (sender, _channel) = ServerSentEvents::<_, Bytes>::channel(capacity).unwrap();
        sender.try_send(1).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_grows_is_written_anew_unless_the_client_takes_string_edits() {
    let start = "😀 A text that is long enough for this".to_owned() + &"!".repeat(100);
    let texts = [start.clone(), start.clone() + "a", start.replace("is long", "was long") + "a"];
    for string_edits in [false, true] {
        let stream =
            ServerSentEvents::new_for(Key::named("text"), values(texts.clone())).unwrap().string_edits(string_edits);
        let patches: Vec<_> = events(stream).skip(1).map(|(_, data)| data["patch"].clone()).collect().await;
        let whole = |text: &str| json!([{ "op": "replace", "path": "", "value": text }]);
        assert_eq!(patches[0], whole(&texts[0]));
        let expected = if string_edits {
            [
                json!([{ "op": "str_ins", "path": "", "pos": 138, "str": "a" }]),
                json!([
                    { "op": "str_del", "path": "", "pos": 15, "len": 1 },
                    { "op": "str_ins", "path": "", "pos": 15, "str": "wa" },
                ]),
            ]
        } else {
            [whole(&texts[1]), whole(&texts[2])]
        };
        assert_eq!(patches[1..], expected);
        let mut document = leptos_sse::Document::default();
        patches.iter().for_each(|patch| document.apply(&patch.to_string()).unwrap());
        assert_eq!(document.to_value(), json!(texts[2]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_says_whether_its_client_takes_string_edits() {
    for (query, takes) in [("s=a&ops=str", true), ("s=a", false), ("", false)] {
        assert_eq!(leptos_sse::SseRequest::parse(query, None).unwrap().takes_string_edits(), takes, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_of_a_mebibyte_is_one_event() {
    let text = "x".repeat(1 << 20);
    let events: Vec<_> =
        events(ServerSentEvents::new_for(Key::named("text"), values([text.clone()])).unwrap()).collect().await;
    assert_eq!(events[1].1["patch"][0]["value"], text);
}

#[tokio::test(start_paused = true)]
async fn text_with_every_kind_of_line_break_stays_one_line_of_data() {
    let text = "a\nb\r\nc\rd\u{2028}e\0data: f\n\n";
    let events: Vec<_> = events(ServerSentEvents::new_for(Key::named("text"), values([text])).unwrap()).collect().await;
    assert_eq!(events[1].1["patch"][0]["value"], text);
}
