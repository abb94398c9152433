//! The part that every tab has, the leading one too: its requests for streams, and what it hears of them.

use super::{
    cursor_set::{CursorSet, epoch_of},
    message::{Message, RequestId, StreamReport, TabRequest, Term},
};
use crate::machine::Lost;
use leptos_sse_core::protocol::{SubscribeRequest, event_name};
use std::time::Duration;

/// How long a leader may take to say that it has heard of a request, until another tab takes its place.
const PATIENCE: Duration = Duration::from_secs(3);

/// A command of the follower, which the tab carries out.
#[derive(Debug, PartialEq)]
pub(super) enum FollowerCommand {
    Say(Message),
    Tell { number: u64, what: OwnedReport },
}

/// What becomes of a requested stream; a [`StreamReport`] that owns its data.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedReport {
    /// The server answers with events.
    Opened,
    /// An event came.
    Event { name: &'static str, data: String },
    /// There are no events, or no more of them.
    Lost(Lost),
}

impl OwnedReport {
    /// The same, borrowed.
    pub fn as_report(&self) -> StreamReport<'_> {
        match self {
            Self::Opened => StreamReport::Opened,
            Self::Event { name, data } => StreamReport::Event { name, data },
            Self::Lost(lost) => StreamReport::Lost(*lost),
        }
    }
}

#[derive(Debug)]
pub(super) struct Follower {
    tab: u64,
    /// Counts the requests.
    last: u64,
    leader: Option<Term>,
    pending: Vec<PendingRequest>,
    /// The other tabs that were heard of.
    others: Vec<u64>,
    commands: Vec<FollowerCommand>,
}

#[derive(Debug)]
struct PendingRequest {
    number: u64,
    cursors: CursorSet,
    /// Who serves it, by which stream.
    served: Option<(Term, u64)>,
    /// Whether the stream's hello spoke for all of it.
    is_whole: bool,
    /// Whether it was said.
    is_told: bool,
    /// Since when no leader has heard of it.
    unheard: Option<Duration>,
}

impl Follower {
    pub(super) fn new(tab: u64) -> Self {
        Self { tab, last: 0, leader: None, pending: Vec::new(), others: Vec::new(), commands: Vec::new() }
    }

    /// The other tabs that are there, as far as is known. The leader of before is not: it has the lock no more.
    pub(super) fn others(&self) -> Vec<u64> {
        let before = self.leader.map(|term| term.tab);
        self.others.iter().copied().filter(|tab| Some(*tab) != before).collect()
    }

    pub(super) fn take_commands(&mut self) -> Vec<FollowerCommand> {
        std::mem::take(&mut self.commands)
    }

    pub(super) fn open(&mut self, request: &SubscribeRequest, now: Duration) -> u64 {
        self.last += 1;
        let (number, cursors) = (self.last, CursorSet::new(request));
        self.pending.push(PendingRequest {
            number,
            cursors,
            served: None,
            is_whole: false,
            is_told: false,
            unheard: None,
        });
        self.say_requests(|_| false, now);
        number
    }

    pub(super) fn close(&mut self, number: u64, now: Duration) {
        let before = self.pending.len();
        self.pending.retain(|pending| pending.number != number);
        if self.pending.len() < before {
            self.say_requests(|_| false, now);
        }
    }

    /// Drops all requests.
    pub(super) fn leave(&mut self) {
        self.pending.clear();
        self.leader = None;
        self.commands.push(FollowerCommand::Say(Message::Gone(self.tab)));
    }

