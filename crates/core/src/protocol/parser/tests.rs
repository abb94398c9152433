use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The parts in which the stream comes; each byte is one character of up to U+00FF.
    parts: Vec<String>,
    #[serde(default)]
    events: Vec<Event>,
    /// In milliseconds.
    retry: Option<u64>,
    /// What the stream has named in the end, where a case is about it.
    last_event_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(default = "message")]
    event: String,
    data: String,
    #[serde(default)]
    id: String,
}

fn message() -> String {
    "message".to_owned()
}

impl From<StreamedEvent<'_>> for Event {
    fn from(event: StreamedEvent) -> Self {
        let StreamedEvent { event, data, last_event_id } = event;
        Self { event: event.to_owned(), data: data.to_owned(), id: last_event_id.to_owned() }
    }
}

/// All that a stream has told.
#[derive(Debug, Default, PartialEq)]
struct Told {
    events: Vec<Event>,
    retry: Option<Duration>,
    last_event_id: String,
}

fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Told {
    let (mut stream, mut events) = (EventStream::default(), Vec::new());
    for part in parts {
        stream.push(part, |event| events.push(event.into())).unwrap();
    }
    Told { events, retry: stream.retry(), last_event_id: stream.last_event_id().to_owned() }
}

#[test]
fn a_stream_is_read_as_the_standard_says_however_it_is_cut() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../tests/vectors/event_stream.json")).unwrap();
    for Case { name, parts, events, retry, last_event_id } in cases {
        let bytes = |text: &String| text.chars().map(|char| u8::try_from(char).unwrap()).collect::<Vec<u8>>();
        let parts: Vec<Vec<u8>> = parts.iter().map(bytes).collect();
        let whole = parts.concat();
        let told = read([whole.as_slice()]);
        let last_event_id = last_event_id.unwrap_or_else(|| told.last_event_id.clone());
        assert_eq!(
            told,
            Told { events, retry: retry.map(Duration::from_millis), last_event_id },
            "{name}, in one part"
        );
        assert_eq!(read(parts.iter().map(Vec::as_slice)), told, "{name}");
        assert_eq!(read(whole.chunks(1)), told, "{name}, byte by byte");
        for at in 0..=whole.len() {
            let (start, end) = whole.split_at(at);
            assert_eq!(read([start, end]), told, "{name}, cut at {at}");
        }
    }
}

#[test]
fn what_a_reconnect_tells_is_the_id_of_the_last_complete_event() {
    let mut stream = EventStream::default().resuming("1");
    let mut ids = Vec::new();
    for (part, last_event_id) in [
        ("data: a\n\n", "1"),
        ("id: 2\ndata: b\n", "1"),
        ("\n", "2"),
        // Without data it is no event, and yet its id counts.
        ("id: 3\n\n", "3"),
        ("id: 4\0\n\n", "3"),
        ("id\ndata: c\n\n", ""),
        ("id: 5\ndata: never complete\n", ""),
    ] {
        stream.push(part.as_bytes(), |event| ids.push(event.last_event_id.to_owned())).unwrap();
        assert_eq!(stream.last_event_id(), last_event_id, "{part:?}");
    }
    assert_eq!(ids, ["1", "2", ""]);
}

#[test]
fn what_is_whole_in_the_bytes_is_handed_out_from_where_it_lies() {
    let mut stream = EventStream::default();
    let part = b"id: 1\nevent: e\ndata: 1234\n\ndata: 5\ndata: 6\n\n".as_slice();
    let mut is_within = Vec::new();
    stream.push(part, |event| is_within.push(part.as_ptr_range().contains(&event.data.as_ptr()))).unwrap();
    assert_eq!(is_within, [true, false]);
}

#[test]
fn an_event_without_measure_is_an_error_before_it_fills_the_memory() {
    for part in ["data: 1234\n", "data: 12345678", ": 12345678", "x"] {
        let mut stream = EventStream::new(100);
        stream.push(b"data: as long as may be\n\n", |_| {}).unwrap();
        let error = (0..101).find_map(|_| stream.push(part.as_bytes(), |_| panic!("{part}")).err());
        assert!(error.is_some_and(|error| error.is_too_large()), "{part:?}");
        assert!(stream.line.capacity() + stream.data.capacity() < 1_000);
    }
    EventStream::new(100).push(format!("data: {}\n\n", "x".repeat(94)).as_bytes(), |_| {}).unwrap();
    EventStream::new(100).push(format!("data: {}\n\n", "x".repeat(95)).as_bytes(), |_| {}).unwrap_err();
}

#[test]
fn a_bound_is_the_same_wherever_the_lines_of_an_event_are_cut() {
    // The second line, with the LF behind the first one's value.
    let text = "data: 1234\ndata: 5\n\n";
    for (max, is_read) in [(12, true), (11, false)] {
        for at in 0..=text.len() {
            let (start, end) = text.split_at(at);
            let mut stream = EventStream::new(max);
            let read = [start, end].iter().try_for_each(|part| stream.push(part.as_bytes(), |_| {}));
            assert_eq!(read.is_ok(), is_read, "{max}, cut at {at}");
        }
    }
}

#[test]
fn what_comes_before_an_event_without_measure_counts() {
    let mut stream = EventStream::new(20);
    let mut events = Vec::new();
    let part = format!("id: 1\ndata: a\n\nid: 2\ndata: {}\n\nid: 3\ndata: b\n\n", "x".repeat(20));
    let error = stream.push(part.as_bytes(), |event| events.push(event.data.to_owned())).unwrap_err();
    assert!(error.is_too_large());
    assert_eq!((events.as_slice(), stream.last_event_id()), (["a".to_owned()].as_slice(), "1"));
}

#[test]
fn the_room_of_a_large_event_is_given_back() {
    let mut stream = EventStream::default();
    let long = format!("data: {}", "x".repeat(1 << 20));
    for part in [long.as_str(), "\n"] {
        stream.push(part.as_bytes(), |_| {}).unwrap();
    }
    assert!(stream.line.capacity() > KEPT, "the next one may be as large");
    for part in ["\n", "data: 1\n\n"] {
        stream.push(part.as_bytes(), |_| {}).unwrap();
    }
    assert!(stream.line.capacity() + stream.data.capacity() <= 2 * KEPT);
    let lines = format!("data: {}\n", "x".repeat(1_000)).repeat(1_000);
    stream.push(lines.as_bytes(), |_| {}).unwrap();
    assert!(stream.data.capacity() > 2 * KEPT);
    for part in ["\n", "data: 1\n\n"] {
        stream.push(part.as_bytes(), |_| {}).unwrap();
    }
    assert!(stream.line.capacity() + stream.data.capacity() <= 2 * KEPT);
}

mod properties;
