//! A model of a hub, and what is followed of it.

use super::*;
use crate::feed_log::{FeedEntry, FeedLog, FeedReading};
use leptos_sse_core::{
    Differ,
    protocol::{Cursor, Epoch, write_update},
};
use std::collections::{BTreeMap, VecDeque};

pub(super) const SIGNALS: [&str; 3] = ["a", "b", "c"];
pub(super) const FEEDS: [&str; 2] = ["f", "g"];

/// The hub: a counter, the signals' documents with histories that may be cut, and the feeds' events.
pub(super) struct Hub {
    pub(super) life: u64,
    epoch: Epoch,
    seq: u64,
    signals: BTreeMap<&'static str, Source>,
    feeds: BTreeMap<&'static str, Vec<(u64, u64, u32)>>,
    /// The place from which the server still has the events of a feed.
    feed_start: BTreeMap<&'static str, usize>,
    /// How many of them one is given who is new to it.
    pub(super) replay: usize,
    /// The milliseconds between two heartbeats; 0: there are none.
    pub(super) heartbeat: u64,
}

#[derive(Default)]
pub(super) struct Source {
    differ: Differ<Value>,
    /// None where it was removed.
    value: Option<Value>,
    last: u64,
    /// From, to, and the text.
    history: Vec<(u64, u64, String)>,
}

/// What one stream of the hub has to send, and what it has sent of each key.
pub(super) struct Stream {
    pub(super) queue: VecDeque<(&'static str, String)>,
    sent: BTreeMap<&'static str, Option<u64>>,
}

impl Hub {
    pub(super) fn start(life: u64) -> Self {
        let mut hub = Self {
            life,
            epoch: Epoch::from_random(life),
            seq: life * 3 % 7,
            signals: BTreeMap::new(),
            feeds: FEEDS.map(|feed| (feed, Vec::new())).into(),
            feed_start: BTreeMap::new(),
            replay: usize::MAX,
            heartbeat: 0,
        };
        SIGNALS.iter().for_each(|signal| hub.write(signal));
        hub
    }

    /// The age of what is written now, which grows over the lives of the hub too, other than its seq.
    pub(super) fn age(&self) -> u64 {
        self.life * 10_000 + self.seq
    }

