//! What one update costs the server: a value in, the bytes of an event out, beside one plain `serde_json::to_vec` of the
//! value.
//!
//! `cargo bench --features ssr`

use bytes::Bytes;
use divan::{Bencher, black_box};
use futures::{FutureExt, StreamExt};
use leptos_sse::{BoxError, ServerSentEvents};
use serde::Serialize;

fn main() {
    divan::main();
}

/// A value that changes a little with each step.
trait Workload: Serialize + Clone + Send + 'static {
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
    let Ok(mut events) = ServerSentEvents::<_, Bytes>::named("bench", values) else { return };
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
