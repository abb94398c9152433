//! The server that a test plays: what it has, and what it writes of it. Pure: no connection, no clock.

use leptos_sse_core::{
    Differ, Document, Error, Key,
    protocol::{SubscribeRequest, event_name},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// An event as it comes over the wire: its name and its data.
pub(super) type Event = (&'static str, String);

#[derive(Default)]
pub(super) struct Server {
    /// How often it has restarted.
    life: u32,
    /// The seq of the last write.
    seq: u64,
    signals: BTreeMap<Key, TestSignal>,
    refused: BTreeMap<Key, String>,
    feeds: BTreeMap<Key, Feed>,
    /// The keys of the stream that is open; none when there is none.
    open: Option<BTreeSet<Key>>,
}

struct TestSignal {
    /// None of one that was removed.
    differ: Option<Differ<Document>>,
    seq: u64,
}

struct Feed {
    /// The seq of its start.
    start: u64,
    events: Vec<(u64, String)>,
}

impl Server {
    /// Opens a stream, and gives what it begins with.
    pub(super) fn open(&mut self, ask: &SubscribeRequest) -> Vec<Event> {
        self.open = Some(ask.keys.iter().map(|(key, _)| key.clone()).collect());
        let epoch = self.epoch();
        let is_same = ask.epoch.as_ref().is_some_and(|asked| asked.as_str() == epoch);
        let mut events = vec![(event_name::HELLO, json!({ "epoch": epoch }).to_string())];
        for (key, seq) in &ask.keys {
            let seq = seq.filter(|_| is_same);
            if let Some(why) = self.refused.get(key) {
                events.push(refusal(key, why));
            } else if let Some(signal) = self.signals.get(key) {
                events.extend(signal.since(key, seq));
            } else if let Some(feed) = self.feeds.get(key) {
                events.extend(feed.since(key, seq));
            }
        }
        events
    }

    /// There is no stream any more.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.open.iter().flatten().cloned().collect()
    }

    /// Restarts with what it has, in a new epoch.
    pub(super) fn restart(&mut self) {
        self.life += 1;
        self.seq = 0;
        self.signals.retain(|_, signal| signal.differ.is_some());
        for signal in self.signals.values_mut() {
            self.seq += 1;
            signal.seq = self.seq;
        }
        for feed in self.feeds.values_mut() {
            feed.start = self.seq + 1;
            self.seq = feed.start;
            for (seq, _) in &mut feed.events {
                self.seq += 1;
                *seq = self.seq;
            }
        }
    }

    /// Sets the value of a signal.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub(super) fn set(&mut self, key: &Key, value: &Document) -> Result<Option<Event>, Error> {
        let was_refused = self.refused.remove(key).is_some();
        let held = self.signals.get(key).filter(|signal| signal.differ.is_some()).map(|signal| signal.seq);
        let signal = self.signals.entry(key.clone()).or_insert(TestSignal { differ: None, seq: 0 });
        let mut patch = Vec::new();
        let is_changed = signal.differ.get_or_insert_default().advance(value, &mut patch)?;
        if !is_changed && !was_refused {
            return Ok(None);
        }
        self.seq += 1;
        signal.seq = self.seq;
        let event = match held.filter(|_| !was_refused) {
            Some(from) => Some(update(key, Some(from), signal.seq, &String::from_utf8_lossy(&patch))),
            None => signal.snapshot(key),
        };
        Ok(event.filter(|_| self.is_asked(key)))
    }

    pub(super) fn refuse(&mut self, key: &Key, why: &str) -> Option<Event> {
        self.refused.insert(key.clone(), why.to_owned());
        self.is_asked(key).then(|| refusal(key, why))
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Event> {
        self.seq += 1;
        self.signals.insert(key.clone(), TestSignal { differ: None, seq: self.seq });
        self.is_asked(key).then(|| removal(key, self.seq))
    }

    /// Adds an event to a feed, which starts with its first one.
    pub(super) fn push(&mut self, key: &Key, event: &Document) -> Vec<Event> {
        let is_new = !self.feeds.contains_key(key);
        let start = self.seq + u64::from(is_new);
        self.seq = start + 1;
        let feed = self.feeds.entry(key.clone()).or_insert(Feed { start, events: Vec::new() });
        let last = feed.last();
        feed.events.push((self.seq, event.to_string()));
        let events = feed.since(key, (!is_new).then_some(last));
        if self.is_asked(key) && !self.refused.contains_key(key) { events } else { Vec::new() }
    }

    fn is_asked(&self, key: &Key) -> bool {
        self.open.as_ref().is_some_and(|keys| keys.contains(key))
    }

    fn epoch(&self) -> String {
        format!("test{}", self.life)
    }
}

impl TestSignal {
    fn since(&self, key: &Key, seq: Option<u64>) -> Option<Event> {
        match &self.differ {
            None => seq.map(|_| removal(key, self.seq)),
            Some(_) if seq == Some(self.seq) => None,
            Some(_) => self.snapshot(key),
        }
    }

    fn snapshot(&self, key: &Key) -> Option<Event> {
        let document = self.differ.as_ref()?.document()?;
        Some(update(key, None, self.seq, &format!(r#"[{{"op":"replace","path":"","value":{document}}}]"#)))
    }
}

impl Feed {
    fn last(&self) -> u64 {
        self.events.last().map_or(self.start, |(seq, _)| *seq)
    }

    fn since(&self, key: &Key, seq: Option<u64>) -> Vec<Event> {
        let mut steps = Vec::new();
        let mut from = seq.unwrap_or_else(|| {
            steps.push((event_name::FEED, json!({ "name": key, "to": self.start }).to_string()));
            self.start
        });
        for (to, event) in self.events.iter().filter(|(to, _)| seq.is_none_or(|seq| *to > seq)) {
            let name = json!(key);
            steps.push((event_name::FEED, format!(r#"{{"name":{name},"from":{from},"to":{to},"item":{event}}}"#)));
            from = *to;
        }
        steps
    }
}

fn update(key: &Key, from: Option<u64>, to: u64, patch: &str) -> Event {
    let from = from.map_or(String::new(), |from| format!(r#""from":{from},"#));
    ("message", format!(r#"{{"name":{},{from}"to":{to},"patch":{patch}}}"#, json!(key)))
}

fn refusal(key: &Key, why: &str) -> Event {
    (event_name::REFUSED, json!({ "name": key, "reason": why }).to_string())
}

fn removal(key: &Key, to: u64) -> Event {
    (event_name::REMOVED, json!({ "name": key, "to": to }).to_string())
}
