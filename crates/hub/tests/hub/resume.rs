//! Those who come back, with all sorts of cursors, and those who come for what is not there.

use super::*;

fn counted(hub: &SseHub) -> leptos_sse::ServerSignal<i32> {
    let count = hub.signal_for(Key::named("count"), 0);
    (1..5).for_each(|value| drop(count.set(value)));
    count
}

fn step(from: u64, to: u64, value: i32) -> (String, Value) {
    let patch = json!([{ "op": "replace", "path": "", "value": value }]);
    told("", json!({ "name": "count", "from": from, "to": to, "patch": patch }))
}

#[tokio::test(start_paused = true)]
async fn the_larger_of_the_seq_and_the_last_event_id_counts() {
    let hub = SseHub::new();
    let _count = counted(&hub);
    let epoch = hub.cursor().epoch;
    for (seq, id) in [("~2", format!("{epoch}.4")), ("~4", format!("{epoch}.2")), ("", format!("{epoch}.4"))] {
        let mut client = Client::back(&hub, &format!("epoch={epoch}&s=count{seq}"), Some(&id));
        assert_eq!(client.news(), [step(4, 5, 4)], "{seq} {id}");
    }
    assert_eq!(hub.stats().resumes, 3);
    assert_eq!(hub.stats().snapshots, 0);
}

