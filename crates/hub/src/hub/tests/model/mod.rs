//! A model check of the hub: random writes, readers that lag, are cut and come back, keys that come and go, evictions and
//! restarts, in paused time.
//!
//! What the hub should have said is known from what was written. A reader keeps the client's own rules and checks each event
//! as it comes; and once all is quiet, it must show what the server has.

mod ops;
mod reader;

use super::super::{ServerFeed, ServerSignal, SseHub, SseHubOptions, topic::TopicSource};
use futures::future::FutureExt;
use leptos_sse_client::feeds::FeedOutcome;
use leptos_sse_core::{Epoch, Key};
use ops::{Op, Options};
use proptest::prelude::*;
use reader::Reader;
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::yield_now, time};

/// What a provider makes.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Room(Value);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Signal,
    Feed,
    Provided,
}

/// There are eight keys: three signals, two feeds, and three rooms that a provider makes.
fn name(at: usize) -> Key {
    match kind(at) {
        Kind::Signal => Key::named(["a", "b", "one:1~2"][at]).unwrap(),
        Kind::Feed => Key::named(["f", "g"][at - 3]).unwrap(),
        Kind::Provided => Key::of::<Room>().id(at - 5).unwrap(),
    }
}

fn kind(at: usize) -> Kind {
    match at {
        0..3 => Kind::Signal,
        3..5 => Kind::Feed,
        _ => Kind::Provided,
    }
}

/// One thing that happened to a key.
#[derive(Clone, Debug)]
enum Mark {
    Document(Value),
    /// The feed of now begins here.
    Born,
    Item(Value),
    /// It was removed, or refused.
    Gone,
}

struct World {
    hub: SseHub,
    options: Options,
    /// How often each room was asked for.
    calls: Arc<Mutex<[u32; 3]>>,
    signals: [Option<ServerSignal<Value>>; 3],
    feeds: [Option<ServerFeed<u32>>; 2],
    rooms: [Option<ServerSignal<Room>>; 3],
    pushed: u32,
    readers: Vec<Reader>,
    /// What was written, by epoch, key and seq.
    marks: BTreeMap<(String, usize), BTreeMap<u64, Mark>>,
    /// The last writes of those that were let go without a word, as nobody followed them.
    let_go: BTreeSet<(String, u64)>,
    seen: Seen,
}

/// How often the hard states were met.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    browser: u64,
    beside: u64,
    heartbeats: u64,
    refused: u64,
    removed: u64,
    starts: u64,
    gaps: u64,
    claims: u64,
    resumes: u64,
    coalesced: u64,
    let_go: u64,
    string_edits: u64,
}

impl World {
    fn new(options: Options) -> Self {
        let calls = Arc::default();
        let mut world = Self {
            hub: hub(&options, &calls),
            options,
            calls,
            signals: [None, None, None],
            feeds: [None, None],
            rooms: [None, None, None],
            pushed: 0,
            readers: Vec::new(),
            marks: BTreeMap::new(),
            let_go: BTreeSet::new(),
            seen: Seen::default(),
        };
        world.readers.extend([Reader::default(), Reader::default()]);
        world
    }

    async fn step(&mut self, op: &Op) {
        match op {
            Op::Write { signal, value, update } => self.write(*signal, value, *update),
            Op::Burst { signal, times } => {
                (0..*times).for_each(|time| self.write(*signal, &json!({ "time": time, "a": null }), true));
            }
            Op::Append { signal, times } => (0..*times).for_each(|_| self.append(*signal)),
            Op::Push { feed, times } => (0..*times).for_each(|_| self.push(*feed)),
            Op::Create { key, value } => self.create(*key, value),
            Op::Remove { key } => self.remove(*key),
            Op::Hold { room } => self.hold(*room).await,
            Op::Release { room } => self.rooms[*room] = None,
            Op::Poll { reader, chunks, share, size } => {
                self.with(*reader, |world, reader| reader.poll(world, *chunks, *share, *size));
            }
            Op::Cut { reader, share, browser, string_edits } => {
                self.with(*reader, |world, reader| {
                    reader.string_edits = *string_edits;
                    reader.cut(world, *share, *browser);
                });
            }
            Op::Keys { reader, keys, string_edits } => {
                self.with(*reader, |world, reader| {
                    reader.string_edits = *string_edits;
                    reader.use_keys(world, *keys);
                });
            }
            Op::Bye => drop(self.hub.close_user("ada")),
            Op::Restart { keep } => self.restart(*keep),
            Op::Wait { seconds } => time::sleep(Duration::from_secs(*seconds)).await,
            Op::Yield => {}
        }
        if matches!(op, Op::Yield | Op::Wait { .. } | Op::Hold { .. }) {
            self.let_run().await;
        }
        self.observe_rooms();
    }

