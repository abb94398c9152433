//! Over a server within the process, in paused time.

use super::{LONG, URL, client, local::Local, options, until, until_status};
use futures::StreamExt;
use leptos_sse_hub::{Error, Key, SseHub, SseHubOptions};
use leptos_sse_native::{SseClient, SseClientFeed, SseClientFeedItem};
use leptos_sse_native::{SseClosed, SseSignalStatus, SseStatus};
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    value: i32,
}

fn count(value: i32) -> Count {
    Count { value }
}

#[tokio::test(start_paused = true)]
async fn a_signal_has_its_value_and_its_changes() {
    let hub = SseHub::new();
    let server = hub.signal(count(1));
    let client = client(&Local::of(&hub));
    assert_eq!(client.status(), SseStatus::Connecting);
    let mut signal = client.signal::<Count>();
    assert_eq!((signal.get(), signal.status()), (None, SseSignalStatus::Connecting));
    signal.changed().await.unwrap();
    until(&signal, count(1)).await;
    assert_eq!((signal.status(), client.status()), (SseSignalStatus::Live, SseStatus::Open));

    signal.changed().await.unwrap_or_default();
    server.set(count(2));
    signal.changed().await.unwrap();
    assert_eq!(signal.get().as_deref(), Some(&count(2)));

    let mut values = signal.values();
    assert_eq!(*values.next().await.unwrap(), count(2), "the one of now is the first");
    server.set(count(3));
    sleep(Duration::from_millis(1)).await;
    server.set(count(4));
    sleep(Duration::from_millis(1)).await;
    assert_eq!(*values.next().await.unwrap(), count(4), "who reads slowly reads the latest");
    assert!(hub.remove_for::<()>(&Key::of::<Count>()).now().unwrap().value);
    sleep(Duration::from_secs(1)).await;
    assert_eq!((signal.get(), signal.status()), (None, SseSignalStatus::Removed));
    hub.signal(count(5));
    assert_eq!(*values.next().await.unwrap(), count(5), "it has come again");
}

#[tokio::test(start_paused = true)]
async fn two_handles_of_a_key_share_what_is_decoded_and_the_stream() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), count(1));
    let local = Local::of(&hub);
    let client = client(&local);
    let first = client.signal_for::<Count>(Key::named("a")).unwrap();
    let value = until(&first, count(1)).await;
    let second = client.signal_for::<Count>(Key::named("a")).unwrap();
    assert!(Arc::ptr_eq(&until(&second, count(1)).await, &value));
    drop(first);
    sleep(LONG).await;
    assert_eq!((second.status(), local.requests()), (SseSignalStatus::Live, 1));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_be_seen_is_refused_and_the_others_are_not() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("open"), 1_u8);
    let local = Local::of(&hub);
    let errors = Arc::new(Mutex::new(Vec::new()));
    let seen = errors.clone();
    let options = options(&local).on_error(move |error| seen.lock().unwrap().push(error.to_string()));
    let client = SseClient::connect(URL, options).unwrap();
    hub.signal_for(Key::named("secret"), 2_u8);
    let mut secret = client.signal_for::<u8>(Key::named("secret")).unwrap();
    let open = client.signal_for::<u8>(Key::named("open")).unwrap();
    until(&open, 1).await;
    while !matches!(secret.status(), SseSignalStatus::Refused(_)) {
        timeout(LONG, secret.changed()).await.unwrap().unwrap();
    }
    assert_eq!((secret.get(), open.status()), (None, SseSignalStatus::Live));
    let errors = errors.lock().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("`secret`: the server refuses it"), "{errors:?}");
}

