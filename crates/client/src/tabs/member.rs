//! What every tab is, the leading one too: its wishes for streams, and what it makes of what it hears.

use super::{
    holding::{Holding, epoch_of},
    message::{Message, Report, Term, Wanted, Wish},
};
use crate::machine::Lost;
use leptos_sse_core::protocol::{SubscribeRequest, event_name};
use std::time::Duration;

/// How long a leader may take to say that it has heard of a wish, until another tab takes its place.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a tab has done by others.
#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    Say(Message),
    Tell { number: u64, what: Told },
}

/// What becomes of a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Opened,
    Event { name: &'static str, data: String },
    Lost(Lost),
}

impl Told {
    pub fn as_report(&self) -> Report<'_> {
        match self {
            Self::Opened => Report::Opened,
            Self::Event { name, data } => Report::Event { name, data },
            Self::Lost(lost) => Report::Lost(*lost),
        }
    }
}

#[derive(Debug)]
pub(super) struct Member {
    tab: u64,
    /// Counts the wishes.
    last: u64,
    leader: Option<Term>,
    wished: Vec<Wished>,
    /// The other tabs that were heard of.
    others: Vec<u64>,
    deeds: Vec<Deed>,
}

#[derive(Debug)]
struct Wished {
    number: u64,
    holding: Holding,
    /// Who serves it, by which stream.
    served: Option<(Term, u64)>,
    /// Whether the stream's hello spoke for all of it.
    is_whole: bool,
    /// Whether it was said.
    is_told: bool,
    /// Since when no leader has heard of it.
    unheard: Option<Duration>,
}

impl Member {
    pub(super) fn new(tab: u64) -> Self {
        Self { tab, last: 0, leader: None, wished: Vec::new(), others: Vec::new(), deeds: Vec::new() }
    }

    /// The other tabs that are there, as far as is known. The leader of before is not: it has the lock no more.
    pub(super) fn others(&self) -> Vec<u64> {
        let before = self.leader.map(|term| term.tab);
        self.others.iter().copied().filter(|tab| Some(*tab) != before).collect()
    }

    pub(super) fn take_deeds(&mut self) -> Vec<Deed> {
        std::mem::take(&mut self.deeds)
    }

    pub(super) fn open(&mut self, ask: &SubscribeRequest, now: Duration) -> u64 {
        self.last += 1;
        let (number, holding) = (self.last, Holding::new(ask));
        self.wished.push(Wished { number, holding, served: None, is_whole: false, is_told: false, unheard: None });
        self.say_wishes(|_| false, now);
        number
    }

    pub(super) fn close(&mut self, number: u64, now: Duration) {
        let before = self.wished.len();
        self.wished.retain(|wished| wished.number != number);
        if self.wished.len() < before {
            self.say_wishes(|_| false, now);
        }
    }

    /// Nothing is wished for any more.
    pub(super) fn leave(&mut self) {
        self.wished.clear();
        self.leader = None;
        self.deeds.push(Deed::Say(Message::Gone(self.tab)));
    }

