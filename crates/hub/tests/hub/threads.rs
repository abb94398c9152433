//! Over real threads and in real time.

use super::*;
use futures::{
    executor::block_on,
    task::{ArcWake, waker},
};
use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll},
    thread,
    time::Instant,
};

const THREADS: i32 = 8;
const WRITES: i32 = 500;
const LONG: Duration = Duration::from_secs(60);

/// One who follows until everything is as it should be, on a thread of its own.
struct Subscriber {
    client: Client,
    documents: std::collections::BTreeMap<String, (u64, Value)>,
    claimed: u64,
    /// The events of feeds, in their order.
    items: Vec<Value>,
}

/// Ends what would else be waited for to the end of days.
fn watch(hub: &SseHub) -> mpsc::Sender<()> {
    let (alive, dog) = mpsc::channel();
    let hub = hub.clone();
    thread::spawn(move || {
        if dog.recv_timeout(LONG) == Err(mpsc::RecvTimeoutError::Timeout) {
            hub.close();
        }
    });
    alive
}

impl Subscriber {
    fn of(hub: &SseHub, query: &str) -> Self {
        Self { client: Client::of(hub, query), documents: Default::default(), claimed: 0, items: Vec::new() }
    }

    /// Takes what comes until `is_done` says so.
    fn until(&mut self, mut is_done: impl FnMut(&Self) -> bool) {
        while !is_done(self) {
            let bytes = block_on(self.client.subscription.next()).unwrap().unwrap();
            for event in self.client.parser.push(&bytes) {
                self.take(&event);
            }
        }
    }

    fn take(&mut self, event: &sse::Event) {
        let seq = |id: &str| id.rsplit_once('.').unwrap().1.parse::<u64>().unwrap();
        if event.name == "hb" {
            self.claimed = self.claimed.max(seq(&event.data));
            return;
        }
        let data: Value = serde_json::from_str(&event.data).unwrap();
        if let (Some(name), Some(to)) = (data["name"].as_str(), data["to"].as_u64()) {
            assert!(to > self.claimed, "{event:?} comes after {} was claimed", self.claimed);
            let (held, document) = self.documents.entry(name.to_owned()).or_default();
            assert!(to > *held, "{event:?} comes after {held}");
            if event.name.is_empty() {
                assert!(data.get("from").is_none_or(|from| from.as_u64() == Some(*held)), "{event:?} at {held}");
                let patch: json_patch::Patch = serde_json::from_value(data["patch"].clone()).unwrap();
                json_patch::patch(document, &patch).unwrap();
            } else if let Some(item) = data.get("item") {
                assert_eq!(data["from"].as_u64(), Some(*held));
                self.items.push(item.clone());
            }
            *held = to;
        }
        if let Some(id) = &event.id {
            self.claimed = seq(id);
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.documents.get(name).map(|(_, document)| document)
    }
}

#[test]
fn no_update_of_many_threads_is_lost_and_readers_see_them_in_order() {
    let hub = silent();
    let _dog = watch(&hub);
    let (one, many) =
        (hub.signal_for(Key::named("one"), 0), [0, 1, 2].map(|at| hub.signal_for(Key::named(format!("{at}")), 0)));
    let done = AtomicBool::new(false);
    let total = THREADS * WRITES;
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while !done.load(Ordering::Relaxed) {
                        let now = one.with(|value| *value);
                        assert!(now >= last);
                        last = now;
                    }
                })
            })
            .collect();
        let subscribers: Vec<_> = (0..3)
            .map(|_| {
                let mut subscriber = Subscriber::of(&hub, "s=one&s=0&s=1&s=2&s=nothing");
                scope.spawn(move || {
                    let is = |subscriber: &Subscriber, name, value: i32| subscriber.value(name) == Some(&json!(value));
                    subscriber.until(|subscriber| {
                        is(subscriber, "one", total) && ["0", "1", "2"].iter().all(|name| is(subscriber, name, total))
                    });
                })
            })
            .collect();
        let writers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..WRITES {
                        one.update(|value| *value += 1);
                        many.iter().for_each(|signal| drop(signal.update(|value| *value += 1)));
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        subscribers.into_iter().for_each(|subscriber| subscriber.join().unwrap());
        done.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert_eq!(one.get(), total);
    assert!(many.iter().all(|signal| signal.get() == total));
    assert_eq!(hub.stats().updates, 4 * total as u64);
    assert_eq!(hub.cursor().seq, 4 + 4 * total as u64);
}