    /// Lets the providers come to an end; no time goes by.
    async fn let_run(&mut self) {
        for _ in 0..8 {
            yield_now().await;
        }
    }

    fn with(&mut self, reader: usize, act: impl FnOnce(&mut Self, &mut Reader)) {
        let mut taken = std::mem::take(&mut self.readers[reader]);
        act(self, &mut taken);
        self.readers[reader] = taken;
    }

    fn write(&mut self, at: usize, value: &Value, update: bool) {
        let Some(signal) = self.signals[at].clone() else { return };
        let (before, seq) = (signal.get(), self.seq());
        let mut next = value.clone();
        if update {
            next = ops::merged(&before, value);
            let value = value.clone();
            signal.update(move |held| *held = ops::merged(held, &value)).now().unwrap();
        } else {
            assert_eq!(signal.set(next.clone()).now().unwrap().changed, next != before);
        }
        self.wrote(at, seq, (next != before).then(|| Mark::Document(next.clone())));
        assert_eq!(signal.get(), next);
    }

    /// A text that grows.
    fn append(&mut self, at: usize) {
        let Some(signal) = &self.signals[at] else { return };
        let text = signal.get()["long"].as_str().map_or_else(|| "y".repeat(900), |text| format!("{text} and more"));
        self.write(at, &json!({ "long": text }), true);
    }

    fn push(&mut self, at: usize) {
        let Some(feed) = self.feeds[at].clone() else { return };
        let seq = self.seq();
        self.pushed += 1;
        assert_eq!(feed.push(self.pushed).now().unwrap().cursor.seq, seq + 1);
        self.wrote(3 + at, seq, Some(Mark::Item(json!(self.pushed))));
    }

    fn create(&mut self, at: usize, value: &Value) {
        let seq = self.seq();
        let mark = match kind(at) {
            Kind::Signal => {
                let signal = self.hub.try_signal_for(name(at), value.clone()).unwrap();
                let is_new = self.signals[at].replace(signal).is_none();
                is_new.then(|| Mark::Document(value.clone()))
            }
            Kind::Feed => {
                let feed = self.hub.try_feed_for::<u32>(name(at)).unwrap();
                if self.has_replay(at) {
                    feed.replay(1);
                }
                let is_new = self.feeds[at - 3].replace(feed).is_none();
                is_new.then_some(Mark::Born)
            }
            Kind::Provided => return,
        };
        self.wrote(at, seq, mark);
    }

    /// The second feed gives one event to a newcomer, the first one all that it has.
    fn has_replay(&self, at: usize) -> bool {
        at == 4
    }

    fn remove(&mut self, at: usize) {
        let (seq, was_there) = (self.seq(), Self::is_there(&self.hub, at));
        assert_eq!(self.hub.remove_for::<()>(&name(at)).now().unwrap().value, was_there);
        let room = self.rooms.get_mut(at.wrapping_sub(5)).and_then(Option::take);
        if let (Some(room), true) = (room, was_there) {
            assert!(room.set(Room(json!("too late"))).now().unwrap_err().is_removed());
        }
        if let Some(signal) = self.signals.get_mut(at).and_then(Option::take) {
            assert!(signal.set(json!("too late")).now().unwrap_err().is_removed());
        }
        if let Some(feed) = self.feeds.get_mut(at.wrapping_sub(3)).and_then(Option::take) {
            assert!(feed.push(0).now().unwrap_err().is_removed());
        }
        self.wrote(at, seq, was_there.then_some(Mark::Gone));
    }

    async fn hold(&mut self, room: usize) {
        // A provider may take its time; a caller may not want to wait.
        let loaded = self.hub.load_for::<Room>(room);
        self.rooms[room] = if room == 0 { loaded.await } else { loaded.now_or_never().flatten() };
    }

    fn restart(&mut self, keep: bool) {
        let values: Vec<_> = self.signals.iter().map(|signal| signal.as_ref().map(ServerSignal::get)).collect();
        let had_feeds = [self.feeds[0].is_some(), self.feeds[1].is_some()];
        self.count();
        self.hub = hub(&self.options, &self.calls);
        (self.signals, self.feeds, self.rooms) = Default::default();
        if keep {
            for (at, value) in values.into_iter().enumerate() {
                value.into_iter().for_each(|value| self.create(at, &value));
            }
            (0..2).filter(|at| had_feeds[*at]).for_each(|at| self.create(3 + at, &Value::Null));
        }
        for reader in 0..self.readers.len() {
            self.with(reader, |world, reader| reader.cut(world, 0, true));
        }
    }

