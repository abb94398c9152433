//! The tab that leads: which streams there are, and which wishes each of them serves.
//!
//! A wish is served by the stream of all if that can be, and else by one of its own until it has caught up; then one stream
//! takes the place of both. A new stream is opened beside those that it is to replace, and takes over with its first event:
//! it asks with what the tabs held when it was opened, so that what came in between comes again.

use super::{
    holding::{Holding, about, epoch_of},
    message::{Message, Report, Term, Wanted, Wish},
    union::Union,
};
use crate::{
    keyed::Keys,
    machine::{BESIDE_TIMEOUT, Lost},
};
use leptos_sse_core::protocol::{Epoch, Hello, SubscribeRequest, event_name};
use std::time::Duration;

/// How long a new leader waits for those tabs to speak that it knows of.
const GATHER: Duration = Duration::from_millis(50);
/// When a stream without heartbeats has been there for so long, what it has not brought it does not have.
const SETTLED: Duration = Duration::from_secs(1);
/// How long keys that nobody wishes for any more stay on the stream of all.
const LINGER: Duration = Duration::from_secs(2);
/// After how long it is tried again to bring streams together, when that failed, and when the server gave none for all.
const MERGE_AGAIN: Duration = Duration::from_secs(2);
const MERGE_REFUSED: Duration = Duration::from_secs(30);
/// Browsers open six connections to one server: more streams than these are brought together, come what may.
const MANY: usize = 2;
/// And no more than these are opened, unless the server gives none for all.
const MOST: usize = 4;

/// What a leader has done by others.
#[derive(Debug)]
pub(super) enum Act {
    Say(Message),
    /// Says it to all tabs if `to_all`, and else to its own alone.
    SayEvent {
        message: Message,
        to_all: bool,
    },
    Open {
        stream: u64,
        ask: SubscribeRequest,
    },
    Close {
        stream: u64,
    },
    /// Tells when the tab is gone.
    Watch {
        tab: u64,
    },
}

#[derive(Debug)]
pub(super) struct Leader {
    term: Term,
    /// How long the keys may be that are asked for at once.
    max_len: usize,
    asked: Vec<Asked>,
    streams: Vec<Stream>,
    /// Counts the streams.
    last: u64,
    /// The epoch that the server named last.
    epoch: Option<Epoch>,
    /// The tabs that are still to speak, and until when they are waited for.
    silent: Vec<u64>,
    gather_until: Duration,
    /// The tabs that are watched.
    watched: Vec<u64>,
    /// Since when the stream of all has keys that nobody wishes for.
    surplus: Option<Duration>,
    merge_not_before: Duration,
    /// When there is something to do, if ever.
    due: Option<Duration>,
    /// Whether to look again with each event.
    is_unsettled: bool,
    acts: Vec<Act>,
}

/// A wish, and the stream that serves it. They are held in the order of the wishes.
#[derive(Debug)]
struct Asked {
    wish: Wish,
    holding: Holding,
    stream: Option<u64>,
}

#[derive(Debug)]
struct Stream {
    number: u64,
    phase: Phase,
    keys: Keys,
    /// The wishes that it is to serve.
    wishes: Vec<Wish>,
    /// Those of them that nothing serves until then; none for a stream that brings others together.
    waiting: Vec<Wish>,
    /// Whether its hello spoke for all of it.
    is_whole: bool,
    /// Whether its hello promised heartbeats, and one came: what it has not brought until then the server does not have.
    has_heartbeat: bool,
    has_beaten: bool,
}

impl Stream {
    /// When it has brought all that there is, if that can be told.
    fn settles(&self) -> Option<Duration> {
        match self.phase {
            Phase::Open { .. } if self.has_beaten => Some(Duration::ZERO),
            Phase::Open { since } if !self.has_heartbeat => Some(since + SETTLED),
            Phase::Open { .. } | Phase::Opening { .. } => None,
            Phase::Mending => Some(Duration::ZERO),
        }
    }

