use super::*;
use proptest::{collection::vec, prelude::*};

/// The standard, word by word, on a stream that is there as a whole.
fn by_the_letter(bytes: &[u8]) -> Told {
    // "Streams must be decoded using the UTF-8 decode algorithm", which "strips one leading BOM".
    let text = String::from_utf8_lossy(bytes).into_owned();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    // "Lines must be separated by either a U+000D CARRIAGE RETURN U+000A LINE FEED (CRLF) character pair, a single U+000A
    // LINE FEED (LF) character, or a single U+000D CARRIAGE RETURN (CR) character."
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What has no end is no line.
    lines.pop();
    let mut told = Told::default();
    let (mut event_type, mut data, mut last_event_id) = (String::new(), String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            // "Set the last event ID string of the event source to the value of the last event ID buffer."
            told.last_event_id.clone_from(&last_event_id);
            // "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and
            // return."
            if data.is_empty() {
                event_type.clear();
                continue;
            }
            // "If the data buffer's last character is a U+000A LINE FEED (LF) character, then remove the last character."
            if data.ends_with('\n') {
                data.pop();
            }
            let event = if event_type.is_empty() { message() } else { event_type.clone() };
            told.events.push(Event { event, data: data.clone(), id: told.last_event_id.clone() });
            (event_type, data) = (String::new(), String::new());
        } else if line.starts_with(':') {
            // "Ignore the line."
        } else {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match field {
                "event" => event_type = value,
                "data" => data = data + &value + "\n",
                "id" if !value.contains('\0') => last_event_id = value,
                "retry" if value.chars().all(|char| char.is_ascii_digit()) => {
                    told.retry = value.parse().ok().map(Duration::from_millis).or(told.retry);
                }
                _ => {}
            }
        }
    }
    told
}

/// A stream of what means something, and of bytes that do not.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        "\n", "\n\n", "\r", "\r\n", "data", "data:", "data: ", "event: ", "event", "id: ", "id", "retry: ", "12", ":",
        " ", "é", "\u{FEFF}", "\0", "x",
    ];
    let part = prop_oneof![
        8 => prop::sample::select(texts.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::sample::select(vec![0xC3, 0xE2, 0x82, 0xF0, 0xFF, 0xEF, 0xBB]).prop_map(|byte: u8| vec![byte]),
        1 => vec(any::<u8>(), 0..20),
    ];
    prop_oneof![9 => vec(part, 0..60).prop_map(|parts| parts.concat()), 1 => vec(any::<u8>(), 0..300)]
}

/// The bytes in parts of these lengths, again and again.
fn cut<'a>(mut bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    for len in lengths.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (start, end) = bytes.split_at(bytes.len().min(*len));
        parts.push(start);
        bytes = end;
    }
    parts
}

/// The lengths of parts, of which one at least has bytes.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    (vec(0_usize..40, 0..20), 1_usize..9).prop_map(|(mut lengths, last)| {
        lengths.push(last);
        lengths
    })
}

proptest! {
    #[test]
    fn any_cuts_give_the_events_of_the_standard(bytes in stream(), lengths in lengths()) {
        prop_assert_eq!(read(cut(&bytes, &lengths)), by_the_letter(&bytes));
    }

    #[test]
    fn any_cuts_give_the_same_error_at_the_same_place(bytes in stream(), lengths in lengths(), max in 0_usize..60) {
        let read = |parts: Vec<&[u8]>| {
            let (mut stream, mut events) = (EventStream::new(max), Vec::<Event>::new());
            let end = parts.iter().find_map(|part| stream.push(part, |event| events.push(event.into())).err());
            (events, end.is_some(), stream.last_event_id().to_owned())
        };
        let whole = read(vec![&bytes]);
        prop_assert!(whole.0.iter().all(|event| event.data.len() <= max));
        prop_assert_eq!(read(cut(&bytes, &lengths)), whole);
    }
}