    /// One write took the next seq, or nothing was written.
    fn wrote(&mut self, at: usize, before: u64, mark: Option<Mark>) {
        assert_eq!(self.seq(), before + u64::from(mark.is_some()), "{} {mark:?}", name(at));
        if let Some(mark) = mark {
            self.mark(at, before + 1, mark);
        }
    }

    fn mark(&mut self, at: usize, seq: u64, mark: Mark) {
        let epoch = self.hub.cursor().epoch.to_string();
        self.marks.entry((epoch, at)).or_default().insert(seq, mark);
    }

    /// What the providers did, and what was let go.
    fn observe_rooms(&mut self) {
        for at in 5..8 {
            let epoch = self.hub.cursor().epoch;
            let known = self.last_mark_of(&epoch, at, u64::MAX).map(|(seq, mark)| (*seq, mark.clone()));
            let known_seq = known.as_ref().map_or(0, |(seq, _)| *seq);
            match self.now(at) {
                Some((seq, document)) => {
                    if seq > known_seq {
                        self.mark(at, seq, Mark::Document(document));
                    }
                }
                None => {
                    let topic = self.hub.registry.topics().get(&name(at)).cloned();
                    let last = topic.map_or(0, |topic| topic.last());
                    if last > known_seq {
                        self.mark(at, last, Mark::Gone);
                    } else if matches!(known, Some((_, Mark::Document(_)))) {
                        let is_new = self.let_go.insert((epoch.to_string(), known_seq));
                        self.seen.let_go += u64::from(is_new);
                    }
                }
            }
        }
    }

    fn seq(&self) -> u64 {
        self.hub.cursor().seq
    }

    fn is_there(hub: &SseHub, at: usize) -> bool {
        let topic = hub.registry.topics().get(&name(at)).cloned();
        topic.is_some_and(|topic| matches!(topic.state().source, TopicSource::Signal(_) | TopicSource::Feed { .. }))
    }

    /// What the server has now of a key, and the seq of its last write.
    fn now(&self, at: usize) -> Option<(u64, Value)> {
        let topic = self.hub.registry.topics().get(&name(at)).cloned()?;
        let source = topic.state().source.clone();
        match source {
            TopicSource::Signal(signal) => {
                let (seq, document) = signal.document();
                assert_eq!(seq, topic.last());
                Some((seq, document.to_value()))
            }
            TopicSource::Feed { .. } => Some((topic.last(), Value::Null)),
            TopicSource::Vacant | TopicSource::Loading { .. } => None,
        }
    }

    fn last_mark_of(&self, epoch: &Epoch, at: usize, seq: u64) -> Option<(&u64, &Mark)> {
        self.marks.get(&(epoch.to_string(), at))?.range(..=seq).next_back()
    }

    /// The seq of the last thing that a subscriber of a key has to have been told up to a seq; and whether one who held
    /// nothing has to have been told, too.
    fn last_mark(&self, epoch: &Epoch, at: usize, seq: u64) -> Option<(u64, bool)> {
        let (seq, _) = self.last_mark_of(epoch, at, seq)?;
        let went_since = || {
            let mut marks = self.marks[&(epoch.to_string(), at)].range(seq..);
            marks.any(|(_, mark)| matches!(mark, Mark::Gone))
        };
        (!self.let_go.contains(&(epoch.to_string(), *seq))).then(|| (*seq, !went_since()))
    }

    /// The document that the server had at a seq; none when it had none.
    fn document_at(&self, epoch: &Epoch, at: usize, seq: u64) -> Option<&Value> {
        match self.marks.get(&(epoch.to_string(), at))?.get(&seq)? {
            Mark::Document(document) => Some(document),
            _ => None,
        }
    }

    fn item_at(&self, epoch: &Epoch, at: usize, seq: u64) -> Option<Value> {
        match self.marks.get(&(epoch.to_string(), at))?.get(&seq)? {
            Mark::Item(item) => Some(item.clone()),
            _ => None,
        }
    }

