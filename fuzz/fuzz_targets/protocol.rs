//! Any text through all that reads one, and any content through an event stream.
#![no_main]
#![allow(dead_code)]

#[path = "../../crates/core/tests/engine/choices.rs"]
mod choices;
#[path = "../../crates/core/tests/engine/ensure.rs"]
mod ensure;
#[path = "../../crates/core/tests/engine/json.rs"]
mod json;
#[path = "../../crates/core/tests/engine/protocol.rs"]
mod protocol;
#[path = "../../crates/hub/src/hub/tests/sse.rs"]
mod sse;
#[path = "../../crates/core/tests/engine/texts.rs"]
mod texts;

use choices::Choices;
use leptos_sse_core::protocol::{
    Bye, Cursor, Epoch, FeedUpdate, Hello, Key, Refused, Removed, SubscribeRequest, event_name,
};
use leptos_sse_hub::events::SseEvent;
use std::time::Duration;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = match std::str::from_utf8(bytes) {
        Ok(text) => {
            read_messages(text);
            write_events(text);
            protocol::read_any(text)
        }
        Err(_) => protocol::read_nearly_good(&mut Choices::new(bytes)),
    };
    if let Err(why) = read {
        panic!("{why}");
    }
});

/// The messages that no public type reads.
fn read_messages(text: &str) {
    let _ = (Hello::parse(text), Bye::parse(text), Refused::parse(text), Removed::parse(text), FeedUpdate::parse(text));
    if let Ok(ask) = SubscribeRequest::parse(text) {
        let query = ask.to_query();
        let mut again = SubscribeRequest::parse(&query).unwrap();
        if ask.keys.iter().all(|(_, seq)| seq.is_none()) {
            // Without a seq there is nothing that the epoch could be of, and it is not written.
            again.epoch.clone_from(&ask.epoch);
        }
        assert_eq!(again, ask, "{text:?} is written as {query:?}");
    }
}

/// The reader of the hub's tests, which is not the crate's own and does what the WHATWG standard says, must find each event as it was written, whatever its content, and the one behind it.
fn write_events(text: &str) {
    let json = serde_json::to_string(text).unwrap();
    check(None, &SseEvent::new().data(json.clone()), &json);
    check(Some("feed"), &named(event_name::FEED, &json), &json);
    let epoch = Epoch::from_random(text.len() as u64);
    let heartbeat = Cursor { epoch: epoch.clone(), seq: text.len() as u64 }.to_string();
    check(Some("hb"), &named(event_name::HEARTBEAT, &heartbeat), &heartbeat);
    let name = Key::named(text.to_owned()).ok();
    if let Some(name) = name.clone() {
        let refused = serde_json::to_string(&Refused { name, reason: text.to_owned() }).unwrap();
        check(Some("refused"), &named(event_name::REFUSED, &refused), &refused);
    }
    let times = (Duration::from_millis(text.len() as u64), Duration::from_secs(u64::MAX));
    let hello = match name {
        Some(name) => Hello::of_signal(name, epoch, times.0, times.1),
        None => Hello::of_connection(epoch, times.1, times.0),
    };
    let data = serde_json::to_string(&hello).unwrap();
    let event = named(event_name::HELLO, &data);
    let event = if let Some(retry) = hello.retry() { event.retry(retry) } else { event };
    check(Some("hello"), &event, &data);
    assert_eq!(Hello::parse(&data).as_ref(), Ok(&hello));
}

fn named(name: &'static str, data: &str) -> SseEvent {
    SseEvent::new().event(name).unwrap().data(data)
}

fn check(name: Option<&str>, event: &SseEvent, data: &str) {
    let stream = format!("{event}data: behind\n\n");
    let one = |name: &str, data: &str| sse::Event { name: name.to_owned(), data: data.to_owned(), id: None };
    assert_eq!(
        sse::Parser::default().push(stream.as_bytes()),
        [one(name.unwrap_or_default(), data), one("", "behind")]
    );
}
