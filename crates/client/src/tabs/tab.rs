//! One tab among others: always a follower, and the leader when it has the lock.

use super::{
    follower::{Follower, FollowerCommand, OwnedReport},
    leader::{Leader, LeaderCommand},
    message::{Message, StreamReport, Term},
};
use crate::subscriptions::max_len;
use leptos_sse_core::protocol::SubscribeRequest;
use std::time::Duration;

/// A command for the browser.
#[derive(Debug, PartialEq)]
pub enum TabCommand {
    /// Sends a text to all other tabs.
    Post(String),
    /// Tells the connection what became of a stream that it asked for.
    Tell {
        /// The number of the request.
        number: u64,
        /// What became of the stream.
        what: OwnedReport,
    },
    /// Opens a stream to the server.
    Open {
        /// The number of the stream.
        stream: u64,
        /// What it asks for.
        request: SubscribeRequest,
    },
    /// Closes it.
    Close {
        /// The number of the stream.
        stream: u64,
    },
    /// Tells by [`Tab::gone`] when another tab is there no more.
    Watch {
        /// The number of the tab.
        tab: u64,
    },
    /// Watches no tab any more.
    Unwatch,
    /// Takes the lock from a leader that does not hear.
    Steal,
}

/// The state of one tab: requests and messages go in, and [`take_commands`](Self::take_commands) returns what the browser must do.
#[derive(Debug)]
pub struct Tab {
    number: u64,
    /// How long the keys may be that are asked for at once.
    max_len: usize,
    follower: Follower,
    leader: Option<Leader>,
    /// Counts the times that it led.
    terms: u64,
    commands: Vec<TabCommand>,
}

impl Tab {
    /// `number`: a random one. `posts`: whether many keys are asked for by POST.
    pub fn new(number: u64, posts: bool) -> Self {
        let max_len = max_len(posts);
        Self { number, max_len, follower: Follower::new(number), leader: None, terms: 0, commands: Vec::new() }
    }

    /// The number that the other tabs know it by.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the commands that the browser must carry out, in their order.
    pub fn take_commands(&mut self) -> Vec<TabCommand> {
        std::mem::take(&mut self.commands)
    }

    /// The connection requests a stream. Returns the number of the request.
    pub fn open(&mut self, request: &SubscribeRequest, now: Duration) -> u64 {
        let number = self.follower.open(request, now);
        self.pass_on(now);
        number
    }

    /// The connection has no use for a stream any more.
    pub fn close(&mut self, number: u64, now: Duration) {
        self.follower.close(number, now);
        self.pass_on(now);
    }

    /// Another tab has sent a text.
    pub fn hear(&mut self, text: &str, now: Duration) {
        let Some(message) = Message::read(text) else { return };
        // Whether this tab leads the lock says, and no message that may be late: it follows itself until then.
        if self.leader.is_some() && matches!(message, Message::Leads(_)) {
            return;
        }
        self.hand_over(message, now);
        self.pass_on(now);
    }

    /// The tab has the lock.
    pub fn lead(&mut self, now: Duration) {
        self.resign(now);
        self.terms += 1;
        let term = Term { tab: self.number, number: self.terms };
        self.leader = Some(Leader::new(term, self.max_len, self.follower.others(), now));
        self.pass_on(now);
    }

    /// The tab has the lock no more.
    pub fn resign(&mut self, now: Duration) {
        if let Some(leader) = self.leader.take() {
            self.let_go(leader, now);
        }
    }

    /// The page is left: for good, or until it is shown again.
    pub fn leave(&mut self, now: Duration) {
        let leader = self.leader.take();
        self.follower.leave();
        self.pass_on(now);
        if let Some(leader) = leader {
            self.let_go(leader, now);
        }
    }

    /// Another tab is there no more.
    pub fn gone(&mut self, tab: u64, now: Duration) {
        if self.leader.is_some() {
            self.commands.push(TabCommand::Post(Message::Gone(tab).write()));
            self.hand_over(Message::Gone(tab), now);
            self.pass_on(now);
        }
    }

