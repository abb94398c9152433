//! A model of a hub, and a page whose keys, streams and network are left to chance.

use super::*;
use crate::{
    client::feed::log::{Entry, Log, Reading},
    diff::differ::Differ,
    protocol::{Cursor, Epoch, write_update},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

const SIGNALS: [&str; 3] = ["a", "b", "c"];
const FEEDS: [&str; 2] = ["f", "g"];

/// The hub: a counter, the signals' documents with histories that may be cut, and the feeds' events.
struct Hub {
    life: u64,
    epoch: Epoch,
    seq: u64,
    signals: BTreeMap<&'static str, Source>,
    feeds: BTreeMap<&'static str, Vec<(u64, u64, u32)>>,
    /// The place from which the server still has the events of a feed.
    feed_start: BTreeMap<&'static str, usize>,
}

#[derive(Default)]
struct Source {
    differ: Differ<Value>,
    /// None where it was removed.
    value: Option<Value>,
    last: u64,
    /// From, to, and the text.
    history: Vec<(u64, u64, String)>,
}

/// What one stream of the hub has to send, and what it has sent of each key.
struct Stream {
    queue: VecDeque<(&'static str, String)>,
    sent: BTreeMap<&'static str, Option<u64>>,
}

impl Hub {
    fn start(life: u64) -> Self {
        let mut hub = Self {
            life,
            epoch: Epoch::from_random(life),
            seq: life * 3 % 7,
            signals: BTreeMap::new(),
            feeds: FEEDS.map(|feed| (feed, Vec::new())).into(),
            feed_start: BTreeMap::new(),
        };
        SIGNALS.iter().for_each(|signal| hub.write(signal));
        hub
    }

    /// The age of what is written now, which grows over the lives of the hub too, other than its seq.
    fn age(&self) -> u64 {
        self.life * 10_000 + self.seq
    }

    /// Writes a value that tells its own age.
    fn write(&mut self, signal: &'static str) {
        self.seq += 1;
        let value = json!({ "value": self.age(), "of": signal });
        let source = self.signals.entry(signal).or_default();
        let mut patch = Vec::new();
        assert!(source.differ.advance(&value, &mut patch).unwrap());
        // The first value of a signal is a snapshot, which histories do not have.
        if source.value.replace(value).is_some() {
            let text = write_update(&key(signal), Some(source.last), self.seq, |data| data.append(&mut patch)).unwrap();
            source.history.push((source.last, self.seq, text));
        }
        source.last = self.seq;
    }

    fn remove(&mut self, signal: &'static str) {
        self.seq += 1;
        self.signals.insert(signal, Source { last: self.seq, ..Source::default() });
    }

    /// What a page of now carries.
    fn render(&self, signal: &'static str) -> Option<(&'static str, Document, Cursor)> {
        let source = &self.signals[signal];
        let cursor = Cursor { epoch: self.epoch.clone(), seq: source.last };
        Some((signal, Document::from(source.value.as_ref()?), cursor))
    }

    fn push(&mut self, feed: &'static str) {
        self.seq += 1;
        let event = u32::try_from(self.age()).unwrap();
        let events = self.feeds.get_mut(feed).unwrap();
        let from = events.last().map_or(0, |(_, to, _)| *to);
        events.push((from, self.seq, event));
    }

    /// Forgets the past.
    fn cut_history(&mut self) {
        self.signals.values_mut().for_each(|source| source.history.clear());
        for (feed, events) in &self.feeds {
            self.feed_start.insert(feed, events.len().saturating_sub(1));
        }
    }

    fn subscribe(&self, query: &str, last_event_id: Option<&Cursor>) -> Stream {
        let mut ask = Ask::parse(query).unwrap();
        ask.resume(&self.epoch, last_event_id);
        let hello = json!({ "epoch": self.epoch, "heartbeat": 0 }).to_string();
        let known = |asked: &Key| SIGNALS.iter().chain(&FEEDS).copied().find(|known| asked.as_str() == *known);
        let sent = ask.keys.iter().filter_map(|(key, seq)| Some((known(key)?, *seq))).collect();
        Stream { queue: [("hello", hello)].into(), sent }
    }

    /// Queues what a stream has not sent yet.
    fn fill(&self, stream: &mut Stream) {
        for (name, sent) in &mut stream.sent {
            if let Some(source) = self.signals.get(name) {
                source.fill(name, sent, &mut stream.queue);
            } else {
                self.fill_feed(name, sent, &mut stream.queue);
            }
        }
    }

    fn fill_feed(&self, name: &str, sent: &mut Option<u64>, queue: &mut VecDeque<(&'static str, String)>) {
        let (events, start) = (&self.feeds[name], self.feed_start.get(name).copied().unwrap_or(0));
        let mut step = |from: Option<u64>, to: u64, item: Option<u32>| {
            let mut step = json!({ "name": name, "to": to });
            from.into_iter().for_each(|from| step["from"] = json!(from));
            item.into_iter().for_each(|item| step["item"] = json!(item));
            queue.push_back(("feed", step.to_string()));
        };
        let first = events.get(start).map_or(0, |(from, ..)| *from);
        match *sent {
            None => step(None, first, None),
            Some(at) if at < first => step(Some(at), first, None),
            Some(_) => {}
        }
        let mut at = sent.map_or(first, |at| at.max(first));
        for (from, to, item) in &events[start..] {
            if *to > at {
                step(Some(*from), *to, Some(*item));
                at = *to;
            }
        }
        *sent = Some(at);
    }
}

impl Source {
    fn fill(&self, name: &'static str, sent: &mut Option<u64>, queue: &mut VecDeque<(&'static str, String)>) {
        let Some(value) = &self.value else {
            if sent.is_some_and(|sent| sent < self.last) {
                queue.push_back(("removed", json!({ "name": name, "to": self.last }).to_string()));
                *sent = Some(self.last);
            }
            return;
        };
        let missing = sent.and_then(|sent| {
            let at = self.history.iter().position(|(from, ..)| *from == sent);
            if sent >= self.last { Some(self.history.len()) } else { at }
        });
        match missing {
            Some(at) => self.history[at..].iter().for_each(|(.., text)| queue.push_back(("message", text.clone()))),
            None => {
                let patch = json!([{ "op": "replace", "path": "", "value": value }]);
                let text = json!({ "name": name, "to": self.last, "patch": patch }).to_string();
                queue.push_back(("message", text));
            }
        }
        *sent = Some(sent.unwrap_or(0).max(self.last));
    }
}

#[derive(Clone, Debug)]
enum Move {
    Write(&'static str),
    Push(&'static str),
    Remove(&'static str),
    /// A key is used once more, or by one less.
    Use(&'static str),
    /// A part of a page comes that the server rendered, now or before that.
    Render(&'static str),
    Hydrate,
    Leave(&'static str),
    /// The hub looks what there is to send, on the open stream or on the one beside it.
    Fill,
    FillBeside,
    /// So many events come through, from the open stream or from the one beside it.
    Deliver(usize),
    DeliverBeside(usize),
    Wait(u64),
    /// The open stream is cut; the browser mends it, or gives up.
    Cut(bool),
    /// The stream beside is cut, or refused.
    CutBeside(bool),
    CutHistory,
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let signal = || proptest::sample::select(&SIGNALS[..]);
    let feed = || proptest::sample::select(&FEEDS[..]);
    let any_key = || prop_oneof![signal(), feed()];
    let step = prop_oneof![
        6 => signal().prop_map(Move::Write),
        6 => feed().prop_map(Move::Push),
        1 => signal().prop_map(Move::Remove),
        4 => any_key().prop_map(Move::Use),
        4 => signal().prop_map(Move::Render),
        4 => Just(Move::Hydrate),
        3 => any_key().prop_map(Move::Leave),
        6 => Just(Move::Fill),
        6 => Just(Move::FillBeside),
        6 => (1..4_usize).prop_map(Move::Deliver),
        4 => (1..4_usize).prop_map(Move::DeliverBeside),
        6 => prop_oneof![3 => Just(0), 1 => Just(400), 1 => Just(1_000)].prop_map(Move::Wait),
        1 => any::<bool>().prop_map(Move::Cut),
        1 => any::<bool>().prop_map(Move::CutBeside),
        3 => Just(Move::CutHistory),
        1 => Just(Move::Restart),
    ];
    proptest::collection::vec(step, 1..80)
}

/// What is followed under a key, and what it has shown.
enum Follower {
    Signal(ArcRwSignal<Shown>, #[allow(dead_code)] User),
    Feed(#[allow(dead_code)] Reading<u32>, Arc<Mutex<Read>>, #[allow(dead_code)] User),
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Shown {
    value: u64,
    of: String,
}

#[derive(Default)]
struct Read {
    events: Vec<u32>,
    /// All that was told, starts or not.
    told: Vec<u32>,
    gaps: u64,
}

struct World {
    connection: Arc<Connection>,
    fake: Fake,
    hub: Hub,
    lives: u64,
    stream: Option<(Stream, String)>,
    beside: Option<(Stream, String)>,
    followed: Vec<(&'static str, Follower)>,
    /// What parts of the page bring that are not hydrated yet.
    rendered: VecDeque<(&'static str, Document, Cursor)>,
    /// The newest value that a signal has shown.
    newest: BTreeMap<&'static str, u64>,
}

impl World {
    fn new() -> Self {
        let (connection, fake) = connection();
        Self {
            connection,
            fake,
            hub: Hub::start(0),
            lives: 0,
            stream: None,
            beside: None,
            followed: Vec::new(),
            rendered: VecDeque::new(),
            newest: BTreeMap::new(),
        }
    }

    fn make(&mut self, step: Move) {
        match step {
            Move::Write(signal) => self.hub.write(signal),
            Move::Push(feed) => self.hub.push(feed),
            Move::Remove(signal) => self.hub.remove(signal),
            Move::Use(name) => self.follow(name),
            Move::Render(name) => self.rendered.extend(self.hub.render(name)),
            Move::Hydrate => {
                if let Some((name, document, cursor)) = self.rendered.pop_front() {
                    self.connection.start(&key(name), &document, &cursor);
                    self.follow(name);
                }
            }
            Move::Leave(name) => {
                if let Some(at) = self.followed.iter().position(|(followed, _)| *followed == name) {
                    drop(self.followed.remove(at));
                }
            }
            Move::Fill => self.stream.iter_mut().for_each(|(stream, _)| self.hub.fill(stream)),
            Move::FillBeside => self.beside.iter_mut().for_each(|(stream, _)| self.hub.fill(stream)),
            Move::Deliver(count) => (0..count).for_each(|_| self.deliver()),
            Move::DeliverBeside(count) => (0..count).for_each(|_| self.deliver_beside()),
            Move::Wait(millis) => {
                self.fake.wait(millis);
                self.connection.handle(Input::Tick);
            }
            Move::Cut(gave_up) => self.cut(gave_up),
            Move::CutBeside(gave_up) => {
                if self.beside.take().is_some() {
                    self.connection.handle(Input::BesideFailed(lost(gave_up)));
                }
            }
            Move::CutHistory => self.hub.cut_history(),
            Move::Restart => {
                self.lives += 1;
                self.hub = Hub::start(self.lives);
                self.cut(false);
            }
        }
        self.obey();
        self.check();
    }

    fn follow(&mut self, name: &'static str) {
        let follower = if SIGNALS.contains(&name) {
            let (signal, user) = self.connection.follow(&key(name), Shown::default).unwrap();
            Follower::Signal(signal, user)
        } else {
            let (log, user) = self.connection.follow_as::<Log<u32>>(&key(name), Log::default).unwrap();
            let read = Arc::<Mutex<Read>>::default();
            let told = read.clone();
            let reading = log.read(move |entry| {
                let mut read = told.lock().unwrap();
                match entry {
                    Entry::Start => read.events.clear(),
                    Entry::Gaps(gaps) => read.gaps = gaps,
                    Entry::Event(event) => {
                        read.events.push(*event);
                        read.told.push(*event);
                    }
                }
            });
            Follower::Feed(reading, read, user)
        };
        self.followed.push((name, follower));
    }

    /// Does what the transport was told.
    fn obey(&mut self) {
        for call in self.fake.calls() {
            match call.split_once(' ') {
                Some(("open", query)) => {
                    (self.stream, self.beside) = (Some((self.hub.subscribe(query, None), query.to_owned())), None);
                    self.connection.handle(Input::Opened);
                }
                Some(("beside", query)) => {
                    self.beside = Some((self.hub.subscribe(query, None), query.to_owned()));
                }
                Some(("probe", _)) => self.connection.handle(Input::Probed(Ok(()))),
                _ if call == "settle" => self.stream = self.beside.take(),
                _ if call == "close beside" => self.beside = None,
                _ => (self.stream, self.beside) = (None, None),
            }
        }
        if !self.fake.0.calls.lock().unwrap().is_empty() {
            self.obey();
        }
    }

    fn deliver(&mut self) {
        if let Some((name, data)) = self.stream.as_mut().and_then(|(stream, _)| stream.queue.pop_front()) {
            self.connection.receive(name, &data);
            self.obey();
            self.check();
        }
    }

    fn deliver_beside(&mut self) {
        if let Some((name, data)) = self.beside.as_mut().and_then(|(stream, _)| stream.queue.pop_front()) {
            self.connection.receive_beside(name, &data);
            self.obey();
        }
    }

    fn cut(&mut self, gave_up: bool) {
        let Some((_, query)) = self.stream.take() else { return };
        self.connection.handle(Input::Failed(lost(gave_up)));
        let calls = self.fake.0.calls.lock().unwrap().clone();
        if calls.is_empty() {
            // The browser repeats the request. Without a `Last-Event-ID`, as no event had one: the worst case.
            self.stream = Some((self.hub.subscribe(&query, None), query));
            self.connection.handle(Input::Opened);
        }
    }

    /// No value is of another signal, or goes backwards; no feed shows an event twice.
    fn check(&mut self) {
        for (name, follower) in &self.followed {
            match follower {
                Follower::Signal(signal, _) => {
                    let shown = signal.get_untracked();
                    // It starts with its default, wherever nothing is held of it.
                    if shown.value > 0 {
                        let newest = self.newest.entry(name).or_default();
                        assert!(*newest <= shown.value, "`{name}` went from {newest} to {}", shown.value);
                        assert_eq!(shown.of, *name);
                        *newest = shown.value;
                    }
                }
                Follower::Feed(_, read, _) => {
                    let told = &read.lock().unwrap().told;
                    assert!(told.is_sorted_by(|one, next| one < next), "`{name}`: {told:?}");
                }
            }
        }
    }

    /// Lets everything come through and all that is to be done be done.
    fn quiet(&mut self) {
        // The longest wait.
        self.fake.wait(30_000);
        for _ in 0..12 {
            self.fake.wait(1_000);
            self.connection.handle(Input::Tick);
            self.obey();
            self.make(Move::Fill);
            self.make(Move::FillBeside);
            for _ in 0..200 {
                self.deliver_beside();
                self.deliver();
            }
            self.check();
        }
    }

    fn check_end(&self) {
        for (name, follower) in &self.followed {
            match follower {
                Follower::Signal(signal, _) => {
                    let shown = signal.get_untracked();
                    if let Some(value) = &self.hub.signals[name].value {
                        assert_eq!(json!({ "value": shown.value, "of": shown.of }), *value);
                    }
                }
                Follower::Feed(_, read, _) => {
                    let read = read.lock().unwrap();
                    let all: Vec<u32> = self.hub.feeds[name].iter().map(|(_, _, item)| *item).collect();
                    let start = self.hub.feed_start.get(name).copied().unwrap_or(0);
                    assert!(read.events.ends_with(&all[start..]), "`{name}`: {:?} of {all:?}", read.events);
                    let held = all.len() - read.events.len();
                    // Without a gap, what was told since the hub has started has no hole.
                    let told: Vec<u32> =
                        read.told.iter().copied().filter(|event| u64::from(*event) >= self.hub.life * 10_000).collect();
                    let has_hole = !told.is_empty() && !all.windows(told.len()).any(|all| all == told);
                    assert!(read.gaps > 0 || !has_hole, "`{name}`: {told:?} of {all:?}");
                    // Without a gap what is shown is the end of what there was.
                    assert!(read.gaps > 0 || read.events[..] == all[held..], "`{name}`: {:?} of {all:?}", read.events);
                }
            }
        }
        if let Some((_, query)) = &self.stream {
            let asked = Ask::parse(query).unwrap().keys.into_iter().map(|(key, _)| key);
            assert_eq!(asked.collect::<crate::client::keyed::Keys>(), self.connection.state().slots.used_keys());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    /// The promise, over streams that overlap: after quiet every signal equals the server's, and every feed has each event
    /// once and in order, or tells of a gap; the keys asked for are those in use.
    #[test]
    fn after_quiet_a_page_whose_keys_come_and_go_equals_the_hub(moves in moves()) {
        let mut world = World::new();
        world.follow("a");
        moves.into_iter().for_each(|step| world.make(step));
        world.quiet();
        world.check_end();
    }
}

fn lost(gave_up: bool) -> Lost {
    if gave_up { Lost::Unexplained } else { Lost::BrowserRetries }
}