    fn is_settled(&self, now: Duration) -> bool {
        self.settles().is_some_and(|time| time <= now)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening {
        since: Duration,
    },
    Open {
        since: Duration,
    },
    /// The browser opens it again.
    Mending,
}

impl Leader {
    /// `others`: the tabs that are known to wish for something.
    pub(super) fn new(term: Term, max_len: usize, others: Vec<u64>, now: Duration) -> Self {
        Self {
            term,
            max_len,
            asked: Vec::new(),
            streams: Vec::new(),
            last: 0,
            epoch: None,
            silent: others,
            gather_until: now + GATHER,
            watched: Vec::new(),
            surplus: None,
            merge_not_before: Duration::ZERO,
            due: Some(now + GATHER),
            is_unsettled: false,
            acts: vec![Act::Say(Message::Leads(term))],
        }
    }

    pub(super) fn take_acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    /// When [`tick`](Self::tick) has something to do, if ever.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due
    }

    pub(super) fn tick(&mut self, now: Duration) {
        if self.due.is_some_and(|due| due <= now) {
            self.settle(now);
        }
    }

    /// A tab wishes for these, and for no others.
    pub(super) fn wishes(&mut self, tab: u64, follows: Option<Term>, wishes: &[Wanted], now: Duration) {
        match follows {
            Some(term) if term == self.term => {}
            // What it holds may be changed by another leader still: it says so again when it has heard who leads.
            Some(_) => return,
            None => return self.say(Message::Leads(self.term)),
        }
        self.asked
            .retain(|asked| asked.wish.tab != tab || wishes.iter().any(|wanted| wanted.number == asked.wish.number));
        for Wanted { number, is_new, ask } in wishes {
            let wish = Wish { tab, number: *number };
            let place = self.asked.binary_search_by_key(&wish, |asked| asked.wish);
            let asked = || Asked { wish, holding: Holding::new(ask), stream: None };
            match place {
                // It followed another leader meanwhile, and has not heard what it was sent.
                Ok(place) if *is_new => {
                    self.asked[place] = asked();
                    for stream in self.streams.iter_mut().filter(|stream| matches!(stream.phase, Phase::Opening { .. }))
                    {
                        stream.wishes.retain(|opened| *opened != wish);
                        stream.waiting.retain(|opened| *opened != wish);
                    }
                }
                Ok(_) => {}
                Err(place) => self.asked.insert(place, asked()),
            }
            self.say(Message::Heard(self.term, wish));
        }
        self.silent.retain(|silent| *silent != tab);
        if tab != self.term.tab && !wishes.is_empty() && !self.watched.contains(&tab) {
            self.watched.push(tab);
            self.acts.push(Act::Watch { tab });
        }
        self.settle(now);
    }

    pub(super) fn gone(&mut self, tab: u64, now: Duration) {
        self.asked.retain(|asked| asked.wish.tab != tab);
        self.silent.retain(|silent| *silent != tab);
        self.watched.retain(|watched| *watched != tab);
        self.settle(now);
    }

    /// Leads no more.
    pub(super) fn resign(mut self) -> Vec<Act> {
        self.streams.iter().for_each(|stream| self.acts.push(Act::Close { stream: stream.number }));
        self.acts.push(Act::Say(Message::Resigns(self.term)));
        self.acts
    }

