use super::*;
use leptos_sse_core::protocol::EventStream;
use serde::Deserialize;

/// Fields that go in, the text that comes of them, and what a reader takes from that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(flatten)]
    fields: Fields,
    wire: String,
    #[serde(default)]
    read: Vec<Read>,
}

#[derive(Deserialize)]
struct Fields {
    comment: Option<String>,
    event: Option<String>,
    id: Option<String>,
    /// In milliseconds.
    retry: Option<u64>,
    data: Option<String>,
    json: Option<serde_json::Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default = "message")]
    event: String,
    data: String,
    #[serde(default)]
    id: String,
}

fn message() -> String {
    "message".to_owned()
}

impl Fields {
    fn into_event(self) -> Result<SseEvent, Error> {
        let mut event = SseEvent::new();
        if let Some(comment) = self.comment {
            event = event.comment(comment);
        }
        if let Some(name) = self.event {
            event = event.event(name)?;
        }
        if let Some(id) = self.id {
            event = event.id(id)?;
        }
        if let Some(retry) = self.retry {
            event = event.retry(Duration::from_millis(retry));
        }
        if let Some(data) = self.data {
            event = event.data(data);
        }
        match self.json {
            Some(value) => event.json(&value),
            None => Ok(event),
        }
    }
}

fn read(text: &str) -> (Vec<Read>, Option<Duration>) {
    let (mut stream, mut events) = (EventStream::default(), Vec::new());
    let take = |event: leptos_sse_core::protocol::StreamedEvent| {
        let (event, data, id) = (event.event.to_owned(), event.data.to_owned(), event.last_event_id.to_owned());
        events.push(Read { event, data, id });
    };
    stream.push(text.as_bytes(), take).unwrap();
    (events, stream.retry())
}

#[test]
fn an_event_is_written_so_that_a_reader_finds_what_went_in() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/vectors/sse_event.json")).unwrap();
    assert!(cases.len() >= 20);
    for Case { name, fields, wire, read: expected } in cases {
        let retry = fields.retry.map(Duration::from_millis);
        let event = fields.into_event().unwrap();
        assert_eq!(event.to_string(), wire, "{name}");
        assert_eq!(event.encode(), wire, "{name}");
        assert_eq!(read(&wire), (expected, retry), "{name}");
    }
}

#[test]
fn a_line_break_where_none_may_be_is_an_error_that_names_the_field() {
    for text in ["\n", "a\nb", "a\r", "\r\nb", "x\ndata: injected\n\n"] {
        let errors = [SseEvent::new().event(text.to_owned()).unwrap_err(), SseEvent::new().id(text).unwrap_err()];
        for (error, field) in errors.into_iter().zip(["`event`", "`id`"]) {
            assert!(error.is_invalid_field(), "{text:?}");
            assert!(error.to_string().contains(field) && error.to_string().contains("line break"), "{error}");
            assert!(!error.to_string().contains(['\n', '\r']), "{error}");
        }
    }
    assert!(SseEvent::new().id("a\0b").unwrap_err().to_string().contains("NUL"));
    assert!(SseEvent::new().event("a\0b").is_ok(), "a NUL is a character of a type");
}

#[test]
fn what_is_no_json_is_an_error_and_never_a_panic() {
    struct Bad;
    impl Serialize for Bad {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it will not"))
        }
    }
    let error = SseEvent::new().json(&Bad).unwrap_err();
    assert!(error.is_serialize() && error.to_string().contains("Bad"), "{error}");
}

#[test]
fn json_with_line_breaks_of_its_own_stays_the_same_json() {
    let raw = serde_json::value::RawValue::from_string("{\n  \"a\": 1,\r\n  \"b\": \"\\n\"\r}".to_owned()).unwrap();
    let text = SseEvent::new().json(&raw).unwrap().to_string();
    assert_eq!(text, "data: {\ndata:   \"a\": 1,\ndata:   \"b\": \"\\n\"\ndata: }\n\n");
    let value: serde_json::Value = serde_json::from_str(&read(&text).0[0].data).unwrap();
    assert_eq!(value, serde_json::json!({ "a": 1, "b": "\n" }));
}

#[test]
fn the_fields_are_what_a_framework_of_ones_own_needs() {
    let event = SseEvent::new().comment("c").event("e").unwrap().id("i").unwrap().data("a\r\nb");
    let SseFields { comment, event, id, retry, data } = event.fields();
    assert_eq!((comment, event, id, retry, data), (Some("c"), Some("e"), Some("i"), None, Some("a\nb")));
}

#[test]
fn the_wires_own_events_are_their_fields_and_a_blank_line() {
    assert_eq!(SseEvent::message("{}".to_owned()).to_string(), "data: {}\n\n");
    assert_eq!(
        SseEvent::named("hello", "{}".to_owned()).retry(Duration::from_millis(1843)).to_string(),
        "event: hello\nretry: 1843\ndata: {}\n\n",
    );
}

// Random tests need the host's random numbers.
#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    /// Texts full of what means something in a stream.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => prop::sample::select(vec![
                "\n", "\r", "\r\n", " ", ":", "data:", "data: ", "id: 1\n", "event: x\n", "\n\n", "\0", "\u{FEFF}", "\u{85}",
                "\u{2028}", "é", "🍺",
            ]).prop_map(str::to_owned),
            2 => any::<String>(),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn line() -> impl Strategy<Value = String> {
        text().prop_map(|text| text.replace(['\n', '\r', '\0'], ""))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_data_goes_in_comes_out_with_its_type_and_its_id(
            events in prop::collection::vec((text(), line(), line(), prop::option::of(text())), 1..4),
            cut in 1..7_usize,
        ) {
            let mut wire = String::new();
            let mut expected = Vec::new();
            for (data, name, id, comment) in events {
                let event = SseEvent::new().data(data.clone()).event(name.clone()).unwrap().id(id.clone()).unwrap();
                wire += &match comment {
                    Some(comment) => event.comment(comment),
                    None => event,
                }.encode();
                let data = data.replace("\r\n", "\n").replace('\r', "\n");
                expected.push(Read { event: if name.is_empty() { message() } else { name }, data, id });
            }
            let (mut stream, mut events) = (EventStream::default(), Vec::new());
            for part in wire.as_bytes().chunks(cut) {
                stream.push(part, |event| events.push(Read {
                    event: event.event.to_owned(),
                    data: event.data.to_owned(),
                    id: event.last_event_id.to_owned(),
                })).unwrap();
            }
            prop_assert_eq!(events, expected);
        }

        #[test]
        fn no_text_is_a_panic(text in text()) {
            let _ = SseEvent::new().event(text.clone());
            let _ = SseEvent::new().id(text.clone());
            prop_assert!(read(&SseEvent::new().comment(text).encode()).0.is_empty());
        }
    }
}
