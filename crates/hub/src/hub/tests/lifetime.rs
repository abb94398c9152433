//! What comes and goes, and what must not stay behind.

use super::*;
use crate::hub::eviction;
use leptos_sse_core::Key;
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};
use tokio::{runtime, task::yield_now, time::timeout};

#[derive(Clone, Default, Serialize)]
struct Room {
    #[serde(skip)]
    token: Arc<()>,
}

fn key(id: impl std::fmt::Display) -> Key {
    Key::of::<Room>().id(id).unwrap()
}

fn lingering(time: Duration) -> SseHub {
    let hub = SseHub::with_options(SseHubOptions::new().linger(time));
    hub.provide::<Room, _>(|_| async { Room::default() });
    hub
}

/// The last subscriber has gone, and before that is noted another one has come.
#[tokio::test(start_paused = true)]
async fn a_signal_is_not_let_go_under_one_who_came_at_the_last_moment() {
    let hub = lingering(Duration::from_secs(1));
    drop(hub.load_for::<Room>(1).await.unwrap());
    let topic = hub.registry.topics().get(&key(1)).unwrap().clone();
    let mut client = Client::of(&hub, &format!("s={}", key(1)));
    let visits = topic.state().visits;
    eviction::evict_later(&hub.registry, &topic, visits);
    client.rest();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(hub.stats().signals, 1);
}

#[tokio::test(start_paused = true)]
async fn a_signal_whose_subscriber_was_dropped_outside_of_the_runtime_is_let_go() {
    let hub = lingering(Duration::from_secs(1));
    let mut client = Client::of(&hub, &format!("s={}", key(1)));
    yield_now().await;
    client.rest();
    assert_eq!(hub.stats().signals, 1);
    thread::spawn(move || drop(client)).join().unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(hub.stats().signals, 0);
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_someone_holds_is_let_go_some_time_after() {
    let hub = lingering(Duration::ZERO);
    let held = hub.load_for::<Room>(1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(hub.stats().signals, 1);
    drop(held);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hub.stats().signals, 0);
    assert_eq!(hub.load_for::<Room>(2).await.unwrap().key(), &key(2), "and the next one is made, and let go");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hub.stats().signals, 0);
}