    /// Every event of a feed after a seq, up to another, is one that the hub has no more.
    fn assert_gone(&self, epoch: &Epoch, at: usize, after: u64, to: u64, step: FeedOutcome) {
        let topic = self.hub.registry.topics().get(&name(at)).cloned();
        let is_now = self.hub.cursor().epoch == *epoch;
        let kept = topic.filter(|_| is_now).map_or(u64::MAX, |topic| topic.state().history.floor);
        let Some(marks) = self.marks.get(&(epoch.to_string(), at)) else { return };
        if after >= to {
            return;
        }
        for (seq, mark) in marks.range(after + 1..=to) {
            let is_item = matches!(mark, Mark::Item(_));
            assert!(!is_item || *seq <= kept, "{seq} of {} was lost with a {step:?} to {to}", name(at));
            assert!(!is_item || step != FeedOutcome::Next, "{seq} of {} was passed over", name(at));
        }
    }

    fn count(&mut self) {
        let stats = self.hub.stats();
        self.seen.resumes += stats.resumes;
        self.seen.coalesced += stats.coalesced;
    }

    /// Everyone reads until nothing comes any more, without any time going by.
    async fn settle(&mut self) {
        loop {
            self.let_run().await;
            self.observe_rooms();
            let mut any = false;
            for reader in 0..self.readers.len() {
                self.with(reader, |world, reader| any |= reader.drain(world));
            }
            if !any {
                break;
            }
        }
    }

    async fn run(mut self, ops: &[Op]) -> Seen {
        for op in ops {
            self.step(op).await;
        }
        self.settle().await;
        self.readers.iter().for_each(|reader| reader.assert_equal(&self));
        let heartbeats = self.seen.heartbeats;
        time::sleep(Duration::from_secs(16)).await;
        self.settle().await;
        self.readers.iter().for_each(|reader| reader.assert_equal(&self));
        assert!(self.seen.heartbeats >= heartbeats + 2, "a stream is silent without a heartbeat");
        self.count();
        let Self { hub, readers, seen, .. } = self;
        drop(readers);
        assert_eq!(hub.stats().connections, 0);
        let topics = hub.registry.topics();
        assert!(topics.values().all(|topic| topic.state().subscribers == 0), "a subscriber's place was not given up");
        drop(topics);
        seen
    }
}

fn hub(options: &Options, calls: &Arc<Mutex<[u32; 3]>>) -> SseHub {
    let hub = SseHub::with_options(SseHubOptions {
        history_len: options.history_len,
        history_bytes: options.history_bytes,
        feed_len: options.feed_len,
        feed_bytes: options.feed_bytes,
        chunk_len: options.chunk_len,
        ..SseHubOptions::new()
    });
    let calls = calls.clone();
    hub.provide::<Room, _>(move |id| {
        let calls = calls.clone();
        async move {
            yield_now().await;
            let (room, call) = {
                let mut calls = calls.lock().unwrap();
                let room: usize = id.parse().unwrap();
                calls[room] += 1;
                (room, calls[room])
            };
            match room {
                0 => {}
                1 if call % 2 == 1 => return None,
                2 if call % 2 == 1 => std::panic::resume_unwind(Box::new("a provider that panics")),
                _ => {}
            }
            Some(Room(json!({ "room": room, "call": call })))
        }
    });
    hub
}

fn run(options: Options, ops: &[Op]) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(World::new(options).run(ops))
}

proptest! {
    /// The promise, of the real hub: whatever happens in between, after quiet every subscriber equals the server, and no
    /// reader was ever told anything that is not so.
    #[test]
    fn after_quiet_every_subscriber_equals_the_server(options in ops::options(), ops in ops::ops()) {
        run(options, &ops);
    }
}

/// A model that never gets into trouble shows nothing.
#[test]
fn the_model_meets_the_hard_states() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = Seen::default();
    for _ in 0..600 {
        let tree = (ops::options(), ops::ops()).new_tree(&mut runner).unwrap();
        let (options, ops) = proptest::strategy::ValueTree::current(&tree);
        let one = run(options, &ops);
        seen.browser += one.browser;
        seen.beside += one.beside;
        seen.heartbeats += one.heartbeats;
        seen.refused += one.refused;
        seen.removed += one.removed;
        seen.starts += one.starts;
        seen.gaps += one.gaps;
        seen.claims += one.claims;
        seen.resumes += one.resumes;
        seen.coalesced += one.coalesced;
        seen.let_go += one.let_go;
        seen.string_edits += one.string_edits;
    }
    println!("{seen:?}");
    let Seen { browser, beside, heartbeats, refused, removed, starts, gaps, claims, .. } = seen;
    let least = [browser, beside, heartbeats, refused, removed, starts, gaps, claims];
    let Seen { resumes, coalesced, let_go, string_edits, .. } = seen;
    let least = least.into_iter().chain([resumes, coalesced, let_go, string_edits]);
    assert!(least.into_iter().all(|times| times >= 5), "{seen:?}");
}
