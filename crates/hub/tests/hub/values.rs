//! Values and keys of all sorts.

use super::*;
use serde::Serializer;
use std::collections::BTreeMap;

/// What cannot be JSON when it is told to.
#[derive(Clone, Debug, PartialEq)]
struct Fragile(Option<i32>);

impl Serialize for Fragile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(value) => value.serialize(serializer),
            None => Err(serde::ser::Error::custom("broken")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_fails_to_serialise_leaves_the_one_before() {
    let hub = SseHub::new();
    let fragile = hub.signal_for(Key::named("fragile"), Fragile(Some(1)));
    let mut client = Client::of(&hub, "s=fragile");
    client.news();
    assert!(fragile.set(Fragile(None)).now().unwrap_err().is_serialize());
    fragile.set(Fragile(None));
    fragile.update(|value| value.0 = None);
    assert!(fragile.update(|value| value.0 = None).now().unwrap_err().is_serialize());
    assert_eq!(fragile.get(), Fragile(Some(1)));
    assert_eq!(client.news(), []);
    fragile.set(Fragile(Some(2)));
    assert_eq!(client.news().len(), 1);
    let feed = hub.feed_for::<Fragile>(Key::named("feed"));
    assert!(feed.push(Fragile(None)).now().unwrap_err().is_serialize());
    feed.push(Fragile(None));
    assert!(feed.push(Fragile(Some(1))).now().is_ok());
    // And one that was so from the start.
    let key = Key::named("another").unwrap();
    assert!(hub.try_signal_for(key, Fragile(None)).unwrap_err().is_serialize());
    let alone = hub.signal_for(Key::named("another"), Fragile(None));
    alone.set(Fragile(Some(3)));
    assert_eq!(alone.get(), Fragile(Some(3)));
}

/// JSON's keys are strings.
#[test]
fn a_map_whose_keys_are_no_strings_is_an_error_and_no_panic() {
    let hub = SseHub::new();
    let map = hub.signal_for(Key::named("map"), BTreeMap::<(i32, i32), i32>::new());
    assert!(map.update(|map| map.insert((1, 2), 3)).now().unwrap_err().is_serialize());
    assert_eq!(map.read().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn floats_come_as_they_are_and_what_is_no_number_is_refused_or_null_where_there_may_be_none() {
    let hub = SseHub::new();
    let float = hub.signal_for(Key::named("float"), 0.1_f64 + 0.2);
    let mut client = Client::of(&hub, "s=float");
    let value = |events: Vec<(String, Value)>| events[0].1["patch"][0]["value"].clone();
    assert_eq!(value(client.news()), json!(0.300_000_000_000_000_04));
    for exact in [f64::MIN_POSITIVE, 5e-324, 1e300, 123_456_789.123_456_79] {
        float.set(exact);
        assert_eq!(value(client.news()).as_f64().map(f64::to_bits), Some(exact.to_bits()));
    }
    assert!(float.set(f64::NAN).now().unwrap_err().is_serialize());
    assert!(float.set(f64::INFINITY).now().unwrap_err().is_serialize());
    assert_eq!(client.news(), []);
    assert_eq!(float.get(), 123_456_789.123_456_79, "the value is what was set before");
    float.set(0.0);
    assert_eq!(value(client.news()), json!(0.0));
    assert!(float.set(-0.0).now().unwrap().changed, "it is another number, of other bits");
    assert_eq!(value(client.news()).as_f64().map(f64::is_sign_negative), Some(true));

    let perhaps = hub.signal_for(Key::named("perhaps"), Some(1.0));
    let mut client = Client::of(&hub, "s=perhaps");
    client.news();
    perhaps.set(Some(f64::NAN));
    assert_eq!(value(client.news()), Value::Null);
    // It equals nothing, itself included; but what subscribers see is the same.
    assert!(!perhaps.set(Some(f64::NAN)).now().unwrap().changed);
    assert!(!perhaps.set(Some(f64::INFINITY)).now().unwrap().changed);
    assert!(!perhaps.set(None).now().unwrap().changed);
    assert_eq!(client.news(), []);
    assert_eq!(perhaps.get(), None, "the server's own value is what was set");
}

/// What is not part of the JSON is the server's own, and changes without a word.
#[tokio::test(start_paused = true)]
async fn a_change_that_the_json_does_not_show_is_kept_and_not_sent() {
    #[derive(Clone, Serialize)]
    struct Half {
        seen: i32,
        #[serde(skip)]
        hidden: i32,
    }
    let hub = SseHub::new();
    let half = hub.signal_for(Key::named("half"), Half { seen: 1, hidden: 1 });
    let mut client = Client::of(&hub, "s=half");
    client.news();
    half.update(|half| half.hidden = 2);
    assert_eq!(half.read().hidden, 2);
    assert_eq!(client.news(), []);
    half.update(|half| half.seen += half.hidden);
    assert_eq!((half.read().seen, client.news().len()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn an_id_may_have_colons_and_whatever_else_a_key_may_have() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|id| async move { id.strip_prefix("made:").map(|id| Count { value: id.len() as i32 }) });
    let ids = ["a:b", ":", "::", "~7", "a~", "é &=?#%+ ~1", "made:x:y", "https://[::1]:80/?q=1"];
    let signals = ids.map(|id| (!id.starts_with("made")).then(|| hub.signal_for(id, Count { value: 1 })));
    for id in ids {
        let key = Key::of::<Count>().id(id).unwrap();
        let encoded: String = key.as_str().bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mut client = Client::of(&hub, &format!("s={encoded}~"));
        client.events();
        tokio::task::yield_now().await;
        let events = [
            client.events(),
            hub.load_for::<Count>(id).await.map_or(Vec::new(), |_| Client::of(&hub, &format!("s={encoded}~")).news()),
        ]
        .concat();
        assert!(events.iter().any(|(_, data)| data["name"] == json!(key)), "{id}: {events:?}");
    }
    drop(signals);
    assert_eq!(hub.load_for::<Count>("made:x:y").await.unwrap().get().value, 3);
}

/// The provider of the longest name is asked: an id is what is left of the key.
#[tokio::test]
async fn a_type_whose_name_is_the_start_of_another_s_key_does_not_take_it() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|id| async move { Some(Count { value: id.len() as i32 }) });
    assert!(hub.load_for::<u8>("1").await.is_none());
    assert_eq!(hub.load_for::<Count>("1234").await.unwrap().get().value, 4);
    // An id that is none.
    assert!(hub.load_for::<Count>("").await.is_none());
    assert!(hub.load_for::<Count>("a\nb").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn two_types_of_one_key_are_a_conflict_and_the_first_one_stays() {
    let hub = SseHub::new();
    let key = || Key::named("it").unwrap();
    let first = hub.signal_for(Key::named("it"), 1_i32);
    let mut client = Client::of(&hub, "s=it");
    client.news();
    assert!(hub.try_signal_for(key(), "text").unwrap_err().is_type_conflict());
    assert!(hub.try_feed_for::<i32>(key()).unwrap_err().is_type_conflict());
    // The others give something that works, which nobody follows.
    let alone = hub.signal_for(Key::named("it"), "text");
    alone.set("other");
    assert_eq!(alone.get(), "other");
    hub.feed_for::<i32>(Key::named("it")).push(7);
    assert_eq!(client.news(), []);
    first.set(2);
    assert_eq!(client.news().len(), 1);
    assert_eq!(hub.try_signal_for(key(), 5_i32).unwrap().get(), 2);
    assert_eq!((hub.stats().signals, hub.stats().feeds), (1, 0));
    // And of feeds.
    let feed = hub.try_feed_for::<i32>(Key::named("log").unwrap()).unwrap();
    assert!(hub.try_feed_for::<u8>(Key::named("log").unwrap()).unwrap_err().is_type_conflict());
    assert!(hub.try_signal_for(Key::named("log").unwrap(), 1).unwrap_err().is_type_conflict());
    feed.push(1);
    // Once it is gone, another type may have the key.
    assert!(hub.remove_for::<()>(&key()).now().unwrap().value);
    hub.try_signal_for(key(), "text").unwrap();
    assert_eq!(client.news().last(), Some(&snapshot("it", hub.cursor().seq, json!("text"))));
}

#[test]
fn a_name_that_is_no_key_gives_something_that_works_and_cannot_be_followed() {
    let hub = SseHub::new();
    for name in ["", "a\nb"] {
        let signal = hub.signal_for(Key::named(name), 1);
        signal.update(|value| *value += 1);
        assert_eq!(signal.get(), 2);
        hub.feed_for::<i32>(Key::named(name)).push(1);
    }
    hub.signal_for("", Count::default()).update(|count| count.value += 1);
    assert_eq!((hub.stats().signals, hub.stats().feeds), (0, 0));
}
