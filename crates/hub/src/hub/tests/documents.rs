//! What becomes of a signal's document with a write, and what the hub keeps of it.

use super::*;
use crate::hub::{ServerSignal, topic::TopicSource};
use leptos_sse_core::Document;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A document whose items stand where they are for as long as nobody copies it.
fn numbers() -> Vec<u32> {
    (0..1_000).collect()
}

fn document<T>(signal: &ServerSignal<T>) -> Document {
    match &signal.0.topic.state().source {
        TopicSource::Signal(signal) => signal.document().1,
        source => panic!("{source:?}"),
    }
}

fn place_of<T>(signal: &ServerSignal<T>) -> usize {
    std::ptr::from_ref(document(signal).root()).addr()
}

#[test]
fn a_write_changes_the_document_where_it_is() {
    let hub = SseHub::new();
    let signal = hub.signal_for(Key::named("numbers"), numbers());
    let place = place_of(&signal);
    for write in 0..100 {
        signal.update(move |numbers| numbers[write] = 7_000);
        assert_eq!(place_of(&signal), place, "it was copied by write {write}");
    }
    assert_eq!(document(&signal), Document::of(&signal.get()).unwrap());
}

#[test]
fn who_holds_a_document_keeps_it_as_it_was_and_the_next_writes_copy_nothing() {
    let hub = SseHub::new();
    let signal = hub.signal_for(Key::named("numbers"), numbers());
    let (held, place) = (document(&signal), place_of(&signal));
    signal.update(|numbers| numbers[0] = 7_000);
    assert_eq!(held, Document::of(&numbers()).unwrap());
    let beside = place_of(&signal);
    assert_ne!(beside, place);
    // What was held is nothing to the signal any more.
    signal.update(|numbers| numbers.push(7_001));
    assert_eq!(place_of(&signal), beside);
    assert_eq!(held, Document::of(&numbers()).unwrap());
    assert_eq!(document(&signal), Document::of(&signal.get()).unwrap());
}

#[test]
fn a_document_that_is_measured_for_each_write_is_the_one_that_is_kept() {
    let hub = SseHub::with_options(SseHubOptions::new().max_value_len(3_892));
    let signal = hub.signal_for(Key::named("numbers"), numbers());
    // Their digits, the commas and the brackets are 3,891 bytes.
    signal.update(|numbers| numbers[0] = 10).now().unwrap();
    assert!(signal.update(|numbers| numbers[1] = 10).now().unwrap_err().is_too_large());
    signal.update(|numbers| numbers[0] = 9).now().unwrap();
    assert_eq!(document(&signal), Document::of(&signal.get()).unwrap());
}

/// Fails, or panics, in the middle of what it writes.
#[derive(Clone, Debug, PartialEq)]
enum Picky {
    Number(u32),
    Fails,
    Panics,
}

impl Serialize for Picky {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Fails => Err(serde::ser::Error::custom("it never works")),
            Self::Panics => std::panic::resume_unwind(Box::new("a value that panics")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_changes_nothing() {
    let hub = SseHub::new();
    let values = |last| BTreeMap::from([("a", vec![Picky::Number(1)]), ("b", vec![Picky::Number(2), last])]);
    let signal = hub.signal_for(Key::named("picky"), values(Picky::Number(3)));
    let mut client = Client::of(&hub, "s=picky");
    client.rest();
    let (cursor, before, place) = (hub.cursor(), document(&signal), place_of(&signal));
    let mut bad = values(Picky::Fails);
    bad.insert("a", vec![Picky::Number(9)]);
    let error = signal.set(bad.clone()).now().unwrap_err();
    assert!(error.is_serialize() && error.to_string().contains("/b/1"), "{error}");
    bad.insert("b", vec![Picky::Panics]);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| signal.set(bad).now())).unwrap_err();
    assert_eq!((hub.cursor(), document(&signal), place_of(&signal)), (cursor, before, place));
    assert_eq!(signal.get(), values(Picky::Number(3)));
    assert_eq!(client.rest(), []);

    signal.set(values(Picky::Number(4)));
    let events = client.rest();
    assert!(
        events.len() == 1 && events[0].data.contains(r#"[{"op":"replace","path":"/b/1","value":4}]"#),
        "{events:?}"
    );
}

/// Who comes back for what nobody wrote down is as one whom the history does not reach, and no write is kept twice for nobody.
#[tokio::test(start_paused = true)]
async fn both_forms_of_an_update_are_kept_while_someone_needs_both() {
    let hub = SseHub::with_options(SseHubOptions::new().history_bytes(1_100));
    let epoch = hub.cursor().epoch;
    let text = hub.signal_for(Key::named("text"), "-".repeat(200));
    let reaches = |seq: u64, ops: &str| {
        let events = Client::of(&hub, &format!("epoch={epoch}&s=text~{seq}{ops}")).rest();
        events.first().is_none_or(|event| event.data.contains("from"))
    };
    let (plain, extended) = ("", "&ops=str");
    // Five short updates are far from a thousand bytes.
    (0..5).for_each(|_| drop(text.update(|text| text.push('x'))));
    assert!(reaches(1, extended) && !reaches(1, plain) && !reaches(5, plain) && reaches(6, plain));

    let subscriber = Client::of(&hub, "s=text");
    (0..5).for_each(|_| drop(text.update(|text| text.push('x'))));
    // With five long ones they are not.
    assert!(!reaches(6, extended) && !reaches(6, plain));
    assert!(reaches(9, extended) && reaches(9, plain));
    drop(subscriber);

    text.update(|text| text.push('x'));
    assert!(reaches(9, extended) && !reaches(9, plain));
    assert_eq!(text.0.topic.state().plain_subscribers, 0);
}