#[tokio::test]
async fn a_hub_that_is_dropped_drops_its_values() {
    let hub = SseHub::new();
    let room = Room::default();
    let token = Arc::downgrade(&room.token);
    drop(hub.signal(room));
    assert!(token.upgrade().is_some());
    drop(hub);
    assert!(token.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_load_that_nobody_waits_for_any_more_leaves_nothing() {
    let hub = SseHub::new();
    hub.provide::<Room, _>(|_| pending::<Option<Room>>());
    let _waits = Client::of(&hub, &format!("s={}", key(1)));
    for _ in 0..100 {
        timeout(Duration::from_millis(1), hub.load_for::<Room>(1)).await.unwrap_err();
    }
    let topic = hub.registry.topics().get(&key(1)).unwrap().clone();
    let inside = format!("{:?}", topic.waiters).matches("Waiter").count();
    assert!(inside <= 2, "{inside} sleepers");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_is_ended_when_nobody_waits_and_told_when_somebody_does() {
    struct Running(Arc<AtomicUsize>);
    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let (hub, number) = (SseHub::new(), Arc::new(AtomicUsize::new(0)));
    let running = {
        let number = number.clone();
        move || {
            number.fetch_add(1, Ordering::Relaxed);
            Running(number.clone())
        }
    };
    hub.provide::<Room, _>(move |_| {
        let running = running();
        async move {
            let _running = running;
            pending::<Option<Room>>().await
        }
    });
    for client in 0..100 {
        let query: String = (0..100).map(|id| format!("s={}&", key(format_args!("{client}-{id}")))).collect();
        let gone = Client::of(&hub, &query);
        yield_now().await;
        drop(gone);
        yield_now().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((number.load(Ordering::Relaxed), hub.registry.topics().len()), (0, 0));

    let mut waits = Client::of(&hub, &format!("s={}", key(1)));
    assert_eq!(waits.rest(), []);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(waits.rest()[0].name, event_name::REFUSED);
    assert_eq!(number.load(Ordering::Relaxed), 0);
}

/// Who comes back to a load that was just given up starts another one, and is not told of the end of the first.
#[tokio::test(start_paused = true)]
async fn who_comes_after_a_load_was_given_up_is_served() {
    let hub = SseHub::new();
    hub.provide::<Room, _>(|_| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Room::default()
    });
    let query = format!("s={}", key(1));
    let gone = Client::of(&hub, &query);
    yield_now().await;
    drop(gone);
    let mut client = Client::of(&hub, &query);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let events = client.rest();
    assert!(events.len() == 1 && events[0].name.is_empty(), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn providers_are_asked_a_few_at_a_time_and_make_no_more_than_the_hub_takes() {
    let hub = SseHub::with_options(SseHubOptions::new().max_loading(2).max_signals(5));
    let asked = Arc::new(AtomicUsize::new(0));
    let counts = asked.clone();
    hub.provide::<Room, _>(move |_| {
        counts.fetch_add(1, Ordering::Relaxed);
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Room::default()
        }
    });
    let query: String = (0..9).map(|id| format!("s={}&", key(id))).collect();
    let mut client = Client::of(&hub, &query);
    for expected in [2, 4, 5, 5] {
        yield_now().await;
        assert_eq!(asked.load(Ordering::Relaxed), expected);
        tokio::time::sleep(Duration::from_millis(1_001)).await;
    }
    let events = client.rest();
    assert_eq!(events.iter().filter(|event| event.name == event_name::REFUSED).count(), 4);
    assert_eq!(hub.stats().signals, 5);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_comes_late_serves_those_who_wait() {
    let hub = SseHub::new();
    let mut client = Client::of(&hub, &format!("s={}", key(1)));
    assert_eq!(client.rest(), []);
    hub.provide::<Room, _>(|_| async { Room::default() });
    yield_now().await;
    assert_eq!(client.rest().len(), 1);
}

/// A worker that does nothing shall not hold up the subscribers of another.
#[test]
fn a_runtime_that_is_not_driven_holds_up_nobody_of_another_on_its_thread() {
    let runtime = || runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (idle, driven) = (runtime(), runtime());
    let hub = SseHub::new();
    let signal = hub.signal_for(Key::named("s"), 0);
    let client = || {
        let mut client = Client::of(&hub, "s=s");
        client.rest();
        client
    };
    let _idle: Vec<_> = idle.block_on(async { (0..9).map(|_| client()).collect() });
    driven.block_on(async {
        let mut client = client();
        let write = tokio::task::spawn_blocking(move || signal.set(1));
        assert!(timeout(Duration::from_secs(60), client.subscription.next()).await.is_ok());
        write.await.unwrap();
    });
}

#[test]
fn an_end_counts_also_for_a_request_that_was_taken_without_a_runtime() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("s"), 0);
    let request = SseRequest::parse("s=s", None).unwrap().until(SystemTime::UNIX_EPOCH);
    let subscription = hub.subscribe(request).unwrap();
    let mut client = Client { subscription, parser: Parser::default() };
    let names: Vec<_> = client.rest().into_iter().map(|event| event.name).collect();
    assert_eq!(names, [event_name::HELLO, event_name::BYE]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_let_in_just_before_the_logout_ends_at_once() {
    let hub = SseHub::new();
    let request = |user: &str| SseRequest::parse("s=s", None).unwrap().for_user(user);
    let (ada, bob) = (request("ada"), request("bob"));
    assert_eq!(hub.close_user("ada"), 0);
    let names = |request| {
        let mut client = Client { subscription: hub.subscribe(request).unwrap(), parser: Parser::default() };
        client.rest().into_iter().map(|event| event.name).collect::<Vec<_>>()
    };
    assert_eq!(names(ada), [event_name::HELLO, event_name::BYE]);
    assert_eq!(names(bob), [event_name::HELLO]);
    assert_eq!(names(request("ada")), [event_name::HELLO], "a login after it is another one");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_deep_for_a_client_s_parser_is_refused_to_the_writer() {
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let (hub, other) = (SseHub::new(), SseHub::new());
    let signal = hub.signal_for(Key::named("s"), json!({ "a": nested(119) }));
    for event in Client::of(&hub, "s=s").rest() {
        leptos_sse_core::ServerSignalUpdate::parse(&event.data).unwrap();
    }
    let error = signal.set(json!({ "a": nested(120) })).now().unwrap_err();
    assert!(error.is_serialize() && error.to_string().contains("nested deeper than 120 levels"), "{error}");
    assert_eq!(signal.get(), json!({ "a": nested(119) }));
    assert!(hub.try_signal_for(Key::named("t").unwrap(), nested(121)).unwrap_err().is_serialize());
    let feed = other.feed_for::<Value>(Key::named("f"));
    feed.push(nested(120)).now().unwrap();
    assert!(feed.push(nested(121)).now().unwrap_err().is_serialize());
    for event in Client::of(&other, "s=f").rest() {
        leptos_sse_core::protocol::FeedUpdate::parse(&event.data).unwrap();
    }
}
