//! Any bytes as an event stream, cut anywhere.
#![no_main]

use leptos_sse_core::protocol::{EventStream, StreamedEvent};

/// How long an event may be.
const MAX: usize = 200;

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (bytes, cuts) = input;
    let whole = read(EventStream::new(MAX), [bytes.as_slice()]);
    let mut rest = bytes.as_slice();
    let mut parts = Vec::new();
    for cut in cuts {
        let (part, more) = rest.split_at(rest.len().min(cut.into()));
        parts.push(part);
        rest = more;
    }
    parts.push(rest);
    assert_eq!(read(EventStream::new(MAX), parts), whole);
    assert!(whole.0.iter().all(|event| event.iter().all(|field| field.len() <= 3 * MAX)), "{whole:?}");
});

type Events = Vec<[String; 3]>;

/// The events, and whether it went to the end.
fn read<'a>(mut stream: EventStream, parts: impl IntoIterator<Item = &'a [u8]>) -> (Events, bool) {
    let mut events = Vec::new();
    let take = |StreamedEvent { event, data, last_event_id }: StreamedEvent| {
        events.push([event, data, last_event_id].map(str::to_owned));
    };
    let mut take = take;
    let is_read = parts.into_iter().all(|part| stream.push(part, &mut take).is_ok());
    (events, is_read)
}
