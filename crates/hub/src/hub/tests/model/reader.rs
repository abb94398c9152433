//! A reader: the client's own rules, behind a wire that loses what was on its way.

use super::{
    super::{Event, Parser},
    Kind, World, kind, name,
};
use crate::hub::{SseHub, SseRequest, SseSubscription};
use futures::{
    Stream as _,
    task::{ArcWake, waker},
};
use leptos_sse_client::{
    documents::{Documents, Outcome},
    feeds::{FeedOutcome, Feeds},
    update::Update,
};
use leptos_sse_core::{
    Epoch, Key,
    protocol::{Cursor, FeedUpdate, Hello, Refused, Removed, SubscribeRequest, event_name},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

#[derive(Default)]
pub(super) struct Reader {
    pub(super) documents: Documents,
    pub(super) feeds: Feeds,
    /// The keys in use.
    pub(super) used: BTreeSet<usize>,
    /// Whether it takes them from the next connection on that is of its own making.
    pub(super) string_edits: bool,
    pub(super) stream: Option<Stream>,
    beside: Option<Stream>,
    /// How far each key has come, and in which epoch.
    came: BTreeMap<usize, (Epoch, u64)>,
}

/// One connection, from the hub's end of it to the browser's.
pub(super) struct Stream {
    subscription: Option<SseSubscription>,
    woken: Arc<Woken>,
    /// What was written and has not come yet.
    wire: Vec<u8>,
    parser: Parser,
    query: String,
    string_edits: bool,
    greeted: bool,
    /// Of each key that was asked for: all up to this seq was given, none before a start.
    given: BTreeMap<usize, Option<u64>>,
    /// The keys that the hub knows the client to hold something of: it asked with a seq, or was given something.
    known: BTreeSet<usize>,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl ArcWake for Woken {
    fn wake_by_ref(woken: &Arc<Self>) {
        woken.0.store(true, Ordering::Relaxed);
    }
}

impl Stream {
    fn open(hub: &SseHub, query: String, last_event_id: Option<&str>) -> Self {
        let mut request = SubscribeRequest::parse(&query).unwrap();
        request.resume(hub.registry.log.epoch(), last_event_id.and_then(|id| id.parse().ok()).as_ref());
        let (head, string_edits) = (hub.cursor().seq, request.string_edits);
        let subscription = hub.subscribe(SseRequest::parse(&query, last_event_id).unwrap().for_user("ada"));
        let subscription = Some(subscription.unwrap());
        let mut given = BTreeMap::new();
        let mut known = BTreeSet::new();
        for (key, seq) in &request.keys {
            let key = (0..8).find(|at| name(*at) == *key).unwrap();
            // Whatever comes of what is not there yet is new.
            given.insert(key, if World::is_there(hub, key) { *seq } else { Some(seq.unwrap_or(0).max(head)) });
            if seq.is_some() {
                known.insert(key);
            }
        }
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let parser = last_event_id.map(Parser::after).unwrap_or_default();
        Self { subscription, woken, wire: Vec::new(), parser, query, string_edits, greeted: false, given, known }
    }

    /// Polls as an executor does: not before it was woken. Says whether a chunk came.
    fn poll(&mut self) -> bool {
        let Some(subscription) = &mut self.subscription else { return false };
        if !self.woken.0.swap(false, Ordering::Relaxed) {
            return false;
        }
        match Pin::new(subscription).poll_next(&mut Context::from_waker(&waker(self.woken.clone()))) {
            Poll::Ready(Some(Ok(chunk))) => {
                assert!(!chunk.is_empty());
                self.wire.extend_from_slice(&chunk);
                self.woken.0.store(true, Ordering::Relaxed);
                true
            }
            Poll::Ready(None) => {
                self.subscription = None;
                true
            }
            Poll::Pending => false,
        }
    }

    /// What comes of the wire now, in pieces of a size.
    fn arrive(&mut self, bytes: usize, size: usize) -> Vec<Event> {
        let rest = self.wire.split_off(bytes.min(self.wire.len()));
        let arrived = std::mem::replace(&mut self.wire, rest);
        arrived.chunks(size.max(1)).flat_map(|bytes| self.parser.push(bytes)).collect()
    }
}

impl Reader {
    /// Writes up to some chunks to the wire, of which a share comes at once.
    pub(super) fn poll(&mut self, world: &mut World, chunks: usize, share: u8, size: usize) {
        self.open_beside(world);
        for stream in [&mut self.stream, &mut self.beside].into_iter().flatten() {
            for _ in 0..chunks {
                if !stream.poll() {
                    break;
                }
            }
        }
        self.arrive(world, share, size);
    }

    /// All that there is, until nothing more comes. Says whether anything did.
    pub(super) fn drain(&mut self, world: &mut World) -> bool {
        let mut any = false;
        if self.stream.is_none() {
            self.open(world);
            any = true;
        }
        any |= self.open_beside(world);
        for stream in [&mut self.stream, &mut self.beside].into_iter().flatten() {
            while stream.poll() {
                any = true;
            }
            any |= !stream.wire.is_empty();
        }
        self.arrive(world, u8::MAX, 7);
        any
    }

    fn arrive(&mut self, world: &mut World, share: u8, size: usize) {
        let part = |stream: &Stream| (stream.wire.len() * usize::from(share)).div_ceil(255);
        if let Some(mut stream) = self.stream.take() {
            let events = stream.arrive(part(&stream), size);
            let keeps = events.iter().all(|event| self.receive(world, &mut stream, event));
            // After a bye the client comes back by itself.
            if keeps { self.stream = Some(stream) } else { self.open(world) }
        }
        if let Some(mut stream) = self.beside.take() {
            let mut events = stream.arrive(part(&stream), size).into_iter();
            let Some(hello) = events.next() else { return self.beside = Some(stream) };
            assert_eq!(hello.name, event_name::HELLO);
            // The old one closes, and what was on its way there is lost.
            self.documents.opened();
            self.feeds.opened();
            let keeps = self.receive(world, &mut stream, &hello)
                && events.all(|event| self.receive(world, &mut stream, &event));
            if keeps { self.stream = Some(stream) } else { self.open(world) }
        }
    }

    /// The connection is cut when a share of what is on its way has come.
    pub(super) fn cut(&mut self, world: &mut World, share: u8, browser: bool) {
        self.beside = None;
        self.poll(world, 1, share, 3);
        let Some(stream) = self.stream.take() else { return };
        if browser {
            let last = stream.parser.last_event_id().map(str::to_owned);
            drop(stream.subscription);
            self.stream = Some(Stream::open(&world.hub, stream.query, last.as_deref()));
            world.seen.browser += u64::from(last.is_some());
            self.opened();
        } else {
            drop(stream);
            self.open(world);
        }
    }

    /// A new connection, as the client makes it by itself.
    fn open(&mut self, world: &World) {
        self.beside = None;
        self.stream = Some(Stream::open(&world.hub, self.request().to_query(), None));
        self.opened();
    }

    fn opened(&mut self) {
        self.documents.opened();
        self.feeds.opened();
    }

    /// Other keys are in use from now on.
    pub(super) fn use_keys(&mut self, world: &mut World, keys: u8) {
        self.used = (0..8).filter(|at| keys >> at & 1 == 1).collect();
        self.beside = None;
        if self.stream.as_ref().is_none_or(|stream| !stream.greeted) {
            self.open(world);
        }
        self.open_beside(world);
    }

    /// A new stream beside the old one, when other keys are in use than are asked for.
    fn open_beside(&mut self, world: &mut World) -> bool {
        let Some(stream) = &self.stream else { return false };
        let opens = self.beside.is_none() && stream.greeted && !stream.given.keys().eq(&self.used);
        if opens {
            self.beside = Some(Stream::open(&world.hub, self.request().to_query(), None));
            world.seen.beside += 1;
        }
        opens
    }

    fn request(&self) -> SubscribeRequest {
        let keys = self.used.iter().map(|at| {
            let key = name(*at);
            let seq = if kind(*at) == Kind::Feed { self.feeds.seq(&key) } else { self.documents.seq(&key) };
            (key, seq)
        });
        let (epoch, string_edits) = (self.documents.epoch().cloned(), self.string_edits);
        SubscribeRequest { epoch, keys: keys.collect(), string_edits }
    }

    /// Takes one event, and says whether the connection goes on.
    fn receive(&mut self, world: &mut World, stream: &mut Stream, event: &Event) -> bool {
        assert_eq!(event.name == event_name::HELLO, !stream.greeted, "{event:?}");
        match event.name.as_str() {
            event_name::HELLO => {
                let hello = Hello::parse(&event.data).unwrap();
                assert_eq!(hello.name, None);
                stream.greeted = true;
                self.documents.hello(&hello).unwrap();
                self.feeds.hello(&hello);
                let is_brought = |key: &Key| self.used.iter().chain(stream.given.keys()).any(|at| name(*at) == *key);
                self.documents.retain(is_brought);
                self.feeds.retain(is_brought);
                self.came.retain(|at, _| is_brought(&name(*at)));
            }
            event_name::HEARTBEAT => {
                let cursor: Cursor = event.data.parse().unwrap();
                assert_eq!(event.id, None);
                assert_eq!(self.documents.heartbeat(&cursor).unwrap().len(), 0);
                claims(world, stream, &cursor);
                world.seen.heartbeats += 1;
            }
            event_name::BYE => return false,
            event_name::REFUSED => {
                let refused = Refused::parse(&event.data).unwrap();
                self.documents.refused(&refused);
                if let Some(to) = serde_json::from_str::<Value>(&event.data).unwrap()["to"].as_u64() {
                    give(stream, &refused.name, to);
                }
                world.seen.refused += 1;
            }
            event_name::REMOVED => {
                let removed = Removed::parse(&event.data).unwrap();
                let at = give(stream, &removed.name, removed.to);
                let epoch = self.documents.epoch().unwrap().clone();
                let came = self.came_to(at, &epoch).max(removed.to);
                self.came.insert(at, (epoch, came));
                self.documents.removed(&removed);
                self.feeds.removed(&removed);
                world.seen.removed += 1;
            }
            event_name::FEED => self.feed(world, stream, &FeedUpdate::parse(&event.data).unwrap()),
            "" => {
                let has_string_edits = event.data.contains(r#""op":"str_"#);
                assert!(stream.string_edits || !has_string_edits, "{event:?}");
                world.seen.string_edits += u64::from(has_string_edits);
                self.update(world, stream, Update::parse(&event.data).unwrap());
            }
            other => panic!("an event that nobody knows: {other}"),
        }
        if let Some(id) = &event.id {
            claims(world, stream, &id.parse().unwrap());
        }
        true
    }

    fn update(&mut self, world: &World, stream: &mut Stream, update: Update) {
        let Update { name, change } = update;
        let (to, text) = (change.to, format!("{name} from {:?} to {}", change.from, change.to));
        let given = stream.given[&at(&name)];
        assert!(given < Some(to), "{text} was given before, as all up to {given:?}");
        let at = give(stream, &name, to);
        let epoch = self.documents.epoch().unwrap().clone();
        match self.documents.update(&name, change) {
            Outcome::Changed { document, .. } => {
                assert_eq!(Some(&document.to_value()), world.document_at(&epoch, at, to), "{text}");
                self.comes_to(at, epoch, to);
            }
            Outcome::Dropped => {
                let came = self.came_to(at, &epoch);
                assert!(came >= to, "{text} was dropped at {came}");
            }
            Outcome::OutOfStep(error) => panic!("{}: {error}", name),
        }
    }

    fn feed(&mut self, world: &mut World, stream: &mut Stream, update: &FeedUpdate) {
        let given = stream.given[&at(&update.name)];
        assert!(given < Some(update.to), "{update:?} was given before, as all up to {given:?}");
        let is_fresh = !stream.known.contains(&at(&update.name));
        let at = give(stream, &update.name, update.to);
        let epoch = self.documents.epoch().unwrap().clone();
        let before = self.came_to(at, &epoch);
        let held = self.feeds.seq(&update.name);
        let step = self.feeds.update(update);
        match step {
            FeedOutcome::Repeat => return assert!(before >= update.to),
            FeedOutcome::Next => assert_eq!(update.item, world.item_at(&epoch, at, update.to), "{update:?}"),
            FeedOutcome::Start | FeedOutcome::StartAfterGap | FeedOutcome::Gap => {
                assert_eq!(update.item, None, "{update:?} follows {held:?}");
                world.seen.starts += u64::from(step != FeedOutcome::Gap);
                world.seen.gaps += u64::from(step != FeedOutcome::Start);
            }
        }
        // Whatever lies between is gone, or was never meant for a newcomer.
        let end = if step == FeedOutcome::Next { update.to - 1 } else { update.to };
        let starts = matches!(step, FeedOutcome::Start | FeedOutcome::StartAfterGap);
        let is_newcomer = starts && is_fresh && world.has_replay(at);
        if !is_newcomer {
            world.assert_gone(&epoch, at, before, end, step);
        }
        self.comes_to(at, epoch, update.to);
    }

    fn came_to(&self, at: usize, epoch: &Epoch) -> u64 {
        self.came.get(&at).filter(|(of, _)| of == epoch).map_or(0, |(_, seq)| *seq)
    }

    /// Within an epoch a key never goes back.
    fn comes_to(&mut self, at: usize, epoch: Epoch, seq: u64) {
        if let Some((of, before)) = self.came.insert(at, (epoch.clone(), seq)) {
            // What was refused before is of no epoch on the client until the next hello, and may be shown twice.
            let again = before == seq && kind(at) == Kind::Provided;
            assert!(of != epoch || before < seq || again, "{} went from {before} to {seq}", name(at));
        }
    }

    /// After quiet, what is shown is what the server has.
    pub(super) fn assert_equal(&self, world: &World) {
        let stream = self.stream.as_ref().unwrap();
        for at in &self.used {
            let key = name(*at);
            let held = if kind(*at) == Kind::Feed { self.feeds.seq(&key) } else { self.documents.seq(&key) };
            match world.now(*at) {
                Some((seq, _)) if kind(*at) == Kind::Feed => assert_eq!(held, Some(seq), "the feed {key}"),
                Some((seq, document)) => {
                    assert_eq!(self.documents.document(&key).unwrap().to_value(), document, "{key}");
                    assert!(held == Some(seq) || held.is_none() && kind(*at) == Kind::Provided, "{key} at {held:?}");
                }
                // One who comes back without a word of what it holds is not told that it is gone; nor is it told of one
                // that a provider does not make any more.
                None => {
                    let is_told = stream.known.contains(at) && kind(*at) != Kind::Provided;
                    assert!(!is_told || held.is_none(), "{key} is gone");
                }
            }
        }
    }
}

fn at(key: &Key) -> usize {
    (0..8).find(|at| name(*at) == *key).unwrap()
}

/// Notes that a key was given up to a seq; it must have been asked for.
fn give(stream: &mut Stream, key: &Key, to: u64) -> usize {
    let at = at(key);
    let given = stream.given.get_mut(&at).unwrap_or_else(|| panic!("nobody asked for {key}"));
    *given = (*given).max(Some(to));
    stream.known.insert(at);
    at
}

/// An `id:` and a heartbeat say that everything at or below them was given, for all keys.
fn claims(world: &mut World, stream: &Stream, cursor: &Cursor) {
    for (at, given) in &stream.given {
        if let Some((seq, must)) = world.last_mark(&cursor.epoch, *at, cursor.seq) {
            let missing = given.is_none_or(|given| given < seq) && (must || given.is_some());
            assert!(!missing, "{cursor} was claimed, and {} was given up to {given:?} of {seq}", name(*at));
        }
    }
    world.seen.claims += 1;
}