#[tokio::test(start_paused = true)]
async fn a_key_has_one_type_at_a_time() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), 1_u8);
    hub.feed_for::<u8>(Key::named("log")).push(1);
    let local = Local::of(&hub);
    let errors = Arc::new(AtomicUsize::new(0));
    let seen = errors.clone();
    let options = options(&local).on_error(move |error| {
        assert!(error.error().is_type_conflict());
        seen.fetch_add(1, Ordering::Relaxed);
    });
    let client = SseClient::connect(URL, options).unwrap();
    let number = client.signal_for::<u8>(Key::named("a")).unwrap();
    until(&number, 1).await;
    let mut other = client.signal_for::<u16>(Key::named("a")).unwrap();
    let closed = other.changed().await.unwrap_err();
    assert!(closed.error().is_some_and(Error::is_type_conflict), "{closed}");
    assert!(other.values().next().await.is_none());
    let mut feed = client.feed_for::<u8>(Key::named("a")).unwrap();
    assert!(feed.next().await.is_none());
    assert!(feed.closed().unwrap().error().is_some_and(Error::is_type_conflict));
    assert_eq!(errors.load(Ordering::Relaxed), 2);

    // With the first one gone it is free for the other type.
    drop((number, feed));
    let other = client.signal_for::<u16>(Key::named("a")).unwrap();
    until(&other, 1).await;
    // What the server has as a feed is no signal.
    let _log = client.signal_for::<u8>(Key::named("log")).unwrap();
    sleep(LONG).await;
    assert_eq!(errors.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn keys_that_come_and_go_are_served_by_a_stream_beside_without_a_gap() {
    let hub = SseHub::new();
    let (a, b) = (hub.signal_for(Key::named("a"), 1), hub.signal_for(Key::named("b"), 1));
    let local = Local::of(&hub);
    let client = client(&local);
    let first = client.signal_for::<i32>(Key::named("a")).unwrap();
    let statuses = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn({
        let (mut all, seen) = (client.statuses(), statuses.clone());
        async move {
            while let Some(status) = all.next().await {
                seen.lock().unwrap().push(status);
            }
        }
    });
    until(&first, 1).await;
    let second = client.signal_for::<i32>(Key::named("b")).unwrap();
    until(&second, 1).await;
    a.set(2);
    b.set(2);
    until(&first, 2).await;
    until(&second, 2).await;
    assert_eq!(local.requests(), 2);
    drop(second);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(local.requests(), 3);
    assert!(!local.asked().contains("s=b"), "{}", local.asked());
    a.set(3);
    until(&first, 3).await;
    assert_eq!(*statuses.lock().unwrap(), [SseStatus::Connecting, SseStatus::Open]);
    assert_eq!(hub.stats().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn more_keys_than_a_url_takes_go_by_post() {
    let hub = SseHub::with_options(SseHubOptions::new().max_keys(1_000).max_request_len(1 << 20));
    let names: Vec<String> = (0..200).map(|key| format!("{key:0100}")).collect();
    for name in &names {
        hub.signal_for(Key::named(name.clone()), 7);
    }
    let local = Local::of(&hub);
    let client = SseClient::connect(URL, options(&local).post(true)).unwrap();
    let signals: Vec<_> =
        names.iter().map(|name| client.signal_for::<i32>(Key::named(name.clone())).unwrap()).collect();
    for signal in &signals {
        until(signal, 7).await;
    }
    assert_eq!((local.requests(), local.state().requests[0].method().as_str()), (1, "POST"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_204_is_left_until_a_reconnect() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), 1);
    let local = Local::of(&hub);
    local.state().answers.push_back(204);
    let client = client(&local);
    let signal = client.signal_for::<i32>(Key::named("a")).unwrap();
    let closed = SseStatus::Closed(SseClosed::NoContent);
    until_status(&client, |status| status == closed).await;
    sleep(LONG).await;
    assert_eq!(local.requests(), 1);
    client.reconnect();
    until(&signal, 1).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_new_login_a_reconnect_asks_with_the_headers_of_then() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), 1);
    let local = Local::of(&hub);
    local.state().answers.extend([401; 1_000]);
    let token = Arc::new(Mutex::new("old"));
    let held = token.clone();
    let options = options(&local)
        .headers(move || vec![("authorization".to_owned(), format!("Bearer {}", held.lock().unwrap()))])
        .reconnect_base(Duration::from_secs(30));
    let client = SseClient::connect(URL, options).unwrap();
    let signal = client.signal_for::<i32>(Key::named("a")).unwrap();
    until_status(&client, |status| matches!(status, SseStatus::Refused { status: 401, .. })).await;
    sleep(LONG).await;
    assert!(local.requests() > 1, "it asks on by itself");
    *token.lock().unwrap() = "new";
    local.state().answers.clear();
    let asked = local.requests();
    let begun = Instant::now();
    client.reconnect();
    until(&signal, 1).await;
    assert!(begun.elapsed() < Duration::from_millis(100));
    let heads: Vec<_> = local.state().requests.iter().map(|one| one.headers()["authorization"].clone()).collect();
    assert!(heads[..asked].iter().all(|head| head == "Bearer old") && heads[asked] == "Bearer new", "{heads:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_a_heartbeat_is_lost_and_one_that_nobody_reads_is_not() {
    let hub = SseHub::with_options(
        SseHubOptions::new().heartbeat(Duration::from_secs(10)).feed_len(100_000).feed_bytes(1 << 30),
    );
    let log = hub.feed_for::<u32>(Key::named("log"));
    log.replay(100_000);
    let local = Local::of(&hub);
    let client = client(&local);
    let mut feed = client.feed_for::<u32>(Key::named("log")).unwrap();
    let count = hub.signal_for(Key::named("count"), 0);
    let follower = client.signal_for::<i32>(Key::named("count")).unwrap();
    until(&follower, 0).await;
    let (requests, before) = (local.requests(), local.state().taken);
    for number in 0..50_000 {
        log.push(number);
    }
    count.set(1);
    sleep(LONG * 60).await;
    let taken = local.state().taken - before;
    assert!(taken < 300_000, "{taken} bytes were taken for nobody");
    assert_eq!((client.status(), local.requests()), (SseStatus::Open, requests));
    assert_eq!(follower.get().as_deref(), Some(&0), "it waits behind the feed");
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Start)));
    let begun = Instant::now();
    assert_eq!(numbers(&mut feed, 50_000).await, (0..50_000).collect::<Vec<_>>());
    until(&follower, 1).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "it goes on by itself, and not with the next alarm");
    assert_eq!(local.requests(), requests);

    // Now it reads, and hears nothing.
    local.state().is_silent = true;
    local.cut();
    sleep(LONG * 10).await;
    assert!(local.requests() > requests + 5, "{}", local.requests());
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_is_dropped_while_it_is_full_lets_the_others_go_on() {
    let hub = SseHub::with_options(SseHubOptions::new().feed_len(100_000));
    let log = hub.feed_for::<u32>(Key::named("log"));
    let count = hub.signal_for(Key::named("count"), 0);
    let client = client(&Local::of(&hub));
    let (feed, follower) =
        (client.feed_for::<u32>(Key::named("log")).unwrap(), client.signal_for::<i32>(Key::named("count")).unwrap());
    until(&follower, 0).await;
    (0..50_000).for_each(|number| drop(log.push(number)));
    count.set(1);
    sleep(LONG).await;
    assert_eq!(follower.get().as_deref(), Some(&0));
    drop(feed);
    until(&follower, 1).await;
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_that_goes_closes_the_stream_after_a_while_and_the_next_one_opens_it() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), 1);
    let local = Local::of(&hub);
    let client = SseClient::connect(URL, options(&local).linger(Duration::from_secs(5))).unwrap();
    let signal = client.signal_for::<i32>(Key::named("a")).unwrap();
    until(&signal, 1).await;
    let copy = signal.clone();
    drop(signal);
    sleep(LONG).await;
    assert_eq!(client.status(), SseStatus::Open, "a clone follows");
    drop(copy);
    sleep(Duration::from_secs(4)).await;
    assert_eq!((client.status(), hub.stats().connections), (SseStatus::Open, 1));
    sleep(Duration::from_secs(2)).await;
    assert_eq!((client.status(), hub.stats().connections), (SseStatus::Closed(SseClosed::Unused), 0));
    until(&client.signal_for::<i32>(Key::named("a")).unwrap(), 1).await;
    assert_eq!(local.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_closed_or_dropped_ends_its_task() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("a"), 1);
    let log = hub.feed_for::<u8>(Key::named("log"));
    log.replay(10);
    let local = Local::of(&hub);
    let closed = Arc::new(AtomicUsize::new(0));
    let seen = closed.clone();
    let options = options(&local).on_close(move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    let client = SseClient::connect(URL, options).unwrap();
    let mut signal = client.signal_for::<i32>(Key::named("a")).unwrap();
    let mut feed = client.feed_for::<u8>(Key::named("log")).unwrap();
    log.push(7);
    until(&signal, 1).await;
    client.close().await;
    assert_eq!((hub.stats().connections, closed.load(Ordering::Relaxed)), (0, 1));
    assert_eq!(client.status(), SseStatus::Closed(SseClosed::Unused));
    while signal.changed().await.is_ok() {}
    assert_eq!((signal.get().as_deref(), signal.status()), (Some(&1), SseSignalStatus::Stale));
    assert!(signal.changed().await.unwrap_err().error().is_none());
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Start)));
    assert!(matches!(feed.next().await, Some(SseClientFeedItem::Event(event)) if *event == 7), "what came can be read");
    assert!(feed.next().await.is_none());
    client.close().await;
    assert!(client.signal_for::<i32>(Key::named("a")).unwrap().changed().await.is_err());
    let mut late = client.feed_for::<u8>(Key::named("log")).unwrap();
    assert!(late.next().await.is_none() && late.closed().is_some(), "a feed that is made then is at its end");

    let other = SseClient::connect(URL, super::options(&local)).unwrap();
    let signal = other.signal_for::<i32>(Key::named("a")).unwrap();
    drop(other);
    until(&signal, 1).await;
    assert_eq!(hub.stats().connections, 1, "a signal keeps it");
    drop(signal);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(hub.stats().connections, 0, "nobody could ask for anything any more");
}

#[test]
fn without_a_runtime_there_is_an_error_that_says_so() {
    let error = SseClient::connect(URL, leptos_sse_native::SseClientOptions::new()).unwrap_err();
    assert!(error.is_no_runtime(), "{error}");
}

/// The next events of a feed, of which none may be missing.
async fn numbers(feed: &mut SseClientFeed<u32>, count: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        match timeout(LONG, feed.next()).await {
            Ok(Some(SseClientFeedItem::Event(number))) => numbers.push(*number),
            other => panic!("{other:?} after {}", numbers.len()),
        }
    }
    numbers
}

#[tokio::test]
async fn a_login_in_the_url_is_shown_nowhere() {
    let local = Local::of(&SseHub::new());
    let client = SseClient::connect("http://ann:pass@server/sse", super::options(&local)).unwrap();
    assert_eq!(client.url(), "http://server/sse");
    assert!(!format!("{client:?}").contains("pass"));
}