    /// When a request is unheard for too long, if ever.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.pending.iter().filter_map(|pending| pending.unheard).min().map(|since| since + PATIENCE)
    }

    /// Whether no leader hears, so that another tab is to take its place. It is told once.
    pub(super) fn is_unheard(&mut self, now: Duration) -> bool {
        let is_unheard = self.deadline().is_some_and(|deadline| deadline <= now);
        if is_unheard {
            self.pending.iter_mut().for_each(|pending| pending.unheard = pending.unheard.map(|_| now));
        }
        is_unheard
    }

    pub(super) fn hear(&mut self, message: Message, now: Duration) {
        match message {
            // It may be said again, for others.
            Message::Leads(term) if self.follows(term) => {}
            Message::Leads(term) => self.follow(Some(term), now),
            Message::Resigns(term) if self.follows(term) => self.follow(None, now),
            Message::Heard(term, request) if self.follows(term) && request.tab == self.tab => {
                let pending = self.pending.iter_mut().filter(|pending| pending.number == request.number);
                pending.for_each(|pending| pending.unheard = None);
            }
            Message::Serves { term, stream, requests, hello } if self.follows(term) => {
                requests.iter().for_each(|request| self.meet(request.tab));
                self.be_served((term, stream), &requests, hello.as_deref());
            }
            Message::Event { term, stream, name, about, data } if self.follows(term) => {
                for pending in self.pending.iter_mut().filter(|pending| pending.served == Some((term, stream))) {
                    if name == event_name::HELLO {
                        pending.greet(&data);
                    }
                    // Of a hub's stream a tab is given what it asked for, and no more.
                    if pending.is_whole {
                        if about.key.as_ref().is_some_and(|key| !pending.cursors.keys.contains(key)) {
                            continue;
                        }
                        pending.cursors.take(name, &about);
                    }
                    let what = OwnedReport::Event { name, data: data.clone() };
                    self.commands.push(FollowerCommand::Tell { number: pending.number, what });
                }
            }
            Message::Lost(term, lost, requests) if self.follows(term) => {
                for number in self.own(&requests) {
                    self.commands.push(FollowerCommand::Tell { number, what: OwnedReport::Lost(lost) });
                }
            }
            Message::Gone(tab) => self.others.retain(|other| *other != tab),
            Message::Resigns(_)
            | Message::Heard(..)
            | Message::Serves { .. }
            | Message::Event { .. }
            | Message::Lost(..) => {}
            Message::Requests { tab, .. } => self.meet(tab),
        }
    }

    /// Whether this is the leader of now: what others say, and what it said before this tab followed it, has no meaning.
    fn follows(&self, term: Term) -> bool {
        self.leader == Some(term)
    }

    /// From now on it hears that leader, which is told what is held at this moment; or, without one, any leader that there is.
    fn follow(&mut self, leader: Option<Term>, now: Duration) {
        self.leader = leader;
        self.pending.iter_mut().for_each(|pending| pending.served = None);
        self.say_requests(|_| true, now);
    }

    fn meet(&mut self, tab: u64) {
        if tab != self.tab && !self.others.contains(&tab) {
            self.others.push(tab);
        }
    }

    fn be_served(&mut self, by: (Term, u64), requests: &[RequestId], hello: Option<&str>) {
        // The latest first: with its hello an earlier one may be closed, which then hears nothing more.
        for number in self.own(requests) {
            let Some(pending) = self.pending.iter_mut().find(|pending| pending.number == number) else { continue };
            pending.served = Some(by);
            pending.unheard = None;
            pending.is_whole = false;
            self.commands.push(FollowerCommand::Tell { number, what: OwnedReport::Opened });
            if let Some(hello) = hello {
                pending.greet(hello);
                let what = OwnedReport::Event { name: event_name::HELLO, data: hello.to_owned() };
                self.commands.push(FollowerCommand::Tell { number, what });
            }
        }
    }

    /// The numbers of one's own requests, the latest first.
    fn own(&self, requests: &[RequestId]) -> Vec<u64> {
        let own = requests.iter().filter(|request| request.tab == self.tab);
        let mut numbers: Vec<u64> = own.map(|request| request.number).collect();
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        numbers
    }

    /// Tells the leader of all requests: those that it has not heard of are new to it, and so are those that are meant.
    fn say_requests(&mut self, is_meant: impl Fn(&PendingRequest) -> bool, now: Duration) {
        let wanted = self.pending.iter_mut().map(|pending| {
            let is_new = !pending.is_told || is_meant(pending);
            if is_new {
                pending.is_told = true;
                pending.unheard = Some(now);
            }
            TabRequest { number: pending.number, is_new, request: pending.cursors.to_request() }
        });
        let message = Message::Requests { tab: self.tab, follows: self.leader, wanted: wanted.collect() };
        self.commands.push(FollowerCommand::Say(message));
    }
}

impl PendingRequest {
    fn greet(&mut self, hello: &str) {
        if let Some(epoch) = epoch_of(hello) {
            self.is_whole = true;
            self.cursors.begin(&epoch);
        }
    }
}
