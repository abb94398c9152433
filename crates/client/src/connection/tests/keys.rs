//! Keys that come and go on a hub's connection.

use super::*;
use crate::feed_log::{FeedEntry, FeedLog, FeedReading};

/// Lets a tick pass, and gives what it led to.
fn tick(connection: &Connection, fake: &Fake) -> Vec<String> {
    connection.handle(Input::Tick);
    fake.calls()
}

/// A connection that is open to a hub, with one signal.
fn hub() -> (Arc<Connection>, Fake, Observable<Count>, User) {
    let (connection, fake) = connection();
    let (count, user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    hello(&connection, "e");
    snapshot(&connection, "count", 5, &json!({ "value": 5 }));
    fake.calls();
    (connection, fake, count, user)
}

fn hello(connection: &Connection, epoch: &str) {
    connection.receive("hello", &json!({ "epoch": epoch }).to_string());
}

fn hello_beside(connection: &Connection, epoch: &str) {
    connection.receive_beside("hello", &json!({ "epoch": epoch }).to_string());
}

fn follow(connection: &Arc<Connection>, name: &'static str) -> (Observable<Count>, User) {
    connection.follow(&key(name), Count::default).unwrap()
}

fn follow_feed(connection: &Arc<Connection>) -> (Arc<FeedLog<u32>>, User) {
    connection.follow_as::<FeedLog<u32>>(&key("log"), FeedLog::default).unwrap()
}

fn read(log: &Arc<FeedLog<u32>>) -> (Arc<Mutex<Vec<u32>>>, FeedReading<u32>) {
    let read = Arc::<Mutex<Vec<u32>>>::default();
    let events = read.clone();
    let reading = log.read(move |entry| {
        if let FeedEntry::Event(event) = entry {
            events.lock().unwrap().push(*event);
        }
    });
    (read, reading)
}

fn feed(connection: &Connection, from: impl Into<Option<u64>>, to: u64, item: impl Into<Option<u32>>) {
    let mut step = json!({ "name": "log", "to": to });
    if let Some(from) = from.into() {
        step["from"] = json!(from);
    }
    if let Some(item) = item.into() {
        step["item"] = json!(item);
    }
    connection.receive("feed", &step.to_string());
}

#[test]
fn the_first_connection_asks_for_all_keys_of_a_tick() {
    let (connection, fake) = connection();
    let _one = follow(&connection, "one");
    let _two = follow(&connection, "two");
    let _log = follow_feed(&connection);
    assert!(fake.calls().is_empty());
    assert_eq!(tick(&connection, &fake), ["open s=log&s=one&s=two"]);
}

#[test]
fn a_key_that_comes_later_is_asked_for_beside_and_nothing_is_lost_or_shown_twice() {
    let (connection, fake, count, _user) = hub();
    let shown = Arc::new(Mutex::new(Vec::new()));
    let observer = count.observe({
        let (shown, count) = (shown.clone(), count.clone());
        move || shown.lock().unwrap().push(count.get_untracked().value)
    });
    let (late, _late) = follow(&connection, "late");
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5&s=late"]);
    change(&connection, "count", 5, "/value", &json!(6));
    connection.receive_beside("message", r#"{"name":"count","from":5,"to":6,"patch":[]}"#);
    hello_beside(&connection, "e");
    assert_eq!(fake.calls(), ["settle"]);
    change(&connection, "count", 5, "/value", &json!(6));
    change(&connection, "count", 6, "/value", &json!(7));
    drop(observer);
    snapshot(&connection, "late", 7, &json!({ "value": 1 }));
    assert_eq!(late.get_untracked(), Count { value: 1 });
    assert_eq!(*shown.lock().unwrap(), [5, 6, 7]);
    assert_eq!(connection.status(), SseStatus::Open);
    fake.wait(5_000);
    assert!(tick(&connection, &fake).is_empty());
}

#[test]
fn a_snapshot_of_the_new_stream_that_is_behind_the_old_one_is_a_repeat() {
    let (connection, fake, count, _user) = hub();
    let _late = follow(&connection, "late");
    tick(&connection, &fake);
    change(&connection, "count", 5, "/value", &json!(6));
    hello_beside(&connection, "e");
    snapshot(&connection, "count", 5, &json!({ "value": 5 }));
    assert_eq!(count.get_untracked(), Count { value: 6 });
    change(&connection, "count", 6, "/value", &json!(7));
    assert_eq!(count.get_untracked(), Count { value: 7 });
}

#[test]
fn a_key_that_nobody_uses_is_let_go_a_second_later_and_forgotten() {
    let (connection, fake, _count, _user) = hub();
    let (late, user) = follow(&connection, "late");
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    snapshot(&connection, "late", 6, &json!({ "value": 6 }));
    fake.calls();
    drop((late, user));
    fake.wait(999);
    assert!(tick(&connection, &fake).is_empty());
    fake.wait(1);
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5"]);
    assert!(connection.document(&key("late")).is_some(), "the old one still brings it");
    hello_beside(&connection, "e");
    assert!(connection.document(&key("late")).is_none());
}

#[test]
fn keys_that_come_and_go_in_one_tick_open_nothing() {
    let (connection, fake, count, user) = hub();
    drop(follow(&connection, "late"));
    drop((count, user));
    let (count, _user) = follow(&connection, "count");
    assert_eq!(count.get_untracked(), Count { value: 5 });
    fake.wait(5_000);
    assert!(tick(&connection, &fake).is_empty());
}

#[test]
fn a_connection_of_named_streams_gives_what_it_gives() {
    let (connection, fake) = connection();
    let _count = follow(&connection, "count");
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e","name":"count"}"#);
    fake.calls();
    let _late = follow(&connection, "late");
    fake.wait(5_000);
    assert!(tick(&connection, &fake).is_empty());
}

#[test]
fn keys_that_change_before_the_hello_are_asked_for_after_it() {
    let (connection, fake) = connection();
    let _count = follow(&connection, "count");
    connection.handle(Input::Tick);
    let _late = follow(&connection, "late");
    connection.handle(Input::Opened);
    assert_eq!(fake.calls(), ["open s=count"]);
    hello(&connection, "e");
    assert_eq!(tick(&connection, &fake), ["beside s=count&s=late"]);
    let _latest = follow(&connection, "latest");
    hello_beside(&connection, "e");
    assert_eq!(tick(&connection, &fake), ["settle", "beside s=count&s=late&s=latest"]);
}

#[test]
fn a_stale_signal_is_asked_for_without_a_seq_and_the_others_with_theirs() {
    let (connection, fake, _count, _user) = hub();
    let _late = follow(&connection, "late");
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    snapshot(&connection, "late", 6, &json!({ "value": 6 }));
    change(&connection, "count", 5, "/nowhere/at/all", &json!(7));
    fake.wait(500);
    assert_eq!(tick(&connection, &fake), ["settle", "close", "open epoch=e&s=count&s=late~6"]);
}

#[test]
fn a_stream_beside_that_fails_leaves_the_open_one_which_still_hears_the_bye() {
    for bye in [true, false] {
        let (connection, fake, _count, _user) = hub();
        let _late = follow(&connection, "late");
        tick(&connection, &fake);
        if bye {
            connection.receive_beside("bye", "{}");
        } else {
            connection.handle(Input::BesideFailed(Lost::BrowserRetries));
        }
        assert_eq!(connection.status(), SseStatus::Open);
        fake.wait(500);
        assert_eq!(tick(&connection, &fake), ["close beside", "beside epoch=e&s=count~5&s=late"]);
        connection.receive("bye", "{}");
        assert!(matches!(connection.status(), SseStatus::Reconnecting { attempt: 1, .. }));
        fake.wait(500);
        assert_eq!(tick(&connection, &fake), ["close", "open epoch=e&s=count~5&s=late"]);
    }
}

#[test]
fn a_hello_beside_that_makes_no_sense_changes_nothing() {
    let (connection, fake, _count, _user) = hub();
    let _late = follow(&connection, "late");
    tick(&connection, &fake);
    connection.receive_beside("hello", "{}");
    assert!(fake.calls().is_empty());
    fake.wait(10_000);
    assert_eq!(tick(&connection, &fake), ["close"]);
}

#[test]
fn a_probe_asks_what_the_connection_will_ask() {
    let (connection, fake, _count, _user) = hub();
    connection.handle(Input::Failed(Lost::Unexplained));
    fake.wait(500);
    assert_eq!(tick(&connection, &fake), ["close", "probe epoch=e&s=count~5"]);
}

#[test]
fn a_signal_that_is_removed_keeps_its_value_and_takes_a_snapshot_later() {
    let (connection, _, count, _user) = hub();
    connection.receive("removed", r#"{"name":"count","to":6}"#);
    assert_eq!(count.get_untracked(), Count { value: 5 });
    snapshot(&connection, "count", 9, &json!({ "value": 0 }));
    assert_eq!(count.get_untracked(), Count { value: 0 });
}

#[test]
fn a_refused_key_harms_no_other() {
    let (connection, fake, count, _user) = hub();
    connection.receive("refused", r#"{"name":"late","reason":"forbidden"}"#);
    connection.receive("refused", r#"{"name":"count","reason":"forbidden"}"#);
    change(&connection, "count", 5, "/value", &json!(6));
    assert_eq!(count.get_untracked(), Count { value: 6 });
    assert!(tick(&connection, &fake).is_empty());
}

#[test]
fn a_feed_goes_on_over_a_change_of_streams_with_each_event_once() {
    let (connection, fake, _count, _user) = hub();
    let (log, _log) = follow_feed(&connection);
    let (read, _reading) = read(&log);
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5&s=log"]);
    hello_beside(&connection, "e");
    feed(&connection, None, 10, None);
    feed(&connection, 10, 11, 1);
    let _late = follow(&connection, "late");
    assert_eq!(tick(&connection, &fake), ["settle", "beside epoch=e&s=count~5&s=late&s=log~11"]);
    feed(&connection, 11, 12, 2);
    hello_beside(&connection, "e");
    feed(&connection, 11, 12, 2);
    feed(&connection, 12, 13, 3);
    assert_eq!(*read.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn a_feed_whose_start_comes_from_both_streams_starts_once() {
    let (connection, fake, _count, _user) = hub();
    let (log, _log) = follow_feed(&connection);
    let (read, _reading) = read(&log);
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    let _late = follow(&connection, "late");
    assert_eq!(tick(&connection, &fake), ["settle", "beside epoch=e&s=count~5&s=late&s=log"]);
    feed(&connection, None, 10, None);
    feed(&connection, 10, 11, 1);
    hello_beside(&connection, "e");
    feed(&connection, None, 10, None);
    feed(&connection, 10, 11, 1);
    feed(&connection, 11, 12, 2);
    assert_eq!(*read.lock().unwrap(), [1, 2]);
}

#[test]
fn a_feed_that_starts_later_than_what_is_held_in_one_epoch_tells_of_the_gap() {
    let (connection, _fake, _count, _user) = hub();
    let (log, _user) = follow_feed(&connection);
    let told = Arc::<Mutex<Vec<String>>>::default();
    let _reading = log.read({
        let told = told.clone();
        move |entry| {
            told.lock().unwrap().push(match entry {
                FeedEntry::Start => "start".to_owned(),
                FeedEntry::Gaps(gaps) => format!("gaps {gaps}"),
                FeedEntry::Event(event) => event.to_string(),
            });
        }
    });
    feed(&connection, None, 10, None);
    feed(&connection, 10, 11, 11);
    // Cut before any event with an id: the browser repeats `s=log`, and the server has 13 to 30 no more.
    connection.handle(Input::Failed(Lost::BrowserRetries));
    connection.handle(Input::Opened);
    hello(&connection, "e");
    feed(&connection, None, 30, None);
    feed(&connection, 30, 31, 31);
    assert_eq!(*told.lock().unwrap(), ["start", "11", "start", "gaps 1", "31"]);
}

#[test]
fn a_feed_that_is_left_and_joined_within_a_second_has_what_the_page_holds() {
    let (connection, fake, _count, _user) = hub();
    let (log, user) = follow_feed(&connection);
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    feed(&connection, None, 10, None);
    feed(&connection, 10, 11, 1);
    drop((log, user));
    feed(&connection, 11, 12, 2);
    let (log, user) = follow_feed(&connection);
    assert_eq!(*read(&log).0.lock().unwrap(), [1, 2]);
    fake.calls();

    drop((log, user));
    fake.wait(1_000);
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5"]);
    hello_beside(&connection, "e");
    assert_eq!(connection.state().registry.len(), 1, "what is let go is not held");
}

#[test]
fn a_feed_that_is_joined_again_while_it_is_let_go_goes_on() {
    let (connection, fake, _count, _user) = hub();
    let (log, user) = follow_feed(&connection);
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    feed(&connection, None, 10, None);
    drop((log, user));
    fake.wait(1_000);
    assert_eq!(tick(&connection, &fake), ["settle", "beside epoch=e&s=count~5"]);
    let (log, _log) = follow_feed(&connection);
    let (read, _reading) = read(&log);
    feed(&connection, 10, 11, 1);
    hello_beside(&connection, "e");
    assert_eq!(tick(&connection, &fake), ["settle", "beside epoch=e&s=count~5&s=log~11"]);
    hello_beside(&connection, "e");
    feed(&connection, 11, 12, 2);
    assert_eq!(*read.lock().unwrap(), [1, 2]);
}

#[test]
fn a_key_that_is_followed_as_a_signal_is_no_feed_and_the_reverse() {
    let (connection, _, _count, _user) = hub();
    let error = connection.follow_as::<FeedLog<u32>>(&key("count"), FeedLog::default).err().unwrap();
    assert!(error.is_type_conflict() && error.to_string().contains("SseFeed<u32>"), "{error}");
    let (_log, _user) = follow_feed(&connection);
    assert!(connection.follow(&key("log"), Count::default).err().unwrap().is_type_conflict());
    assert!(connection.follow_as::<FeedLog<String>>(&key("log"), FeedLog::default).err().unwrap().is_type_conflict());
}

#[test]
fn five_hundred_signals_that_come_later_are_one_connection_more() {
    let (connection, fake, _count, _user) = hub();
    let keys: Vec<Key> = (0..500).map(|n| Key::named(format!("count-{n}")).unwrap()).collect();
    let signals: Vec<_> = keys.iter().map(|key| connection.follow(key, Count::default).unwrap()).collect();
    assert_eq!(tick(&connection, &fake).len(), 1);
    hello_beside(&connection, "e");
    drop(signals);
    fake.wait(1_000);
    assert_eq!(tick(&connection, &fake), ["settle", "beside epoch=e&s=count~5"]);
}

#[test]
fn a_server_that_refuses_the_stream_beside_does_not_end_the_one_that_is_open() {
    let (connection, fake, count, _user) = hub();
    let _late = follow(&connection, "late");
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5&s=late"]);
    for wait in [500, 1_000, 2_000] {
        // 414, 429 or 503: the browser gives up on it.
        connection.handle(Input::BesideFailed(Lost::Unexplained));
        assert_eq!(fake.calls(), ["close beside"]);
        assert_eq!(connection.status(), SseStatus::Open);
        fake.wait(wait - 1);
        assert!(tick(&connection, &fake).is_empty());
        fake.wait(1);
        assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5&s=late"]);
    }
    change(&connection, "count", 5, "/value", &json!(6));
    assert_eq!(count.get_untracked().value, 6);
    hello_beside(&connection, "e");
    assert_eq!(fake.calls(), ["settle"]);
}

#[test]
fn a_connection_that_is_lost_while_more_keys_are_refused_asks_for_those_that_were_served() {
    let (connection, fake, _count, _user) = hub();
    let _late = follow(&connection, "late");
    tick(&connection, &fake);
    connection.handle(Input::BesideFailed(Lost::Unexplained));
    connection.handle(Input::Failed(Lost::Unexplained));
    fake.wait(500);
    assert_eq!(tick(&connection, &fake), ["close beside", "close", "probe epoch=e&s=count~5"]);
    connection.handle(Input::Probed(Ok(())));
    connection.handle(Input::Opened);
    hello(&connection, "e");
    assert_eq!(tick(&connection, &fake), ["open epoch=e&s=count~5", "beside epoch=e&s=count~5&s=late"]);
}

#[test]
fn more_keys_than_a_query_has_room_for_leave_the_others_as_they_are() {
    let (connection, fake, count, _user) = hub();
    let keys: Vec<Key> = (0..200).map(|n| Key::named(format!("{n:097}")).unwrap()).collect();
    let mut users: Vec<_> = keys.iter().map(|key| connection.follow(key, Count::default).unwrap()).collect();
    let calls = tick(&connection, &fake);
    assert!(calls[0].len() < 7_300 && calls[0].contains("s=count~5"), "{calls:?}");
    hello_beside(&connection, "e");
    change(&connection, "count", 5, "/value", &json!(6));
    assert_eq!(count.get_untracked().value, 6);
    fake.wait(60_000);
    assert_eq!(tick(&connection, &fake), ["settle"], "no stream is opened for what has no room");
    users.drain(..1);
    fake.wait(1_000);
    let calls = tick(&connection, &fake);
    assert!(calls[0].starts_with("beside ") && !calls[0].contains(keys[0].as_str()), "{calls:?}");
    assert_eq!(calls[0].matches("s=00").count(), 71);
    assert!(calls[0].contains(keys[71].as_str()), "it has got the room");
}

#[test]
fn a_key_let_go_while_another_is_being_let_go_lingers_a_second_too() {
    let (connection, fake, _count, _user) = hub();
    let b = follow(&connection, "b");
    let c = follow(&connection, "c");
    tick(&connection, &fake);
    hello_beside(&connection, "e");
    fake.calls();
    drop(b);
    fake.wait(1_000);
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=c&s=count~5"]);
    drop(c);
    hello_beside(&connection, "e");
    fake.wait(999);
    assert_eq!(tick(&connection, &fake), ["settle"]);
    fake.wait(1);
    assert_eq!(tick(&connection, &fake), ["beside epoch=e&s=count~5"]);
}

/// It is still brought, for a second.
#[test]
fn a_feed_that_nobody_uses_any_more_does_not_keep_its_key_from_a_signal() {
    let (connection, _, _count, _user) = hub();
    let (log, user) = follow_feed(&connection);
    assert!(connection.follow(&key("log"), Count::default).is_err());
    drop((log, user));
    let (signal, _user) = follow(&connection, "log");
    snapshot(&connection, "log", 6, &json!({ "value": 6 }));
    assert_eq!(signal.get_untracked().value, 6);
}