    /// Something became of a stream to the server.
    pub fn report(&mut self, stream: u64, report: StreamReport, now: Duration) {
        if let Some(leader) = &mut self.leader {
            leader.report(stream, report, now);
            self.pass_on(now);
        }
    }

    /// When [`tick`](Self::tick) has something to do, if ever.
    pub fn deadline(&self) -> Option<Duration> {
        let leader = self.leader.as_ref().and_then(Leader::deadline);
        [leader, self.follower.deadline()].into_iter().flatten().min()
    }

    /// Time has passed; the [`deadline`](Self::deadline) may be reached.
    pub fn tick(&mut self, now: Duration) {
        if let Some(leader) = &mut self.leader {
            leader.tick(now);
        }
        if self.follower.is_unheard(now) {
            self.commands.push(TabCommand::Steal);
        }
        self.pass_on(now);
    }

    fn let_go(&mut self, leader: Leader, now: Duration) {
        self.commands.push(TabCommand::Unwatch);
        self.carry_out(leader.resign(), now);
        self.pass_on(now);
    }

    /// Does what the two have to do, until neither has anything more.
    fn pass_on(&mut self, now: Duration) {
        loop {
            let of_leader = self.leader.as_mut().map(Leader::take_commands).unwrap_or_default();
            let of_follower = self.follower.take_commands();
            if of_leader.is_empty() && of_follower.is_empty() {
                return;
            }
            self.carry_out(of_leader, now);
            for command in of_follower {
                match command {
                    FollowerCommand::Tell { number, what } => self.commands.push(TabCommand::Tell { number, what }),
                    FollowerCommand::Say(message) if self.leader.is_some() => self.hand_over(message, now),
                    FollowerCommand::Say(message) => self.commands.push(TabCommand::Post(message.write())),
                }
            }
        }
    }

    fn carry_out(&mut self, commands: Vec<LeaderCommand>, now: Duration) {
        for command in commands {
            match command {
                LeaderCommand::Say(message) => {
                    if self.concerns_others(&message) {
                        self.commands.push(TabCommand::Post(message.write()));
                    }
                    self.follower.hear(message, now);
                }
                LeaderCommand::SayEvent { message, to_all } => {
                    if to_all {
                        self.commands.push(TabCommand::Post(message.write()));
                    }
                    self.follower.hear(message, now);
                }
                LeaderCommand::Open { stream, request } => self.commands.push(TabCommand::Open { stream, request }),
                LeaderCommand::Close { stream } => self.commands.push(TabCommand::Close { stream }),
                LeaderCommand::Watch { tab } => self.commands.push(TabCommand::Watch { tab }),
            }
        }
    }

    fn concerns_others(&self, message: &Message) -> bool {
        match message {
            Message::Heard(_, request) => request.tab != self.number,
            Message::Serves { requests, .. } | Message::Lost(_, _, requests) => {
                requests.iter().any(|request| request.tab != self.number)
            }
            _ => true,
        }
    }