#[tokio::test(start_paused = true)]
async fn a_last_event_id_that_is_none_counts_for_nothing() {
    let hub = SseHub::new();
    let _count = counted(&hub);
    let epoch = hub.cursor().epoch;
    let long = format!("{epoch}.{}", "9".repeat(400));
    for id in ["", " ", ".", "7", "9.9.9", "-1", "\u{feff}", &long, &format!("{epoch}."), &format!("{epoch}.+4")] {
        let mut client = Client::back(&hub, "s=count", Some(id));
        assert_eq!(client.news(), [snapshot("count", 5, json!(4))], "{id:?}");
        let mut client = Client::back(&hub, &format!("epoch={epoch}&s=count~4"), Some(id));
        assert_eq!(client.news(), [step(4, 5, 4)], "{id:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_seq_of_another_epoch_counts_for_nothing() {
    let hub = SseHub::new();
    let _count = counted(&hub);
    let mut client = Client::of(&hub, "epoch=another&s=count~4");
    assert_eq!(client.news(), [snapshot("count", 5, json!(4))]);
    let mut client = Client::back(&hub, "s=count", Some("another.4"));
    assert_eq!(client.news(), [snapshot("count", 5, json!(4))]);
    // Without an epoch a seq is of none.
    assert_eq!(Client::of(&hub, "s=count~4").news(), [snapshot("count", 5, json!(4))]);
    assert_eq!(hub.stats().resumes, 0);
}

/// As of a client that lies, or a server that lost its memory and kept its epoch.
#[tokio::test(start_paused = true)]
async fn a_seq_that_the_hub_has_not_come_to_counts_for_nothing() {
    let hub = SseHub::new();
    let count = counted(&hub);
    let log = hub.feed_for::<i32>(Key::named("log"));
    log.push(1);
    let epoch = hub.cursor().epoch;
    for seq in [8, u64::MAX] {
        let mut client = Client::of(&hub, &format!("epoch={epoch}&s=count~{seq}&s=log~{seq}"));
        let expected = [
            snapshot("count", 5, json!(4)),
            told("feed", json!({ "name": "log", "to": 6 })),
            told("feed", json!({ "name": "log", "from": 6, "to": 7, "item": 1 })),
        ];
        assert_eq!(client.news(), expected, "{seq}");
    }
    let mut client = Client::back(&hub, "s=count", Some(&format!("{epoch}.{}", u64::MAX)));
    assert_eq!(client.news(), [snapshot("count", 5, json!(4))]);
    count.set(9);
    assert_eq!(client.news(), [step(5, 8, 9)]);
}

#[tokio::test(start_paused = true)]
async fn who_has_all_is_given_nothing_until_there_is_more() {
    let hub = SseHub::new();
    let count = counted(&hub);
    let epoch = hub.cursor().epoch;
    let mut client = Client::of(&hub, &format!("epoch={epoch}&s=count~5"));
    assert_eq!(client.news(), []);
    count.set(5);
    assert_eq!(client.news(), [step(5, 6, 5)]);
}

/// At the very edge of the history: one step further and it is a snapshot.
#[tokio::test(start_paused = true)]
async fn a_history_reaches_as_far_as_its_first_update() {
    let hub = SseHub::with_options(SseHubOptions::new().history_len(2));
    let _count = counted(&hub);
    let epoch = hub.cursor().epoch;
    let of = |seq: u64| Client::of(&hub, &format!("epoch={epoch}&s=count~{seq}")).news();
    assert_eq!(of(3), [step(3, 4, 3), step(4, 5, 4)]);
    assert_eq!(of(2), [snapshot("count", 5, json!(4))]);
}

#[tokio::test(start_paused = true)]
async fn a_history_is_bounded_by_its_bytes_too() {
    let hub = SseHub::with_options(SseHubOptions::new().history_bytes(3_000).feed_bytes(3_000));
    let (text, log) = (hub.signal_for(Key::named("text"), String::new()), hub.feed_for::<String>(Key::named("log")));
    let long = |update: usize| update.to_string().repeat(1_000);
    (1..6).for_each(|update| drop(text.set(long(update))));
    (1..6).for_each(|event| drop(log.push(long(event))));
    let epoch = hub.cursor().epoch;
    let count = |seq: u64, key: &str| Client::of(&hub, &format!("epoch={epoch}&s={key}~{seq}")).news().len();
    // Two of a thousand bytes and a bit are kept, three are not. The feed tells of its gap.
    assert_eq!((count(5, "text"), count(4, "text")), (2, 1));
    assert_eq!((count(10, "log"), count(9, "log")), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_there_yet_is_waited_for_and_the_others_go_on() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0);
    let mut client = Client::of(&hub, "s=later&s=count&s=log");
    assert_eq!(client.news(), [snapshot("count", 1, json!(0))]);
    count.set(1);
    assert_eq!(client.news().len(), 1);
    hub.signal_for(Key::named("later"), 7);
    assert_eq!(client.news(), [snapshot("later", 3, json!(7))]);
    hub.feed_for::<i32>(Key::named("log")).push(1);
    let expected = [
        told("feed", json!({ "name": "log", "to": 4 })),
        told("feed", json!({ "name": "log", "from": 4, "to": 5, "item": 1 })),
    ];
    assert_eq!(client.news(), expected);
}

/// The snapshot of the new one, and no patch onto the old one's document.
#[tokio::test(start_paused = true)]
async fn who_comes_back_to_a_key_that_was_removed_meanwhile_is_told_so() {
    let hub = SseHub::new();
    let count = counted(&hub);
    let epoch = hub.cursor().epoch;
    let mut stays = Client::of(&hub, "s=count");
    stays.news();
    assert!(hub.remove_for::<()>(count.key()).now().unwrap().value);
    let removed = [told("removed", json!({ "name": "count", "to": 6 }))];
    assert_eq!(stays.news(), removed);
    assert_eq!(Client::of(&hub, &format!("epoch={epoch}&s=count~5")).news(), removed);
    // One who was away for longer.
    let mut back = Client::of(&hub, &format!("epoch={epoch}&s=count~2"));
    assert_eq!(back.news(), removed);
    hub.signal_for(Key::named("count"), 9);
    assert_eq!(back.news(), [snapshot("count", 7, json!(9))]);
    assert_eq!(stays.news(), [snapshot("count", 7, json!(9))]);
    assert_eq!(Client::of(&hub, &format!("epoch={epoch}&s=count~5")).news(), [snapshot("count", 7, json!(9))]);
    assert!(!hub.remove_for::<()>(&Key::named("nothing").unwrap()).now().unwrap().value);
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_comes_again_starts_anew() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let old = hub.feed_for::<i32>(Key::named("log"));
    old.push(1);
    let mut client = Client::of(&hub, "s=log");
    client.news();
    assert!(hub.remove_for::<()>(old.key()).now().unwrap().value);
    assert!(old.push(2).now().unwrap_err().is_removed());
    let new = hub.feed_for::<i32>(Key::named("log"));
    new.push(3);
    assert!(old.push(2).now().unwrap_err().is_removed());
    // A bound of the old one is none of the new one.
    old.replay(0);
    let expected = [
        told("feed", json!({ "name": "log", "to": 4 })),
        told("feed", json!({ "name": "log", "from": 4, "to": 5, "item": 3 })),
    ];
    assert_eq!(client.news(), expected);
    assert_eq!(Client::of(&hub, &format!("epoch={epoch}&s=log~2")).news(), expected);
    assert_eq!(Client::of(&hub, "s=log").news(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_feed_gives_a_newcomer_as_many_events_as_it_is_told_and_all_to_one_who_comes_back() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let log = hub.feed_for::<i32>(Key::named("log"));
    (0..5).for_each(|event| drop(log.push(event)));
    for (replay, items) in [(0, vec![]), (2, vec![3, 4]), (5, vec![0, 1, 2, 3, 4]), (9, vec![0, 1, 2, 3, 4])] {
        log.replay(replay);
        let mut client = Client::of(&hub, "s=log");
        let events = client.news();
        assert_eq!(events[0].1, json!({ "name": "log", "to": 6 - items.len() }), "{replay}");
        assert_eq!(events[1..].iter().map(|(_, data)| data["item"].clone()).collect::<Vec<_>>(), items);
        assert_eq!(Client::of(&hub, &format!("epoch={epoch}&s=log~2")).news().len(), 4);
        assert_eq!(client.news(), []);
    }
    log.replay(0);
    let mut client = Client::of(&hub, "s=log");
    client.news();
    log.push(5);
    assert_eq!(client.news(), [told("feed", json!({ "name": "log", "from": 6, "to": 7, "item": 5 }))]);
}

/// A reader that is slow loses nothing that the feed still has, and is told what it has lost.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_a_feed_is_told_of_the_gap() {
    let hub = SseHub::with_options(SseHubOptions::new().feed_len(3));
    let log = hub.feed_for::<i32>(Key::named("log"));
    let mut client = Client::of(&hub, "s=log");
    client.news();
    (0..3).for_each(|event| drop(log.push(event)));
    let items = |events: Vec<(String, Value)>| events.iter().map(|(_, data)| data["item"].clone()).collect::<Vec<_>>();
    assert_eq!(items(client.news()), [0, 1, 2]);
    (3..8).for_each(|event| drop(log.push(event)));
    let events = client.news();
    assert_eq!(events[0], told("feed", json!({ "name": "log", "from": 4, "to": 6 })));
    assert_eq!(items(events[1..].to_vec()), [5, 6, 7]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_larger_than_all_a_feed_keeps_is_given_all_the_same() {
    let hub = SseHub::with_options(SseHubOptions::new().feed_len(0).feed_bytes(0));
    let log = hub.feed_for::<i32>(Key::named("log"));
    let mut client = Client::of(&hub, "s=log");
    client.news();
    log.push(1);
    assert_eq!(client.news(), [told("feed", json!({ "name": "log", "from": 1, "to": 2, "item": 1 }))]);
}

/// Else a client that asks for a thousand names and leaves would leave them with the server.
#[tokio::test(start_paused = true)]
async fn what_nobody_asks_for_any_more_leaves_nothing_behind() {
    let hub = SseHub::with_options(SseHubOptions::new().linger(Duration::from_secs(1)));
    hub.provide::<Count, _>(|id| async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        id.parse().ok().map(|value| Count { value })
    });
    let count = Key::of::<Count>();
    drop(Client::of(&hub, &format!("s={count}:1&s={count}:x&s=nothing")));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(hub.stats().signals, 0, "it was given up with the one who waited for it");
}