    /// When a wish is unheard for too long, if ever.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.wished.iter().filter_map(|wished| wished.unheard).min().map(|since| since + PATIENCE)
    }

    /// Whether no leader hears, so that another tab is to take its place. It is told once.
    pub(super) fn is_unheard(&mut self, now: Duration) -> bool {
        let is_unheard = self.deadline().is_some_and(|deadline| deadline <= now);
        if is_unheard {
            self.wished.iter_mut().for_each(|wished| wished.unheard = wished.unheard.map(|_| now));
        }
        is_unheard
    }

    pub(super) fn hear(&mut self, message: Message, now: Duration) {
        match message {
            // It may be said again, for others.
            Message::Leads(term) if self.follows(term) => {}
            Message::Leads(term) => self.follow(Some(term), now),
            Message::Resigns(term) if self.follows(term) => self.follow(None, now),
            Message::Heard(term, wish) if self.follows(term) && wish.tab == self.tab => {
                let wished = self.wished.iter_mut().filter(|wished| wished.number == wish.number);
                wished.for_each(|wished| wished.unheard = None);
            }
            Message::Serves { term, stream, wishes, hello } if self.follows(term) => {
                wishes.iter().for_each(|wish| self.meet(wish.tab));
                self.be_served((term, stream), &wishes, hello.as_deref());
            }
            Message::Event { term, stream, name, about, data } if self.follows(term) => {
                for wished in self.wished.iter_mut().filter(|wished| wished.served == Some((term, stream))) {
                    if name == event_name::HELLO {
                        wished.greet(&data);
                    }
                    // Of a hub's stream a tab is given what it asked for, and no more.
                    if wished.is_whole {
                        if about.key.as_ref().is_some_and(|key| !wished.holding.keys.contains(key)) {
                            continue;
                        }
                        wished.holding.take(name, &about);
                    }
                    let what = Told::Event { name, data: data.clone() };
                    self.deeds.push(Deed::Tell { number: wished.number, what });
                }
            }
            Message::Lost(term, lost, wishes) if self.follows(term) => {
                for number in self.own(&wishes) {
                    self.deeds.push(Deed::Tell { number, what: Told::Lost(lost) });
                }
            }
            Message::Gone(tab) => self.others.retain(|other| *other != tab),
            Message::Resigns(_)
            | Message::Heard(..)
            | Message::Serves { .. }
            | Message::Event { .. }
            | Message::Lost(..) => {}
            Message::Wishes { tab, .. } => self.meet(tab),
        }
    }

    /// Whether this is the leader of now: what others say, and what it said before this tab followed it, has no meaning.
    fn follows(&self, term: Term) -> bool {
        self.leader == Some(term)
    }

    /// From now on it hears that leader, which is told what is held at this moment; or, without one, any leader that there is.
    fn follow(&mut self, leader: Option<Term>, now: Duration) {
        self.leader = leader;
        self.wished.iter_mut().for_each(|wished| wished.served = None);
        self.say_wishes(|_| true, now);
    }

    fn meet(&mut self, tab: u64) {
        if tab != self.tab && !self.others.contains(&tab) {
            self.others.push(tab);
        }
    }

    fn be_served(&mut self, by: (Term, u64), wishes: &[Wish], hello: Option<&str>) {
        // The latest first: with its hello an earlier one may be closed, which then hears nothing more.
        for number in self.own(wishes) {
            let Some(wished) = self.wished.iter_mut().find(|wished| wished.number == number) else { continue };
            wished.served = Some(by);
            wished.unheard = None;
            wished.is_whole = false;
            self.deeds.push(Deed::Tell { number, what: Told::Opened });
            if let Some(hello) = hello {
                wished.greet(hello);
                let what = Told::Event { name: event_name::HELLO, data: hello.to_owned() };
                self.deeds.push(Deed::Tell { number, what });
            }
        }
    }

    /// The numbers of one's own wishes, the latest first.
    fn own(&self, wishes: &[Wish]) -> Vec<u64> {
        let own = wishes.iter().filter(|wish| wish.tab == self.tab);
        let mut numbers: Vec<u64> = own.map(|wish| wish.number).collect();
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        numbers
    }

    /// Tells the leader of all wishes: those that it has not heard of are new to it, and so are those that are meant.
    fn say_wishes(&mut self, is_meant: impl Fn(&Wished) -> bool, now: Duration) {
        let wanted = self.wished.iter_mut().map(|wished| {
            let is_new = !wished.is_told || is_meant(wished);
            if is_new {
                wished.is_told = true;
                wished.unheard = Some(now);
            }
            Wanted { number: wished.number, is_new, ask: wished.holding.to_ask() }
        });
        let message = Message::Wishes { tab: self.tab, follows: self.leader, wanted: wanted.collect() };
        self.deeds.push(Deed::Say(message));
    }
}

impl Wished {
    fn greet(&mut self, hello: &str) {
        if let Some(epoch) = epoch_of(hello) {
            self.is_whole = true;
            self.holding.begin(&epoch);
        }
    }
}
