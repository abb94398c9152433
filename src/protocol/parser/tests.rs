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

fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Option<Duration>) {
    let (mut stream, mut events) = (EventStream::default(), Vec::new());
    for part in parts {
        stream.push(part, |event| events.push(event.into())).unwrap();
    }
    (events, stream.retry())
}

#[test]
fn a_stream_is_read_as_the_standard_says_however_it_is_cut() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../tests/vectors/event_stream.json")).unwrap();
    for Case { name, parts, events, retry } in cases {
        let bytes = |text: &String| text.chars().map(|char| u8::try_from(char).unwrap()).collect::<Vec<u8>>();
        let parts: Vec<Vec<u8>> = parts.iter().map(bytes).collect();
        let expected = (events, retry.map(Duration::from_millis));
        assert_eq!(read(parts.iter().map(Vec::as_slice)), expected, "{name}");
        let whole = parts.concat();
        assert_eq!(read([whole.as_slice()]), expected, "{name}, in one part");
        assert_eq!(read(whole.chunks(1)), expected, "{name}, byte by byte");
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
fn the_room_of_a_large_event_is_given_back() {
    let mut stream = EventStream::default();
    let long = format!("data: {}", "x".repeat(1 << 20));
    for part in [long.as_str(), "\n", "\n", "data: 1\n\n"] {
        stream.push(part.as_bytes(), |_| {}).unwrap();
    }
    assert!(stream.line.capacity() + stream.data.capacity() <= 2 * KEPT);
}

// Random tests need the host's random numbers.
#[cfg(not(target_arch = "wasm32"))]
mod properties;