    /// Writes a value that tells its own age.
    pub(super) fn write(&mut self, signal: &'static str) {
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

    pub(super) fn remove(&mut self, signal: &'static str) {
        self.seq += 1;
        self.signals.insert(signal, Source { last: self.seq, ..Source::default() });
    }

    /// What a page of now carries.
    pub(super) fn render(&self, signal: &'static str) -> Option<(&'static str, Document, Cursor)> {
        let source = &self.signals[signal];
        let cursor = Cursor { epoch: self.epoch.clone(), seq: source.last };
        Some((signal, Document::from(source.value.as_ref()?), cursor))
    }

    pub(super) fn push(&mut self, feed: &'static str) {
        self.seq += 1;
        let event = u32::try_from(self.age()).unwrap();
        let events = self.feeds.get_mut(feed).unwrap();
        let from = events.last().map_or(0, |(_, to, _)| *to);
        events.push((from, self.seq, event));
    }

    /// Forgets the past.
    pub(super) fn cut_history(&mut self) {
        self.signals.values_mut().for_each(|source| source.history.clear());
        for (feed, events) in &self.feeds {
            self.feed_start.insert(feed, events.len().saturating_sub(1));
        }
    }

    pub(super) fn subscribe(&self, query: &str, last_event_id: Option<&Cursor>) -> Stream {
        let mut request = SubscribeRequest::parse(query).unwrap();
        request.resume(&self.epoch, last_event_id);
        let hello = json!({ "epoch": self.epoch, "heartbeat": self.heartbeat }).to_string();
        let known = |asked: &Key| SIGNALS.iter().chain(&FEEDS).copied().find(|known| asked.as_str() == *known);
        let sent = request.keys.iter().filter_map(|(key, seq)| Some((known(key)?, *seq))).collect();
        Stream { queue: [("hello", hello)].into(), sent }
    }

    /// Queues what a stream has not sent yet.
    pub(super) fn fill(&self, stream: &mut Stream) {
        for (name, sent) in &mut stream.sent {
            if let Some(source) = self.signals.get(name) {
                source.fill(name, sent, &mut stream.queue);
            } else {
                self.fill_feed(name, sent, &mut stream.queue);
            }
        }
    }

    /// Queues a heartbeat, if there are any and there is nothing else to say.
    pub(super) fn beat(&self, stream: &mut Stream) {
        if self.heartbeat > 0 && stream.queue.is_empty() {
            stream.queue.push_back(("hb", format!("{}.{}", self.epoch, self.seq)));
        }
    }

    pub(super) fn fill_feed(&self, name: &str, sent: &mut Option<u64>, queue: &mut VecDeque<(&'static str, String)>) {
        let (events, mut start) = (&self.feeds[name], self.feed_start.get(name).copied().unwrap_or(0));
        if sent.is_none() {
            start = start.max(events.len().saturating_sub(self.replay));
        }
        let mut step = |from: Option<u64>, to: u64, item: Option<u32>| {
            let mut step = json!({ "name": name, "to": to });
            from.into_iter().for_each(|from| step["from"] = json!(from));
            item.into_iter().for_each(|item| step["item"] = json!(item));
            queue.push_back(("feed", step.to_string()));
        };
        let last = events.last().map_or(0, |(_, to, _)| *to);
        let first = events.get(start).map_or(last, |(from, ..)| *from);
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
    pub(super) fn fill(
        &self,
        name: &'static str,
        sent: &mut Option<u64>,
        queue: &mut VecDeque<(&'static str, String)>,
    ) {
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

/// What is followed under a key, and what it has shown.
pub(super) enum Subscribed {
    Signal(Observable<Shown>, #[allow(dead_code)] User),
    Feed(#[allow(dead_code)] FeedReading<u32>, Arc<Mutex<Read>>, #[allow(dead_code)] User),
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Shown {
    value: u64,
    of: String,
}

#[derive(Default)]
pub(super) struct Read {
    pub(super) events: Vec<u32>,
    /// All that was told, starts or not.
    pub(super) told: Vec<u32>,
    pub(super) gaps: u64,
}

/// A page that follows some of the hub.
pub(super) struct Page {
    pub(super) connection: Arc<Connection>,
    pub(super) followed: Vec<(&'static str, Subscribed)>,
    /// The newest value that a signal has shown.
    newest: BTreeMap<&'static str, u64>,
}

impl Page {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self { connection, followed: Vec::new(), newest: BTreeMap::new() }
    }

    pub(super) fn follow(&mut self, name: &'static str) {
        let subscriber = if SIGNALS.contains(&name) {
            let (signal, user) = self.connection.follow(&key(name), Shown::default).unwrap();
            Subscribed::Signal(signal, user)
        } else {
            let (log, user) = self.connection.follow_as::<FeedLog<u32>>(&key(name), FeedLog::default).unwrap();
            let read = Arc::<Mutex<Read>>::default();
            let told = read.clone();
            let reading = log.read(move |entry| {
                let mut read = told.lock().unwrap();
                match entry {
                    FeedEntry::Start => read.events.clear(),
                    FeedEntry::Gaps(gaps) => read.gaps = gaps,
                    FeedEntry::Event(event) => {
                        read.events.push(*event);
                        read.told.push(*event);
                    }
                }
            });
            Subscribed::Feed(reading, read, user)
        };
        self.followed.push((name, subscriber));
    }

    pub(super) fn leave(&mut self, name: &'static str) {
        if let Some(at) = self.followed.iter().position(|(followed, _)| *followed == name) {
            drop(self.followed.remove(at));
        }
    }

    /// No value is of another signal, or goes backwards; no feed shows an event twice.
    pub(super) fn check(&mut self) {
        for (name, subscriber) in &self.followed {
            match subscriber {
                Subscribed::Signal(signal, _) => {
                    let shown = signal.get_untracked();
                    // It starts with its default, wherever nothing is held of it.
                    if shown.value > 0 {
                        let newest = self.newest.entry(name).or_default();
                        assert!(*newest <= shown.value, "`{name}` went from {newest} to {}", shown.value);
                        assert_eq!(shown.of, *name);
                        *newest = shown.value;
                    }
                }
                Subscribed::Feed(_, read, _) => {
                    let told = &read.lock().unwrap().told;
                    assert!(told.is_sorted_by(|one, next| one < next), "`{name}`: {told:?}");
                }
            }
        }
    }

    pub(super) fn check_end(&self, hub: &Hub) {
        for (name, subscriber) in &self.followed {
            match subscriber {
                Subscribed::Signal(signal, _) => {
                    let shown = signal.get_untracked();
                    if let Some(value) = &hub.signals[name].value {
                        assert_eq!(json!({ "value": shown.value, "of": shown.of }), *value);
                    }
                }
                Subscribed::Feed(_, read, _) => {
                    let read = read.lock().unwrap();
                    let all: Vec<u32> = hub.feeds[name].iter().map(|(_, _, item)| *item).collect();
                    let start = hub.feed_start.get(name).copied().unwrap_or(0);
                    assert!(
                        hub.replay < usize::MAX || read.events.ends_with(&all[start..]),
                        "`{name}`: {:?} of {all:?}",
                        read.events
                    );
                    let held = all.len() - read.events.len();
                    // Without a gap, what was told since the hub has started has no hole.
                    let told: Vec<u32> =
                        read.told.iter().copied().filter(|event| u64::from(*event) >= hub.life * 10_000).collect();
                    let has_hole = !told.is_empty() && !all.windows(told.len()).any(|all| all == told);
                    assert!(read.gaps > 0 || !has_hole, "`{name}`: {told:?} of {all:?}");
                    // Without a gap what is shown is the end of what there was.
                    assert!(read.gaps > 0 || read.events[..] == all[held..], "`{name}`: {:?} of {all:?}", read.events);
                }
            }
        }
    }
}

impl Page {
    /// No feed has ever missed an event.
    pub(super) fn check_no_gap(&self, hub: &Hub, whose: &str) {
        for (name, subscriber) in &self.followed {
            if let Subscribed::Feed(_, read, _) = subscriber {
                let (read, all) = (read.lock().unwrap(), &hub.feeds[name]);
                assert_eq!(read.gaps, 0, "{whose}: `{name}`");
                let last: Vec<u32> = all.iter().rev().take(read.told.len()).rev().map(|(.., item)| *item).collect();
                assert_eq!(read.told, last, "{whose}: `{name}`");
            }
        }
    }
}
