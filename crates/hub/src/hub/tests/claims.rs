//! What an `id:` claims, and what must be told whatever the bounds.

use super::*;
use leptos_sse_core::Key;
use serde_json::{Value, json};

fn small_chunks() -> SseHubOptions {
    SseHubOptions { chunk_len: 1, ..SseHubOptions::new() }
}

fn ids(events: &[Event]) -> Vec<&str> {
    events.iter().filter_map(|event| event.id.as_deref()).collect()
}

/// The browser would come back with an `id:` of a write that another key has passed already, and be given a patch for a
/// document that it does not have.
#[tokio::test(start_paused = true)]
async fn no_id_is_claimed_while_a_snapshot_that_is_left_stands_for_something_before_it() {
    let hub = SseHub::with_options(small_chunks());
    let epoch = hub.cursor().epoch;
    let (a, b) = (hub.signal_for(Key::named("a"), 0), hub.signal_for(Key::named("b"), 0));
    let mut client = Client::of(&hub, "s=a&s=b");
    assert_eq!(ids(&client.rest()), [format!("{epoch}.2")]);
    a.set(1);
    b.set(1);
    (2..20).for_each(|value| drop(a.set(value)));
    let first = client.chunk();
    assert!(first[0].data.contains(r#""name":"b","from":2,"to":4"#), "{first:?}");
    assert_eq!(ids(&first), Vec::<&str>::new());
    assert_eq!(ids(&client.rest()), [format!("{epoch}.22")]);
}

/// The same, for one who holds what the history does not reach any more.
#[tokio::test(start_paused = true)]
async fn no_id_is_claimed_before_the_snapshot_of_one_who_was_away_for_long() {
    let hub = SseHub::with_options(small_chunks().history_len(1));
    let epoch = hub.cursor().epoch;
    let (a, b) = (hub.signal_for(Key::named("a"), 0), hub.signal_for(Key::named("b"), 0));
    a.set(1);
    b.set(1);
    a.set(2);
    let mut client = Client::of(&hub, &format!("epoch={epoch}&s=a~1&s=b~2"));
    assert_eq!(ids(&client.chunk()), Vec::<&str>::new());
    assert_eq!(ids(&client.chunk()), [format!("{epoch}.5")]);
}

#[tokio::test(start_paused = true)]
async fn no_id_is_claimed_before_the_gap_of_a_feed() {
    let hub = SseHub::with_options(small_chunks().feed_len(1));
    let epoch = hub.cursor().epoch;
    let (feed, signal) = (hub.feed_for::<u32>(Key::named("f")), hub.signal_for(Key::named("s"), 0));
    let mut client = Client::of(&hub, "s=f&s=s");
    client.rest();
    feed.push(1);
    signal.set(1);
    (2..9).for_each(|event| drop(feed.push(event)));
    assert_eq!(ids(&client.chunk()), Vec::<&str>::new());
    assert_eq!(ids(&client.rest()), [format!("{epoch}.11")]);
}

#[tokio::test(start_paused = true)]
async fn no_id_is_claimed_while_a_key_has_still_to_start() {
    let hub = SseHub::with_options(small_chunks());
    let epoch = hub.cursor().epoch;
    let (a, _b) = (hub.signal_for(Key::named("a"), 0), hub.signal_for(Key::named("b"), 0));
    a.set(1);
    let mut client = Client::of(&hub, "s=a&s=b");
    let first = client.chunk();
    assert!(first[0].data.contains(r#""name":"b","to":2"#), "{first:?}");
    assert_eq!(ids(&first), Vec::<&str>::new());
    assert_eq!(ids(&client.chunk()), [format!("{epoch}.3")]);
}

/// A long catch-up is given in chunks, and each of them says how far it goes.
#[tokio::test(start_paused = true)]
async fn each_chunk_of_a_long_catch_up_has_the_id_of_its_last_event() {
    let hub = SseHub::with_options(SseHubOptions { chunk_len: 150, ..SseHubOptions::new() });
    let epoch = hub.cursor().epoch;
    let signals = ["a", "b"].map(|name| hub.signal_for(Key::named(name), 0));
    (1..50).for_each(|value| drop(signals[value % 2].set(value)));
    let mut client = Client::of(&hub, &format!("epoch={epoch}&s=a~1&s=b~2"));
    let mut last = 2;
    loop {
        let chunk = client.chunk();
        let Some(event) = chunk.last() else { break };
        let to: Vec<u64> = chunk
            .iter()
            .map(|event| serde_json::from_str::<Value>(&event.data).unwrap()["to"].as_u64().unwrap())
            .collect();
        assert_eq!(to, (last + 1..=last + to.len() as u64).collect::<Vec<_>>());
        last += to.len() as u64;
        assert_eq!(ids(&chunk), [format!("{epoch}.{last}")]);
        assert_eq!(event.id, Some(format!("{epoch}.{last}")));
    }
    assert_eq!(last, 51);
}

/// Nothing else would tell of it.
#[tokio::test(start_paused = true)]
async fn a_removal_and_a_refusal_are_told_by_a_hub_without_a_history() {
    let hub = SseHub::with_options(SseHubOptions::new().history_len(0).history_bytes(0));
    hub.provide::<Value, _>(|_| async { None::<Value> });
    let signal = hub.signal_for(Key::named("s"), 1);
    let mut client = Client::of(&hub, &format!("s=s&s={}:x", Key::of::<Value>()));
    client.rest();
    tokio::task::yield_now().await;
    assert_eq!(client.rest()[0].name, event_name::REFUSED);
    signal.set(2);
    assert_eq!(client.rest().len(), 1);
    assert!(hub.remove_for::<()>(signal.key()).now().unwrap().value);
    assert_eq!(client.rest()[0].name, event_name::REMOVED);
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_while_a_client_was_away_is_told_with_a_seq_that_the_client_does_not_hold() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let signal = hub.signal_for(Key::named("s"), 1);
    let last = Client::of(&hub, "s=s");
    drop(last);
    assert!(hub.remove_for::<()>(signal.key()).now().unwrap().value);
    let subscription = hub.subscribe(SseRequest::parse(&format!("epoch={epoch}&s=s~1"), None).unwrap()).unwrap();
    let mut client = Client { subscription, parser: Parser::default() };
    let told = client.chunk().pop().unwrap();
    assert_eq!(told.name, event_name::REMOVED);
    assert_eq!(serde_json::from_str::<Value>(&told.data).unwrap(), json!({ "name": "s", "to": 2 }));
}

/// One who asked for a feed before there was one is not new to it.
#[tokio::test(start_paused = true)]
async fn who_waited_for_a_feed_without_replay_gets_its_first_event() {
    let hub = SseHub::new();
    let mut waits = Client::of(&hub, "s=inbox");
    assert_eq!(waits.rest(), []);
    let inbox = hub.feed_for::<&str>(Key::named("inbox"));
    inbox.replay(0);
    inbox.push("hello");
    let events = waits.rest();
    assert!(events.last().is_some_and(|event| event.data.contains(r#""item":"hello""#)), "{events:?}");
    let newcomer = Client::of(&hub, "s=inbox").rest();
    assert!(newcomer.iter().all(|event| !event.data.contains("item")), "{newcomer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_the_history_outran_was_spared_at_least_what_is_left_of_it() {
    let hub = SseHub::with_options(SseHubOptions::new().history_len(10));
    let signal = hub.signal_for(Key::named("s"), 0);
    let mut client = Client::of(&hub, "s=s");
    client.rest();
    assert_eq!(hub.stats().coalesced, 0, "the first snapshot stands for nothing that it was to be given");
    (1..100).for_each(|value| drop(signal.set(value)));
    assert_eq!(client.rest().len(), 1);
    assert_eq!(hub.stats().coalesced, 9);
}
