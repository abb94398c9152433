//! What it costs the server to give one update to one more who follows, before the socket.
//!
//! `cargo bench --bench engine_followers --features ssr`. `benches/fanout` has the sockets.

mod table;

use futures::{Stream, StreamExt, task::noop_waker_ref};
use leptos_sse::{ServerSignal, SseHub, SseRequest, Subscription};
use serde::Serialize;
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::Context,
    time::{Duration, Instant},
};
use table::{Tally, grouped, head, line};
use tokio::{
    runtime::Runtime,
    task::{LocalSet, yield_now},
};

/// Nanoseconds for each who follows, at most.
const GOAL: f64 = 35.0;
const ROUNDS: u32 = 60;

/// A counter beside something that stays.
#[derive(Clone, Serialize)]
struct Value {
    count: usize,
    rest: Vec<String>,
}

fn main() {
    println!("\n### One more who follows\n");
    head(&["document", "followers", "the write alone", "ns each, polled by hand", "goal", "ns each, as a task"]);
    let mut met = Tally::default();
    for len in [100, 1 << 20] {
        // Of texts that a differ must look at.
        let rest = (0..len / 64).map(|n| format!("{n:060}")).collect();
        let value = Value { count: 1_000, rest };
        let [alone, _] = by_hand(&value, 1);
        for followers in [100, 1_000, 8_000] {
            let [_, hand] = by_hand(&value, followers);
            let task = as_tasks(&value, followers);
            let each = [hand, task].map(|time| time / followers as f64);
            line(&[
                format!("{} B", grouped(len as f64)),
                grouped(followers as f64),
                format!("{} ns", grouped(alone)),
                format!("{:.0}", each[0]),
                met.mark(each[0] <= GOAL, format!("≤ {GOAL} ns")),
                format!("{:.0}", each[1]),
            ]);
        }
    }
    println!("\n{met}");
}

/// The fastest write, and the fastest round of all who follow, in nanoseconds: each is polled in turn, by nobody's task.
fn by_hand(value: &Value, followers: usize) -> [f64; 2] {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (signal, subscriptions) = hub(value, followers);
    let mut subscriptions = subscriptions;
    poll(&mut subscriptions);
    let mut value = value.clone();
    let [mut write, mut rest] = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        value.count += 1;
        let next = value.clone();
        let start = Instant::now();
        signal.set(next);
        write = write.min(start.elapsed());
        // The task that wakes who waits.
        runtime.block_on(async {
            for _ in 0..4 {
                yield_now().await;
            }
        });
        let start = Instant::now();
        let delivered = poll(&mut subscriptions);
        rest = rest.min(start.elapsed());
        assert_eq!(delivered, followers, "each is given the update");
    }
    [write, rest].map(|time| time.as_nanos() as f64)
}

/// By itself, so that a profile can be pointed at it.
#[inline(never)]
fn poll(subscriptions: &mut [Subscription]) -> usize {
    let mut cx = Context::from_waker(noop_waker_ref());
    let mut delivered = 0;
    for subscription in subscriptions {
        while Pin::new(&mut *subscription).poll_next(&mut cx).is_ready() {
            delivered += 1;
        }
    }
    delivered
}

/// The fastest round from after a write to the last who follows, in nanoseconds: each is a task of a runtime with one
/// thread.
fn as_tasks(value: &Value, followers: usize) -> f64 {
    let runtime = runtime();
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async {
        let (signal, subscriptions) = hub(value, followers);
        let delivered = Rc::new(Cell::new(0));
        for mut subscription in subscriptions {
            let delivered = delivered.clone();
            tokio::task::spawn_local(async move {
                while subscription.next().await.is_some() {
                    delivered.set(delivered.get() + 1);
                }
            });
        }
        for _ in 0..50 {
            yield_now().await;
        }
        let mut value = value.clone();
        let mut fastest = Duration::MAX;
        for _ in 0..ROUNDS {
            value.count += 1;
            let next = value.clone();
            delivered.set(0);
            signal.set(next);
            let start = Instant::now();
            while delivered.get() < followers {
                yield_now().await;
            }
            fastest = fastest.min(start.elapsed());
        }
        fastest.as_nanos() as f64
    })
}

fn hub(value: &Value, followers: usize) -> (ServerSignal<Value>, Vec<Subscription>) {
    let hub = SseHub::new();
    let signal = hub.signal_named("bench", value.clone());
    let follow = || {
        let request = SseRequest::parse("s=bench", None).expect("the request is well-formed");
        hub.subscribe(request).expect("the hub is not full")
    };
    (signal, (0..followers).map(|_| follow()).collect())
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime of one thread")
}