    /// Gives a message to those in this tab whom it concerns.
    fn hand_over(&mut self, message: Message, now: Duration) {
        if let Some(leader) = &mut self.leader {
            match &message {
                Message::Requests { tab, follows, wanted } => leader.requests(*tab, *follows, wanted, now),
                Message::Gone(tab) => leader.gone(*tab, now),
                _ => {}
            }
        }
        self.follower.hear(message, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Lost;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ask(query: &str) -> SubscribeRequest {
        SubscribeRequest::parse(query).unwrap()
    }

    /// A tab that leads, and another one; what either posts comes to the other.
    struct Pair {
        leader: Tab,
        other: Tab,
        /// What was opened and closed, and what the two were told.
        log: Vec<String>,
    }

    impl Pair {
        fn new() -> Self {
            let mut pair = Self { leader: Tab::new(1, false), other: Tab::new(2, false), log: Vec::new() };
            pair.leader.lead(seconds(0));
            pair.flow();
            pair
        }

        fn flow(&mut self) {
            loop {
                let commands = [self.leader.take_commands(), self.other.take_commands()];
                if commands.iter().all(Vec::is_empty) {
                    return;
                }
                for (at, command) in
                    commands.into_iter().enumerate().flat_map(|(at, all)| all.into_iter().map(move |o| (at, o)))
                {
                    match command {
                        TabCommand::Post(text) if at == 0 => self.other.hear(&text, seconds(0)),
                        TabCommand::Post(text) => self.leader.hear(&text, seconds(0)),
                        TabCommand::Open { stream, request } => {
                            let query = request.to_query().replace("&ops=str", "");
                            self.log.push(format!("open {stream} {query}"));
                        }
                        TabCommand::Close { stream } => self.log.push(format!("close {stream}")),
                        TabCommand::Tell { number, what: OwnedReport::Lost(_) } => {
                            self.log.push(format!("tab {} lost {number}", at + 1))
                        }
                        TabCommand::Tell { number, what: OwnedReport::Event { name, .. } } if name != "hello" => {
                            self.log.push(format!("tab {} {name} {number}", at + 1));
                        }
                        _ => {}
                    }
                }
            }
        }

        fn event(&mut self, stream: u64, name: &str, data: &str, now: u64) {
            self.leader.report(stream, StreamReport::Event { name, data }, seconds(now));
            self.flow();
        }

        fn hello(&mut self, stream: u64, now: u64) {
            self.event(stream, "hello", r#"{"epoch":"e","heartbeat":15000}"#, now);
        }

        fn log(&mut self) -> Vec<String> {
            self.flow();
            std::mem::take(&mut self.log)
        }
    }

    #[test]
    fn who_holds_nothing_has_a_stream_of_its_own_until_it_does() {
        let mut pair = Pair::new();
        pair.leader.open(&ask("epoch=e&s=a~5&ops=str"), seconds(0));
        assert_eq!(pair.log(), ["open 1 epoch=e&s=a~5"]);
        pair.hello(1, 0);
        pair.other.open(&ask("s=a&ops=str"), seconds(1));
        assert_eq!(pair.log(), ["open 2 s=a"]);
        pair.hello(2, 1);
        assert!(pair.log().is_empty());
        pair.event(2, "message", r#"{"name":"a","to":7,"patch":[]}"#, 1);
        assert_eq!(pair.log(), ["open 3 epoch=e&s=a~5", "tab 2 message 1"]);
        pair.hello(3, 1);
        assert_eq!(pair.log(), ["close 1", "close 2"]);
        pair.event(3, "message", r#"{"name":"a","from":7,"to":8,"patch":[]}"#, 1);
        assert_eq!(pair.log(), ["tab 1 message 1", "tab 2 message 1"]);
    }

    #[test]
    fn a_tab_is_given_the_keys_that_it_asked_for_and_no_others() {
        let mut pair = Pair::new();
        pair.leader.open(&ask("epoch=e&s=a~5&ops=str"), seconds(0));
        pair.flow();
        pair.hello(1, 0);
        pair.other.open(&ask("epoch=e&s=b~6&ops=str"), seconds(1));
        assert_eq!(pair.log(), ["open 1 epoch=e&s=a~5", "open 2 epoch=e&s=a~5&s=b~6"]);
        pair.hello(2, 1);
        pair.event(2, "message", r#"{"name":"b","from":6,"to":7,"patch":[]}"#, 1);
        pair.event(2, "refused", r#"{"name":"a","reason":"no"}"#, 1);
        pair.event(2, "hb", "e.7", 1);
        assert_eq!(pair.log(), ["close 1", "tab 2 message 1", "tab 1 refused 1", "tab 1 hb 1", "tab 2 hb 1"]);
    }

    #[test]
    fn a_request_that_the_server_refuses_harms_no_other_and_fails_alone_the_next_time() {
        let mut pair = Pair::new();
        pair.leader.open(&ask("epoch=e&s=a~5&ops=str"), seconds(0));
        pair.flow();
        pair.hello(1, 0);
        let request = pair.other.open(&ask("epoch=e&s=b~6&ops=str"), seconds(1));
        pair.log();
        pair.leader.report(2, StreamReport::Lost(Lost::Refused { status: 403, retry_after: None }), seconds(1));
        assert_eq!(pair.log(), ["close 2", "tab 2 lost 1"]);
        pair.other.close(request, seconds(1));
        pair.other.open(&ask("epoch=e&s=b~6&ops=str"), seconds(2));
        assert_eq!(pair.log(), ["open 3 epoch=e&s=b~6"]);
    }

    #[test]
    fn a_tab_is_served_from_what_it_holds_when_it_hears_who_leads() {
        let (mut leader, mut other) = (Tab::new(1, false), Tab::new(2, false));
        let post = |tab: &mut Tab| {
            let posts = |command| if let TabCommand::Post(text) = command { Some(text) } else { None };
            tab.take_commands().into_iter().filter_map(posts).collect::<Vec<_>>()
        };
        let hear = |tab: &mut Tab, texts: Vec<String>| texts.iter().for_each(|text| tab.hear(text, seconds(0)));
        let opened = |tab: &mut Tab| {
            tab.tick(seconds(1));
            tab.take_commands().into_iter().filter(|command| matches!(command, TabCommand::Open { .. })).count()
        };
        other.open(&ask("s=g"), seconds(0));
        let early = post(&mut other);
        leader.lead(seconds(0));
        // On the way when it began to lead.
        hear(&mut leader, early);
        let leads = post(&mut leader);
        assert_eq!(leads.len(), 2, "it says to whoever does not know that it leads: {leads:?}");
        hear(&mut other, leads);
        hear(&mut leader, post(&mut other));
        assert_eq!(opened(&mut leader), 1);

        // Meanwhile another tab has led, so that it has not heard what it was sent.
        hear(&mut other, vec!["leads 3 1".to_owned()]);
        hear(&mut leader, post(&mut other));
        assert_eq!(opened(&mut leader), 0);
        hear(&mut other, vec!["resigns 3 1".to_owned()]);
        hear(&mut leader, post(&mut other));
        hear(&mut other, post(&mut leader));
        hear(&mut leader, post(&mut other));
        assert_eq!(opened(&mut leader), 1);
    }

    #[test]
    fn a_key_that_nobody_requests_any_more_is_left_out_before_the_next_heartbeat() {
        let mut pair = Pair::new();
        pair.leader.open(&ask("epoch=e&s=a~5&ops=str"), seconds(0));
        let request = pair.other.open(&ask("epoch=e&s=b~6&ops=str"), seconds(0));
        pair.flow();
        pair.hello(1, 0);
        pair.hello(2, 0);
        pair.log();
        pair.other.close(request, seconds(0));
        assert!(pair.log().is_empty());
        assert_eq!(pair.leader.deadline(), Some(seconds(2)));
        pair.leader.tick(seconds(2));
        assert_eq!(pair.log(), ["open 3 epoch=e&s=a~5"]);
    }

    #[test]
    fn a_leader_that_does_not_hear_is_replaced() {
        let mut tab = Tab::new(1, false);
        tab.open(&ask("s=a"), seconds(0));
        tab.take_commands();
        assert_eq!(tab.deadline(), Some(seconds(3)));
        tab.tick(seconds(3));
        assert_eq!(tab.take_commands(), [TabCommand::Steal]);
        tab.lead(seconds(3));
        let commands = tab.take_commands();
        assert!(commands.iter().any(|command| matches!(command, TabCommand::Open { .. })), "{commands:?}");
    }
}
