//! What one update costs the server: a value in, the bytes of an event out, by a hub and by a stream of one connection,
//! beside one plain `serde_json::to_vec` of the value. And what a write to a hub costs with more and more who follow it,
//! without their sockets; `benches/fanout` has those.
//!
//! `cargo bench --features ssr`

use bytes::Bytes;
use divan::{Bencher, black_box};
use futures::{FutureExt, Stream, StreamExt, task::noop_waker_ref};
use leptos_sse::{BoxError, Key, ServerSentEvents, SseHub, SseRequest, SseSubscription};
use serde::Serialize;
use std::{pin::Pin, task::Context};

fn main() {
    divan::main();
}

/// A value that changes a little with each step.
trait Workload: Serialize + Clone + Send + Sync + 'static {
    fn start() -> Self;
    fn step(&mut self, step: usize);
}

#[derive(Clone, Serialize)]
struct Counter {
    value: usize,
}

impl Workload for Counter {
    fn start() -> Self {
        Self { value: 0 }
    }

    fn step(&mut self, step: usize) {
        self.value = step;
    }
}

/// 200 numbers, of which 3 change.
#[derive(Clone, Serialize)]
struct Gauges {
    gauges: std::collections::BTreeMap<String, f64>,
}

impl Workload for Gauges {
    fn start() -> Self {
        Self { gauges: (0_u32..200).map(|n| (format!("gauge-{n}"), f64::from(n) * 1.1)).collect() }
    }

    fn step(&mut self, step: usize) {
        let changed = self.gauges.values_mut().skip(step % 50);
        changed.step_by(50).take(3).for_each(|gauge| *gauge += 0.25);
    }
}

/// A list of 1,000 messages, to which one is appended.
#[derive(Clone, Serialize)]
struct Messages {
    messages: Vec<Message>,
}

#[derive(Clone, Serialize)]
struct Message {
    id: usize,
    author: &'static str,
    text: String,
}

impl Workload for Messages {
    fn start() -> Self {
        let mut list = Self { messages: Vec::new() };
        (0..1_000).for_each(|step| list.step(step));
        list
    }

    fn step(&mut self, _: usize) {
        let id = self.messages.len();
        self.messages.push(Message { id, author: "ada", text: format!("message number {id}") });
    }
}

#[divan::bench(types = [Counter, Gauges, Messages])]
fn an_update_as_an_event<W: Workload>(bencher: Bencher) {
    let mut value = W::start();
    let mut step = 0;
    let values = futures::stream::repeat_with(move || {
        step += 1;
        value.step(step);
        Ok::<_, BoxError>(value.clone())
    });
    let Ok(mut events) = ServerSentEvents::<_, Bytes>::new_for(Key::named("bench"), values) else { return };
    bencher.bench_local(|| black_box(events.next().now_or_never()));
}

#[divan::bench(types = [Counter, Gauges, Messages])]
fn the_value_as_json<W: Workload>(bencher: Bencher) {
    let mut value = W::start();
    let mut step = 0;
    bencher.bench_local(|| {
        step += 1;
        value.step(step);
        serde_json::to_vec(black_box(&value.clone()))
    });
}

#[divan::bench(types = [Counter, Gauges, Messages])]
fn a_write_to_a_hub<W: Workload>(bencher: Bencher) {
    let mut value = W::start();
    let signal = SseHub::new().signal_for(Key::named("bench"), value.clone());
    let mut step = 0;
    bencher.bench_local(|| {
        step += 1;
        value.step(step);
        signal.set(black_box(value.clone()));
    });
}

#[divan::bench(args = [0, 1, 100, 1_000, 8_000])]
fn a_write_that_is_followed_by(bencher: Bencher, followers: usize) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    let _entered = runtime.enter();
    let hub = SseHub::new();
    let signal = hub.signal_for(Key::named("bench"), Counter::start());
    let request = || SseRequest::parse("s=bench", None).ok().and_then(|request| hub.subscribe(request).ok());
    let mut subscriptions: Vec<SseSubscription> = (0..followers).filter_map(|_| request()).collect();
    let mut step = 0;
    let next = || {
        runtime.block_on(read_all(&mut subscriptions));
        step += 1;
        Counter { value: step }
    };
    bencher.with_inputs(next).bench_local_values(|value| signal.set(value));
}

/// Lets all be woken, and takes what they have to write.
async fn read_all(subscriptions: &mut [SseSubscription]) {
    let mut cx = Context::from_waker(noop_waker_ref());
    for subscription in subscriptions {
        tokio::task::yield_now().await;
        while Pin::new(&mut *subscription).poll_next(&mut cx).is_ready() {}
    }
}