/// The second of two writes to one signal meets a subscriber that the first one has woken, at any moment of its reading and of
/// its going back to sleep. With many keys that takes a while; and a subscriber that spins is there at once.
#[test]
fn no_write_falls_between_looking_and_sleeping() {
    let hub = silent();
    let signals: Vec<_> = (0..200).map(|at| hub.signal_for(Key::named(format!("{at}")), 0)).collect();
    let query: Vec<_> = (0..200).map(|at| format!("s={at}")).collect();
    let mut client = Client::of(&hub, &query.join("&"));
    let (seen, over, woken) = (AtomicU64::new(0), AtomicBool::new(false), Arc::new(Woken::default()));
    thread::scope(|scope| {
        scope.spawn(|| {
            let waker = waker(woken.clone());
            while !over.load(Ordering::Relaxed) {
                match client.subscription.poll_next_unpin(&mut Context::from_waker(&waker)) {
                    Poll::Ready(Some(Ok(bytes))) => drop(seen.fetch_max(last_seq(&bytes), Ordering::Relaxed)),
                    Poll::Ready(None) => break,
                    Poll::Pending => {
                        while !woken.0.swap(false, Ordering::Acquire) && !over.load(Ordering::Relaxed) {
                            // Others may have no other processor.
                            thread::yield_now();
                        }
                    }
                }
            }
        });
        let begun = Instant::now();
        for round in (1_usize..).take_while(|_| begun.elapsed() < Duration::from_millis(1_500)) {
            let signal = &signals[round % 200];
            signal.update(|value| *value += 1);
            (0..round % 499).for_each(|_| std::hint::spin_loop());
            signal.update(|value| *value += 1);
            let (seq, start) = (hub.cursor().seq, Instant::now());
            while seen.load(Ordering::Relaxed) < seq {
                if start.elapsed() > LONG / 6 {
                    over.store(true, Ordering::Relaxed);
                    panic!("nobody was woken for the write {seq}");
                }
                thread::yield_now();
            }
        }
        over.store(true, Ordering::Relaxed);
    });
}

/// The seq of the last event in a chunk; 0 in one without any.
fn last_seq(chunk: &[u8]) -> u64 {
    let text = std::str::from_utf8(chunk).unwrap();
    let digits = text.rsplit_once("\"to\":").map_or("", |(_, rest)| rest);
    digits.split(|character: char| !character.is_ascii_digit()).next().and_then(|seq| seq.parse().ok()).unwrap_or(0)
}

#[derive(Default)]
struct Woken(AtomicBool);

impl ArcWake for Woken {
    fn wake_by_ref(woken: &Arc<Self>) {
        woken.0.store(true, Ordering::Release);
    }
}

/// Whatever is claimed, by an `id:` or a heartbeat, while others write.
#[test]
fn nothing_is_claimed_that_another_thread_is_just_writing() {
    let hub =
        SseHub::with_options(SseHubOptions::new().heartbeat(Duration::from_millis(1)).history_len(3).feed_len(9_999));
    let _dog = watch(&hub);
    let signals = ["a", "b", "c"].map(|name| hub.signal_for(Key::named(name), 0));
    let feed = hub.feed_for::<i32>(Key::named("feed"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    thread::scope(|scope| {
        for signal in &signals {
            let feed = &feed;
            scope.spawn(move || {
                for value in 1..=3_000 {
                    signal.set(value);
                    if value % 3 == 0 {
                        feed.push(value);
                    }
                    if value % 100 == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
        for query in ["s=a&s=b&s=c&s=feed", "s=feed&s=c&s=a"] {
            let (hub, handle) = (&hub, runtime.handle());
            scope.spawn(move || {
                let _entered = handle.enter();
                let mut subscriber = Subscriber::of(hub, query);
                subscriber.until(|subscriber| {
                    ["a", "c"].iter().all(|name| subscriber.value(name) == Some(&json!(3_000)))
                        && subscriber.items.len() == 3_000
                });
            });
        }
        // The timers need someone who drives them.
        scope.spawn(|| runtime.block_on(async { tokio::time::sleep(Duration::from_millis(300)).await }));
    });
}

/// A writer is told, a subscriber ends with what is there, and no write of an old life shows in a new one.
#[test]
fn what_is_removed_and_made_again_while_others_write_is_one_thing_at_a_time() {
    let hub = silent();
    let _dog = watch(&hub);
    let lives = 100;
    let (over, writing) = (AtomicBool::new(false), AtomicUsize::new(3));
    let mut subscriber = Subscriber::of(&hub, "s=it&s=feed&s=end");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let signal = hub.signal_for(Key::named("it"), 0);
                    let feed = hub.feed_for::<i32>(Key::named("feed"));
                    loop {
                        let wrote = signal.update(|value| *value += 1).now();
                        let pushed = feed.push(1).now();
                        if let (Err(wrote), Err(pushed)) = (wrote, pushed) {
                            assert!(wrote.is_removed() && pushed.is_removed());
                            break;
                        }
                    }
                }
                writing.fetch_sub(1, Ordering::Relaxed);
            });
        }
        scope.spawn(|| {
            let keys = ["it", "feed"].map(|name| Key::named(name).unwrap());
            for _ in 0..lives {
                for key in &keys {
                    while !hub.remove_for::<()>(key).now().unwrap().value {
                        thread::yield_now();
                    }
                }
            }
            over.store(true, Ordering::Relaxed);
            // Those who have just made one again are told, too.
            while writing.load(Ordering::Relaxed) > 0 {
                for key in &keys {
                    hub.remove_for::<()>(key).now().unwrap();
                }
                thread::yield_now();
            }
            for key in &keys {
                hub.remove_for::<()>(key).now().unwrap();
            }
            hub.signal_for(Key::named("it"), -1);
            hub.signal_for(Key::named("end"), 0);
        });
        scope.spawn(move || {
            subscriber
                .until(|subscriber| subscriber.value("end").is_some() && subscriber.value("it") == Some(&json!(-1)));
        });
    });
}