    /// Something became of a stream.
    pub(super) fn report(&mut self, number: u64, report: Report, now: Duration) {
        let Some(stream) = self.streams.iter().find(|stream| stream.number == number) else { return };
        match (report, stream.phase) {
            // It takes over with its first event.
            (Report::Opened, _) => {}
            (Report::Event { name: event_name::BYE, .. }, Phase::Opening { .. }) => self.lost(number, Lost::Ended, now),
            (Report::Event { name, data }, phase) => {
                let Some(name) = event_name::known(name) else { return };
                let takes_over = !matches!(phase, Phase::Open { .. });
                if takes_over {
                    self.take_over(number, Some(data).filter(|_| name == event_name::HELLO), now);
                }
                if !(takes_over && name == event_name::HELLO) {
                    self.hand_on(number, name, data);
                }
                if name == event_name::BYE {
                    // Those whom it served hear it, and come back by themselves.
                    self.asked.retain(|asked| asked.stream != Some(number));
                }
                if takes_over || self.is_unsettled || name == event_name::BYE {
                    self.settle(now);
                } else {
                    self.tick(now);
                }
            }
            (Report::Lost(lost), _) => self.lost(number, lost, now),
        }
    }

    /// A stream has its first event: what it is to serve is served by it from now on.
    fn take_over(&mut self, number: u64, hello: Option<&str>, now: Duration) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.number == number) else { return };
        let is_mended = stream.phase == Phase::Mending;
        stream.phase = Phase::Open { since: now };
        let epoch = hello.and_then(epoch_of);
        stream.is_whole = epoch.is_some();
        stream.has_heartbeat = hello.is_some_and(|hello| Hello::parse(hello).is_ok_and(|it| it.heartbeat().is_some()));
        stream.has_beaten = false;
        let mut wishes = Vec::new();
        let is_for = |asked: &&mut Asked| match is_mended {
            true => asked.stream == Some(number),
            false => stream.wishes.contains(&asked.wish),
        };
        for asked in self.asked.iter_mut().filter(is_for) {
            asked.stream = Some(number);
            epoch.iter().for_each(|epoch| asked.holding.begin(epoch));
            wishes.push(asked.wish);
        }
        self.epoch = epoch.or(self.epoch.take());
        self.say(Message::Serves { term: self.term, stream: number, wishes, hello: hello.map(str::to_owned) });
    }

    /// Hands an event on to those whom the stream serves.
    fn hand_on(&mut self, number: u64, name: &'static str, data: &str) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.number == number) else { return };
        let about = about(name, data);
        let epoch = if name == event_name::HELLO { epoch_of(data) } else { None };
        stream.is_whole |= epoch.is_some();
        let settles = name == event_name::HEARTBEAT && !stream.has_beaten;
        stream.has_beaten |= settles;
        self.is_unsettled |= settles;
        let mut to_all = false;
        for asked in self.asked.iter_mut().filter(|asked| asked.stream == Some(number)) {
            to_all |= asked.wish.tab != self.term.tab;
            epoch.iter().for_each(|epoch| asked.holding.begin(epoch));
            if stream.is_whole {
                asked.holding.take(name, &about);
            }
        }
        self.epoch = epoch.or(self.epoch.take());
        let message = Message::Event { term: self.term, stream: number, name, about, data: data.to_owned() };
        self.acts.push(Act::SayEvent { message, to_all });
    }

    fn lost(&mut self, number: u64, lost: Lost, now: Duration) {
        let Some(at) = self.streams.iter().position(|stream| stream.number == number) else { return };
        let mut lost = lost;
        let stream = &mut self.streams[at];
        if let Phase::Opening { .. } = stream.phase {
            let stream = self.streams.remove(at);
            if lost == Lost::BrowserRetries {
                lost = Lost::Ended;
            }
            // A wish that the server refuses is to fail alone the next time.
            if lost.is_refusal() && stream.wishes.len() > stream.waiting.len() {
                self.merge_not_before = now + MERGE_REFUSED;
            } else if stream.waiting.is_empty() {
                self.merge_not_before = now + MERGE_AGAIN;
            }
            self.lose(lost, |asked| asked.stream.is_none() && stream.waiting.contains(&asked.wish));
            self.acts.push(Act::Close { stream: number });
        } else if lost == Lost::BrowserRetries {
            stream.phase = Phase::Mending;
            let served = self.asked.iter().filter(|asked| asked.stream == Some(number));
            let wishes = served.map(|asked| asked.wish).collect();
            self.say(Message::Lost(self.term, lost, wishes));
        } else {
            self.streams.remove(at);
            self.lose(lost, |asked| asked.stream == Some(number));
            self.acts.push(Act::Close { stream: number });
        }
        self.settle(now);
    }

    /// Tells tabs that the stream of these wishes is lost: each comes back when it likes.
    fn lose(&mut self, lost: Lost, is_lost: impl Fn(&Asked) -> bool) {
        let wishes: Vec<Wish> = self.asked.iter().filter(|asked| is_lost(asked)).map(|asked| asked.wish).collect();
        if !wishes.is_empty() {
            self.asked.retain(|asked| !wishes.contains(&asked.wish));
            self.say(Message::Lost(self.term, lost, wishes));
        }
    }

    fn say(&mut self, message: Message) {
        self.acts.push(Act::Say(message));
    }

    /// Closes what nobody needs, and opens what is needed.
    fn settle(&mut self, now: Duration) {
        self.due = None;
        self.is_unsettled = false;
        self.close_unused();
        if let Some(stream) = self.streams.iter().find(|stream| matches!(stream.phase, Phase::Opening { .. })) {
            let Phase::Opening { since } = stream.phase else { return };
            // Whom it is for has patience of its own; but others are not to wait for what may never come.
            let others = self.asked.iter().any(|asked| asked.stream.is_none() && !stream.wishes.contains(&asked.wish));
            if !others && !stream.waiting.is_empty() {
                return;
            }
            if now < since + BESIDE_TIMEOUT {
                return self.wake_at(since + BESIDE_TIMEOUT);
            }
            return self.lost(stream.number, Lost::Ended, now);
        }
        if self.asked.iter().any(|asked| asked.stream.is_none() && self.is_newest(asked.wish)) {
            if !self.silent.is_empty() && now < self.gather_until {
                return self.wake_at(self.gather_until);
            }
            if self.streams.len() < MOST || now < self.merge_not_before {
                return self.open_for_waiting(now);
            }
            // There is room when streams are brought together, which is as soon as the server has said what there is.
            self.is_unsettled = true;
        }
        self.merge(now);
    }

    fn close_unused(&mut self) {
        let Self { asked, streams, acts, .. } = self;
        streams.retain(|stream| {
            let is_used = match stream.phase {
                Phase::Opening { .. } => asked.iter().any(|asked| match stream.waiting.is_empty() {
                    true => stream.wishes.contains(&asked.wish),
                    false => asked.stream.is_none() && stream.waiting.contains(&asked.wish),
                }),
                Phase::Open { .. } | Phase::Mending => asked.iter().any(|asked| asked.stream == Some(stream.number)),
            };
            if !is_used {
                acts.push(Act::Close { stream: stream.number });
            }
            is_used
        });
    }

    /// Opens a stream for those whom none serves: with what is served already if that does no harm.
    fn open_for_waiting(&mut self, now: Duration) {
        let waits = |asked: &&Asked| asked.stream.is_none() && self.is_newest(asked.wish);
        let mut union = Union::new(self.epoch.clone(), self.max_len);
        let (mut wishes, mut newcomers) = (Vec::new(), Vec::new());
        let many = self.streams.len() > MANY;
        if now >= self.merge_not_before {
            let is_served = |asked: &&Asked| asked.stream.is_some() && self.is_newest(asked.wish);
            let served = self.asked.iter().filter(is_served).filter(|asked| many || self.is_ready(asked, now));
            wishes.extend(served.filter(|asked| union.add(&asked.holding, false)).map(|asked| asked.wish));
        }
        newcomers.extend(self.asked.iter().filter(waits).filter(|asked| union.add(&asked.holding, false)));
        if newcomers.is_empty() {
            wishes.clear();
            union = Union::new(self.epoch.clone(), self.max_len);
            newcomers.extend(self.asked.iter().filter(waits).filter(|asked| union.add(&asked.holding, false)));
        }
        let waiting: Vec<Wish> = newcomers.iter().map(|asked| asked.wish).collect();
        wishes.extend(&waiting);
        self.open(union, wishes, waiting, now);
    }

    /// Brings streams together, and leaves out the keys that nobody wishes for.
    fn merge(&mut self, now: Duration) {
        let has_surplus = self.has_surplus();
        self.surplus = if has_surplus { self.surplus.or(Some(now)) } else { None };
        let any_open = self.streams.iter().any(|stream| matches!(stream.phase, Phase::Open { .. }));
        if !any_open || (self.streams.len() == 1 && !has_surplus) {
            return;
        }
        if now < self.merge_not_before {
            return self.wake_at(self.merge_not_before);
        }
        let mixed = self.streams.iter().all(|stream| stream.is_settled(now));
        let many = self.streams.len() > MANY;
        let mut union = Union::new(self.epoch.clone(), self.max_len);
        let mut wishes = Vec::new();
        for asked in self.asked.iter().filter(|asked| asked.stream.is_some() && self.is_newest(asked.wish)) {
            if (many || self.is_ready(asked, now)) && union.add(&asked.holding, mixed) {
                wishes.push(asked.wish);
            }
        }
        let is_left = |stream: &&Stream| {
            let mut served = self.asked.iter().filter(|asked| asked.stream == Some(stream.number));
            served.any(|asked| !wishes.contains(&asked.wish))
        };
        let left = self.streams.iter().filter(is_left).count();
        let is_due = self.surplus.is_some_and(|since| now >= since + LINGER);
        if left + 1 < self.streams.len() || (is_due && left + 1 == self.streams.len()) {
            return self.open(union, wishes, Vec::new(), now);
        }
        if let Some(since) = self.surplus.filter(|_| !is_due) {
            self.wake_at(since + LINGER);
        }
        if !mixed {
            self.is_unsettled = true;
            let settles = self.streams.iter().filter_map(Stream::settles).filter(|time| *time > now);
            settles.min().into_iter().for_each(|time| self.wake_at(time));
        }
    }

    fn open(&mut self, union: Union, wishes: Vec<Wish>, waiting: Vec<Wish>, now: Duration) {
        self.last += 1;
        self.surplus = None;
        let keys = union.keys().keys().cloned().collect();
        let phase = Phase::Opening { since: now };
        self.streams.push(Stream {
            number: self.last,
            phase,
            keys,
            wishes,
            waiting,
            is_whole: false,
            has_heartbeat: false,
            has_beaten: false,
        });
        self.acts.push(Act::Open { stream: self.last, ask: union.into_ask() });
        if self.asked.iter().any(|asked| asked.stream.is_none() && !self.is_opening_for(asked.wish)) {
            self.wake_at(now + BESIDE_TIMEOUT);
        }
    }

    fn is_opening_for(&self, wish: Wish) -> bool {
        self.streams.last().is_some_and(|stream| stream.wishes.contains(&wish))
    }

    /// Whether its tab has no later wish, which is to take its place.
    fn is_newest(&self, wish: Wish) -> bool {
        !self.asked.iter().any(|asked| asked.wish.tab == wish.tab && asked.wish.number > wish.number)
    }

    /// Whether it is served, and has caught up: what it holds nothing of the server does not have.
    fn is_ready(&self, asked: &Asked, now: Duration) -> bool {
        let stream = asked.stream.and_then(|number| self.streams.iter().find(|stream| stream.number == number));
        stream.is_some_and(|stream| asked.holding.is_full() || stream.is_settled(now))
    }

    fn has_surplus(&self) -> bool {
        let is_wished = |key| self.asked.iter().any(|asked| asked.holding.keys.contains(key));
        self.streams.iter().any(|stream| stream.keys.keys().any(|key| !is_wished(key)))
    }

    fn wake_at(&mut self, time: Duration) {
        self.due = Some(self.due.map_or(time, |due| due.min(time)));
    }
}
