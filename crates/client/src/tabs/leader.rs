//! The tab that leads: which streams there are, and which requests each of them serves.
//!
//! A request is served by the stream of all if that can be, and else by one of its own until it has caught up; then one stream
//! takes the place of both. A new stream is opened beside those that it is to replace, and takes over with its first event:
//! it asks with what the tabs held when it was opened, so that what came in between comes again.

use super::{
    cursor_set::{CursorSet, about, epoch_of},
    merge::MergedRequest,
    message::{Message, RequestId, StreamReport, TabRequest, Term},
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
/// How long keys without requests stay on the stream of all.
const LINGER: Duration = Duration::from_secs(2);
/// After how long it is tried again to bring streams together, when that failed, and when the server gave none for all.
const MERGE_AGAIN: Duration = Duration::from_secs(2);
const MERGE_REFUSED: Duration = Duration::from_secs(30);
/// Browsers open six connections to one server: more streams than these are brought together, come what may.
const MANY: usize = 2;
/// And no more than these are opened, unless the server gives none for all.
const MOST: usize = 4;

/// A command of the leader, which the tab carries out.
#[derive(Debug)]
pub(super) enum LeaderCommand {
    Say(Message),
    /// Says it to all tabs if `to_all`, and else to its own alone.
    SayEvent {
        message: Message,
        to_all: bool,
    },
    Open {
        stream: u64,
        request: SubscribeRequest,
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
    /// How long the keys may be that one stream asks for.
    max_len: usize,
    served: Vec<ServedRequest>,
    streams: Vec<LeaderStream>,
    /// Counts the streams.
    last: u64,
    /// The epoch that the server named last.
    epoch: Option<Epoch>,
    /// The tabs that are still to speak, and until when they are waited for.
    silent: Vec<u64>,
    gather_until: Duration,
    /// The tabs that are watched.
    watched: Vec<u64>,
    /// Since when the stream of all has keys without requests.
    surplus: Option<Duration>,
    merge_not_before: Duration,
    /// When there is something to do, if ever.
    due: Option<Duration>,
    /// Whether to look again with each event.
    is_unsettled: bool,
    commands: Vec<LeaderCommand>,
}

/// A request, and the stream that serves it. They are held in the order of the requests.
#[derive(Debug)]
struct ServedRequest {
    request: RequestId,
    cursors: CursorSet,
    stream: Option<u64>,
}

#[derive(Debug)]
struct LeaderStream {
    number: u64,
    phase: Phase,
    keys: Keys,
    /// The requests that it is to serve.
    requests: Vec<RequestId>,
    /// Those of them that nothing serves until then; none for a stream that brings others together.
    waiting: Vec<RequestId>,
    /// Whether its hello spoke for all of it.
    is_whole: bool,
    /// Whether its hello promised heartbeats, and one came: what it has not brought until then the server does not have.
    has_heartbeat: bool,
    has_beaten: bool,
}

impl LeaderStream {
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
    /// `others`: the tabs that are known to have requests.
    pub(super) fn new(term: Term, max_len: usize, others: Vec<u64>, now: Duration) -> Self {
        Self {
            term,
            max_len,
            served: Vec::new(),
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
            commands: vec![LeaderCommand::Say(Message::Leads(term))],
        }
    }

    pub(super) fn take_commands(&mut self) -> Vec<LeaderCommand> {
        std::mem::take(&mut self.commands)
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

    /// A tab has these requests and no others.
    pub(super) fn requests(&mut self, tab: u64, follows: Option<Term>, requests: &[TabRequest], now: Duration) {
        match follows {
            Some(term) if term == self.term => {}
            // What it holds may be changed by another leader still: it says so again when it has heard who leads.
            Some(_) => return,
            None => return self.say(Message::Leads(self.term)),
        }
        self.served.retain(|served| {
            served.request.tab != tab || requests.iter().any(|wanted| wanted.number == served.request.number)
        });
        for wanted in requests {
            let request = RequestId { tab, number: wanted.number };
            let place = self.served.binary_search_by_key(&request, |served| served.request);
            let served = || ServedRequest { request, cursors: CursorSet::new(&wanted.request), stream: None };
            match place {
                // It followed another leader meanwhile, and has not heard what it was sent.
                Ok(place) if wanted.is_new => {
                    self.served[place] = served();
                    for stream in self.streams.iter_mut().filter(|stream| matches!(stream.phase, Phase::Opening { .. }))
                    {
                        stream.requests.retain(|opened| *opened != request);
                        stream.waiting.retain(|opened| *opened != request);
                    }
                }
                Ok(_) => {}
                Err(place) => self.served.insert(place, served()),
            }
            self.say(Message::Heard(self.term, request));
        }
        self.silent.retain(|silent| *silent != tab);
        if tab != self.term.tab && !requests.is_empty() && !self.watched.contains(&tab) {
            self.watched.push(tab);
            self.commands.push(LeaderCommand::Watch { tab });
        }
        self.settle(now);
    }

    pub(super) fn gone(&mut self, tab: u64, now: Duration) {
        self.served.retain(|served| served.request.tab != tab);
        self.silent.retain(|silent| *silent != tab);
        self.watched.retain(|watched| *watched != tab);
        self.settle(now);
    }

    /// Leads no more.
    pub(super) fn resign(mut self) -> Vec<LeaderCommand> {
        self.streams.iter().for_each(|stream| self.commands.push(LeaderCommand::Close { stream: stream.number }));
        self.commands.push(LeaderCommand::Say(Message::Resigns(self.term)));
        self.commands
    }

    /// Something became of a stream.
    pub(super) fn report(&mut self, number: u64, report: StreamReport, now: Duration) {
        let Some(stream) = self.streams.iter().find(|stream| stream.number == number) else { return };
        match (report, stream.phase) {
            // It takes over with its first event.
            (StreamReport::Opened, _) => {}
            (StreamReport::Event { name: event_name::BYE, .. }, Phase::Opening { .. }) => {
                self.lost(number, Lost::Ended, now)
            }
            (StreamReport::Event { name, data }, phase) => {
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
                    self.served.retain(|served| served.stream != Some(number));
                }
                if takes_over || self.is_unsettled || name == event_name::BYE {
                    self.settle(now);
                } else {
                    self.tick(now);
                }
            }
            (StreamReport::Lost(lost), _) => self.lost(number, lost, now),
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
        let mut requests = Vec::new();
        let is_for = |served: &&mut ServedRequest| match is_mended {
            true => served.stream == Some(number),
            false => stream.requests.contains(&served.request),
        };
        for served in self.served.iter_mut().filter(is_for) {
            served.stream = Some(number);
            epoch.iter().for_each(|epoch| served.cursors.begin(epoch));
            requests.push(served.request);
        }
        self.epoch = epoch.or(self.epoch.take());
        self.say(Message::Serves { term: self.term, stream: number, requests, hello: hello.map(str::to_owned) });
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
        for served in self.served.iter_mut().filter(|served| served.stream == Some(number)) {
            to_all |= served.request.tab != self.term.tab;
            epoch.iter().for_each(|epoch| served.cursors.begin(epoch));
            if stream.is_whole {
                served.cursors.take(name, &about);
            }
        }
        self.epoch = epoch.or(self.epoch.take());
        let message = Message::Event { term: self.term, stream: number, name, about, data: data.to_owned() };
        self.commands.push(LeaderCommand::SayEvent { message, to_all });
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
            // A request that the server refuses is to fail alone the next time.
            if lost.is_refusal() && stream.requests.len() > stream.waiting.len() {
                self.merge_not_before = now + MERGE_REFUSED;
            } else if stream.waiting.is_empty() {
                self.merge_not_before = now + MERGE_AGAIN;
            }
            self.lose(lost, |served| served.stream.is_none() && stream.waiting.contains(&served.request));
            self.commands.push(LeaderCommand::Close { stream: number });
        } else if lost == Lost::BrowserRetries {
            stream.phase = Phase::Mending;
            let served = self.served.iter().filter(|served| served.stream == Some(number));
            let requests = served.map(|served| served.request).collect();
            self.say(Message::Lost(self.term, lost, requests));
        } else {
            self.streams.remove(at);
            self.lose(lost, |served| served.stream == Some(number));
            self.commands.push(LeaderCommand::Close { stream: number });
        }
        self.settle(now);
    }

    /// Tells tabs that the stream of these requests is lost: each comes back when it likes.
    fn lose(&mut self, lost: Lost, is_lost: impl Fn(&ServedRequest) -> bool) {
        let requests: Vec<RequestId> =
            self.served.iter().filter(|served| is_lost(served)).map(|served| served.request).collect();
        if !requests.is_empty() {
            self.served.retain(|served| !requests.contains(&served.request));
            self.say(Message::Lost(self.term, lost, requests));
        }
    }

    fn say(&mut self, message: Message) {
        self.commands.push(LeaderCommand::Say(message));
    }

    /// Closes what nobody needs, and opens what is needed.
    fn settle(&mut self, now: Duration) {
        self.due = None;
        self.is_unsettled = false;
        self.close_unused();
        if let Some(stream) = self.streams.iter().find(|stream| matches!(stream.phase, Phase::Opening { .. })) {
            let Phase::Opening { since } = stream.phase else { return };
            // Whom it is for has patience of its own; but others are not to wait for what may never come.
            let others =
                self.served.iter().any(|served| served.stream.is_none() && !stream.requests.contains(&served.request));
            if !others && !stream.waiting.is_empty() {
                return;
            }
            if now < since + BESIDE_TIMEOUT {
                return self.wake_at(since + BESIDE_TIMEOUT);
            }
            return self.lost(stream.number, Lost::Ended, now);
        }
        if self.served.iter().any(|served| served.stream.is_none() && self.is_newest(served.request)) {
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
        let Self { served, streams, commands, .. } = self;
        streams.retain(|stream| {
            let is_used = match stream.phase {
                Phase::Opening { .. } => served.iter().any(|served| match stream.waiting.is_empty() {
                    true => stream.requests.contains(&served.request),
                    false => served.stream.is_none() && stream.waiting.contains(&served.request),
                }),
                Phase::Open { .. } | Phase::Mending => served.iter().any(|served| served.stream == Some(stream.number)),
            };
            if !is_used {
                commands.push(LeaderCommand::Close { stream: stream.number });
            }
            is_used
        });
    }

    /// Opens a stream for those whom none serves: with what is served already if that does no harm.
    fn open_for_waiting(&mut self, now: Duration) {
        let waits = |served: &&ServedRequest| served.stream.is_none() && self.is_newest(served.request);
        let mut merged = MergedRequest::new(self.epoch.clone(), self.max_len);
        let (mut requests, mut newcomers) = (Vec::new(), Vec::new());
        let many = self.streams.len() > MANY;
        if now >= self.merge_not_before {
            let is_served = |served: &&ServedRequest| served.stream.is_some() && self.is_newest(served.request);
            let served = self.served.iter().filter(is_served).filter(|served| many || self.is_ready(served, now));
            requests.extend(served.filter(|served| merged.add(&served.cursors, false)).map(|served| served.request));
        }
        newcomers.extend(self.served.iter().filter(waits).filter(|served| merged.add(&served.cursors, false)));
        if newcomers.is_empty() {
            requests.clear();
            merged = MergedRequest::new(self.epoch.clone(), self.max_len);
            newcomers.extend(self.served.iter().filter(waits).filter(|served| merged.add(&served.cursors, false)));
        }
        let waiting: Vec<RequestId> = newcomers.iter().map(|served| served.request).collect();
        requests.extend(&waiting);
        self.open(merged, requests, waiting, now);
    }

    /// Brings streams together, and leaves out the keys without requests.
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
        let mut merged = MergedRequest::new(self.epoch.clone(), self.max_len);
        let mut requests = Vec::new();
        for served in self.served.iter().filter(|served| served.stream.is_some() && self.is_newest(served.request)) {
            if (many || self.is_ready(served, now)) && merged.add(&served.cursors, mixed) {
                requests.push(served.request);
            }
        }
        let is_left = |stream: &&LeaderStream| {
            let mut served = self.served.iter().filter(|served| served.stream == Some(stream.number));
            served.any(|served| !requests.contains(&served.request))
        };
        let left = self.streams.iter().filter(is_left).count();
        let is_due = self.surplus.is_some_and(|since| now >= since + LINGER);
        if left + 1 < self.streams.len() || (is_due && left + 1 == self.streams.len()) {
            return self.open(merged, requests, Vec::new(), now);
        }
        if let Some(since) = self.surplus.filter(|_| !is_due) {
            self.wake_at(since + LINGER);
        }
        if !mixed {
            self.is_unsettled = true;
            let settles = self.streams.iter().filter_map(LeaderStream::settles).filter(|time| *time > now);
            settles.min().into_iter().for_each(|time| self.wake_at(time));
        }
    }

    fn open(&mut self, merged: MergedRequest, requests: Vec<RequestId>, waiting: Vec<RequestId>, now: Duration) {
        self.last += 1;
        self.surplus = None;
        let keys = merged.keys().keys().cloned().collect();
        let phase = Phase::Opening { since: now };
        self.streams.push(LeaderStream {
            number: self.last,
            phase,
            keys,
            requests,
            waiting,
            is_whole: false,
            has_heartbeat: false,
            has_beaten: false,
        });
        self.commands.push(LeaderCommand::Open { stream: self.last, request: merged.into_request() });
        if self.served.iter().any(|served| served.stream.is_none() && !self.is_opening_for(served.request)) {
            self.wake_at(now + BESIDE_TIMEOUT);
        }
    }

    fn is_opening_for(&self, request: RequestId) -> bool {
        self.streams.last().is_some_and(|stream| stream.requests.contains(&request))
    }

    /// Whether its tab has no later request, which is to take its place.
    fn is_newest(&self, request: RequestId) -> bool {
        !self.served.iter().any(|served| served.request.tab == request.tab && served.request.number > request.number)
    }

    /// Whether it is served, and has caught up: what it holds nothing of the server does not have.
    fn is_ready(&self, served: &ServedRequest, now: Duration) -> bool {
        let stream = served.stream.and_then(|number| self.streams.iter().find(|stream| stream.number == number));
        stream.is_some_and(|stream| served.cursors.is_full() || stream.is_settled(now))
    }

    fn has_surplus(&self) -> bool {
        let is_requested = |key| self.served.iter().any(|served| served.cursors.keys.contains(key));
        self.streams.iter().any(|stream| stream.keys.keys().any(|key| !is_requested(key)))
    }

    fn wake_at(&mut self, time: Duration) {
        self.due = Some(self.due.map_or(time, |due| due.min(time)));
    }
}