#[test]
fn of_a_key_that_many_threads_make_at_once_there_is_one() {
    for round in 0..50 {
        let hub = silent();
        let mut waits = Client::of(&hub, "s=it");
        waits.news();
        let all = Barrier::new(8);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (hub, all) = (&hub, &all);
                scope.spawn(move || {
                    all.wait();
                    if thread < 6 {
                        hub.signal_for(Key::named("it"), 100 * round).update(|value| *value += 1);
                    } else {
                        // Of two types, one has the key.
                        let other = hub.try_signal_for(Key::named("other").unwrap(), thread.to_string());
                        assert!(other.is_ok());
                    }
                });
            }
        });
        assert_eq!(hub.signal_for(Key::named("it"), 0).get(), 100 * round + 6);
        assert_eq!(hub.stats().signals, 2);
        assert_eq!(hub.cursor().seq, 2 + 6);
        assert_eq!(waits.news(), [snapshot("it", hub.signal_seq("it"), json!(100 * round + 6))]);
    }
}

trait SignalSeq {
    fn signal_seq(&self, name: &str) -> u64;
}

impl SignalSeq for SseHub {
    /// The seq of the last write to a signal, as one who is new to it is told.
    fn signal_seq(&self, name: &str) -> u64 {
        Client::of(self, &format!("s={name}")).news()[0].1["to"].as_u64().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_provider_that_a_hundred_ask_at_once_is_called_once() {
    let hub = SseHub::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    hub.provide::<Count, _>(move |id| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some(Count { value: id.len() as i32 })
        }
    });
    let room = Key::of::<Count>().id("1234").unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|task| {
            let (hub, room) = (hub.clone(), room.clone());
            tokio::spawn(async move {
                if task % 2 == 0 {
                    assert_eq!(hub.load_for::<Count>("1234").await.unwrap().get().value, 4);
                    return;
                }
                let mut client = Client::of(&hub, &format!("s={room}"));
                client.subscription.next().await.unwrap().unwrap();
                let chunk = client.subscription.next().await.unwrap().unwrap();
                assert!(String::from_utf8_lossy(&chunk).contains(r#""value":{"value":4}"#));
            })
        })
        .collect();
    for task in tasks {
        tokio::time::timeout(LONG, task).await.unwrap().unwrap();
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_write_of_a_plain_thread_wakes_a_subscriber_in_a_runtime() {
    let hub = silent();
    let count = hub.signal_for(Key::named("count"), 0);
    let mut clients: Vec<_> = (0..100).map(|_| Client::of(&hub, "s=count")).collect();
    clients.iter_mut().for_each(|client| assert_eq!(client.news().len(), 1));
    let subscribers = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            let mut seen = Vec::new();
            while !seen.ends_with(b"\"value\":2}]}\n\n") {
                seen.extend(client.subscription.next().await.unwrap().unwrap());
            }
        })
    });
    let subscribers: Vec<_> = subscribers.collect();
    tokio::task::yield_now().await;
    let writer = thread::spawn(move || {
        count.set(1);
        thread::yield_now();
        count.set(2);
    });
    for subscriber in subscribers {
        tokio::time::timeout(LONG, subscriber).await.unwrap().unwrap();
    }
    writer.join().unwrap();
}

/// As in a test, a tool or a server that has another executor.
#[test]
fn a_hub_needs_no_runtime() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|_| async { Some(Count::default()) });
    let count = hub.signal_for(Key::named("count"), 0);
    let log = hub.feed_for::<i32>(Key::named("log"));
    let request = SseRequest::parse(&format!("s=count&s=log&s={}:1", Key::of::<Count>()), None).unwrap();
    let request = request.until(std::time::SystemTime::now() + Duration::from_secs(3_600)).for_user("ada");
    let mut client = Client::with(&hub, request);
    assert_eq!(client.news().len(), 2);
    count.set(1);
    log.push(1);
    assert_eq!(client.news().len(), 2);
    thread::scope(|scope| {
        scope.spawn(|| count.set(2));
        assert!(!block_on(client.subscription.next()).unwrap().unwrap().is_empty());
    });
    assert!(block_on(hub.load_for::<Count>(1)).is_none());
    assert!(hub.remove_for::<()>(count.key()).now().unwrap().value);
    assert_eq!(client.news().len(), 1);
    assert_eq!(hub.close_user("ada"), 1);
    assert_eq!(client.news().len(), 1);
    drop(client);
    hub.close();
    assert_eq!(hub.stats().connections, 0);
}
