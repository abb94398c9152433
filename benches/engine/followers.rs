//! What it costs the server to give one update to one more who follows, before the socket.
//!
//! `cargo bench --bench engine_followers --features ssr`; wants valgrind. `benches/fanout` has the sockets.
//!
//! A follower costs three steps. It is *woken*: the hub's task finds its waker and wakes it. It is *given* the bytes: the poll
//! of its stream that is ready. Then it is *asleep again*: the poll that is pending, which has it wait
//! for the next update and for the heartbeat. The goal is for what lies between the write and the bytes: the first two.
//!
//! Scheduling is tokio's, and no part of the steps: the wakers do nothing, and what the turns of the runtime cost that runs the
//! hub's task is measured with nobody to wake, and subtracted. The last column has it all: the three steps, the end of the
//! bytes, and the schedule of a task for each.

mod table;

use bytes::Bytes;
use futures::{Stream, StreamExt, task::noop_waker_ref};
use leptos_sse::{Key, ServerSignal, SseHub, SseRequest, SseSubscription};
use serde::Serialize;
use std::{
    cell::Cell,
    convert::Infallible,
    env, fs,
    hint::black_box,
    io,
    pin::Pin,
    process::{self, Command},
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use table::{Tally, grouped, head, line};
use tokio::{
    runtime::Runtime,
    task::{LocalSet, yield_now},
};

/// Nanoseconds for each who follows, at most.
const GOAL: f64 = 35.0;
const ROUNDS: usize = 60;
/// How many are followed under callgrind.
const COUNTED: usize = 1_000;

type Event = Poll<Option<Result<Bytes, Infallible>>>;

/// A counter beside something that stays.
#[derive(Clone, Serialize)]
struct Value {
    count: usize,
    rest: Vec<String>,
}

impl Value {
    fn of_len(len: usize) -> Self {
        // Of texts that a differ must look at.
        let rest = (0..len / 64).map(|n| format!("{n:060}")).collect();
        Self { count: 1_000, rest }
    }
}

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--counted") {
        by_hand(&Value::of_len(100), COUNTED, 1);
        return Ok(());
    }
    println!("\n### One more who follows\n");
    let steps = ["woken", "given", "both", "goal", "asleep again"];
    let mut columns = vec!["document", "followers", "the write"];
    columns.extend(steps);
    columns.push("as a task");
    head(&columns);
    let mut met = Tally::default();
    for len in [100, 1 << 20] {
        let value = Value::of_len(len);
        for followers in [100, 1_000, 8_000] {
            let [write, woken, given, asleep] = by_hand(&value, followers, ROUNDS);
            let [woken, given, asleep, task] =
                [woken, given, asleep, as_tasks(&value, followers)].map(|time| time / followers as f64);
            line(&[
                format!("{} B", grouped(len as f64)),
                grouped(followers as f64),
                format!("{} ns", grouped(write)),
                format!("{woken:.0} ns"),
                format!("{given:.0} ns"),
                format!("{:.0} ns", woken + given),
                met.mark(woken + given <= GOAL, format!("≤ {GOAL} ns")),
                format!("{asleep:.0} ns"),
                format!("{task:.0} ns"),
            ]);
        }
    }
    println!("\nInstructions for each of {}:\n", grouped(COUNTED as f64));
    head(&["woken", "given", "asleep again"]);
    let [woken, turned] = [instructions("wake_each")?, instructions("wake_nobody")?];
    let [given, asleep] = [instructions("give_each")?, instructions("lay_down_each")?];
    line(&[woken - turned, given, asleep].map(|number| format!("{:.0}", number / COUNTED as f64)));
    println!("\n{met}");
    Ok(())
}

/// The fastest write and the fastest of each step for all who follow, in nanoseconds.
fn by_hand(value: &Value, followers: usize, rounds: usize) -> [f64; 4] {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (signal, mut subscriptions) = hub(value, followers);
    let mut value = value.clone();
    // The hello and the snapshot, and that nothing is new.
    for _ in 0..3 {
        subscriptions.iter_mut().map(poll).for_each(drop);
    }
    let mut given = Vec::with_capacity(followers);
    let mut fastest = [Duration::MAX; 5];
    for _ in 0..rounds {
        value.count += 1;
        let next = value.clone();
        let start = Instant::now();
        signal.set(next);
        let write = start.elapsed();
        let woken = timed(|| wake_each(&runtime, followers));
        let turned = timed(|| wake_nobody(&runtime, followers));
        let give = timed(|| give_each(&mut subscriptions, &mut given));
        // The socket's business.
        assert!(given.drain(..).all(|event| event.is_ready()), "each is given the update");
        let mut asleep = 0;
        let sleep = timed(|| asleep = lay_down_each(&mut subscriptions));
        assert_eq!(asleep, followers, "each is given the update once");
        for (fastest, time) in fastest.iter_mut().zip([write, woken, turned, give, sleep]) {
            *fastest = time.min(*fastest);
        }
    }
    let [write, woken, turned, give, sleep] = fastest.map(|time| time.as_nanos() as f64);
    [write, woken - turned, give, sleep]
}

fn timed(step: impl FnOnce()) -> Duration {
    let start = Instant::now();
    step();
    start.elapsed()
}

/// The hub's task, which wakes 32 at each turn. By itself, as the other steps, so that callgrind can be pointed at it.
#[inline(never)]
fn wake_each(runtime: &Runtime, followers: usize) {
    turn(runtime, followers);
}

#[inline(never)]
fn wake_nobody(runtime: &Runtime, followers: usize) {
    // The compiler would make one function of both.
    turn(runtime, black_box(followers));
}

fn turn(runtime: &Runtime, followers: usize) {
    runtime.block_on(async {
        for _ in 0..followers / 32 + 2 {
            yield_now().await;
        }
    });
}

#[inline(never)]
fn give_each(subscriptions: &mut [SseSubscription], given: &mut Vec<Event>) {
    given.extend(subscriptions.iter_mut().map(poll));
}

/// Says how many are asleep.
#[inline(never)]
fn lay_down_each(subscriptions: &mut [SseSubscription]) -> usize {
    subscriptions.iter_mut().map(poll).filter(Poll::is_pending).count()
}

fn poll(subscription: &mut SseSubscription) -> Event {
    Pin::new(subscription).poll_next(&mut Context::from_waker(noop_waker_ref()))
}

/// The instructions of one step for all who follow, as callgrind counts them.
fn instructions(step: &str) -> io::Result<f64> {
    let out = env::temp_dir().join(format!("followers-{}-{step}.out", process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", &format!("--toggle-collect=*followers*{step}*")])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args([env::current_exe()?.as_os_str(), "--counted".as_ref()])
        .output()?;
    let text = fs::read_to_string(&out)?;
    fs::remove_file(&out)?;
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.ok_or_else(|| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
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

fn hub(value: &Value, followers: usize) -> (ServerSignal<Value>, Vec<SseSubscription>) {
    let hub = SseHub::new();
    let signal = hub.signal_for(Key::named("bench"), value.clone());
    let follow = || {
        let request = SseRequest::parse("s=bench", None).expect("the request is well-formed");
        hub.subscribe(request).expect("the hub is not full")
    };
    (signal, (0..followers).map(|_| follow()).collect())
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime of one thread")
}
