//! A page whose keys, streams and network are left to chance.

use super::{
    hub_model::{FEEDS, Hub, Page, SIGNALS, Stream},
    *,
};
use leptos_sse_core::protocol::Cursor;
use proptest::prelude::*;
use std::collections::VecDeque;

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

struct World {
    page: Page,
    fake: Fake,
    hub: Hub,
    lives: u64,
    stream: Option<(Stream, String)>,
    beside: Option<(Stream, String)>,
    /// What parts of the page bring that are not hydrated yet.
    rendered: VecDeque<(&'static str, Document, Cursor)>,
}

impl World {
    fn new() -> Self {
        let (connection, fake) = connection();
        let page = Page::new(connection);
        let (stream, beside, rendered) = (None, None, VecDeque::new());
        Self { page, fake, hub: Hub::start(0), lives: 0, stream, beside, rendered }
    }

    fn make(&mut self, step: Move) {
        match step {
            Move::Write(signal) => self.hub.write(signal),
            Move::Push(feed) => self.hub.push(feed),
            Move::Remove(signal) => self.hub.remove(signal),
            Move::Use(name) => self.page.follow(name),
            Move::Render(name) => self.rendered.extend(self.hub.render(name)),
            Move::Hydrate => {
                if let Some((name, document, cursor)) = self.rendered.pop_front() {
                    self.page.connection.start(&key(name), &document, &cursor);
                    self.page.follow(name);
                }
            }
            Move::Leave(name) => self.page.leave(name),
            Move::Fill => self.stream.iter_mut().for_each(|(stream, _)| self.hub.fill(stream)),
            Move::FillBeside => self.beside.iter_mut().for_each(|(stream, _)| self.hub.fill(stream)),
            Move::Deliver(count) => (0..count).for_each(|_| self.deliver()),
            Move::DeliverBeside(count) => (0..count).for_each(|_| self.deliver_beside()),
            Move::Wait(millis) => {
                self.fake.wait(millis);
                self.page.connection.handle(Input::Tick);
            }
            Move::Cut(gave_up) => self.cut(gave_up),
            Move::CutBeside(gave_up) => {
                if self.beside.take().is_some() {
                    self.page.connection.handle(Input::BesideFailed(lost(gave_up)));
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
        self.page.check();
    }

    /// Does what the transport was told.
    fn obey(&mut self) {
        for call in self.fake.calls() {
            match call.split_once(' ') {
                Some(("open", query)) => {
                    (self.stream, self.beside) = (Some((self.hub.subscribe(query, None), query.to_owned())), None);
                    self.page.connection.handle(Input::Opened);
                }
                Some(("beside", query)) => {
                    self.beside = Some((self.hub.subscribe(query, None), query.to_owned()));
                }
                Some(("probe", _)) => self.page.connection.handle(Input::Probed(Ok(()))),
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
            self.page.connection.receive(name, &data);
            self.obey();
            self.page.check();
        }
    }

    fn deliver_beside(&mut self) {
        if let Some((name, data)) = self.beside.as_mut().and_then(|(stream, _)| stream.queue.pop_front()) {
            self.page.connection.receive_beside(name, &data);
            self.obey();
        }
    }

    fn cut(&mut self, gave_up: bool) {
        let Some((_, query)) = self.stream.take() else { return };
        self.page.connection.handle(Input::Failed(lost(gave_up)));
        let calls = self.fake.0.calls.lock().unwrap().clone();
        if calls.is_empty() {
            // The browser repeats the request. Without a `Last-Event-ID`, as no event had one: the worst case.
            self.stream = Some((self.hub.subscribe(&query, None), query));
            self.page.connection.handle(Input::Opened);
        }
    }

    /// Lets everything come through and all that is to be done be done.
    fn quiet(&mut self) {
        // The longest wait.
        self.fake.wait(30_000);
        for _ in 0..12 {
            self.fake.wait(1_000);
            self.page.connection.handle(Input::Tick);
            self.obey();
            self.make(Move::Fill);
            self.make(Move::FillBeside);
            for _ in 0..200 {
                self.deliver_beside();
                self.deliver();
            }
            self.page.check();
        }
    }

    fn check_end(&self) {
        self.page.check_end(&self.hub);
        if let Some((_, query)) = &self.stream {
            let asked = SubscribeRequest::parse(query).unwrap().keys.into_iter().map(|(key, _)| key);
            assert_eq!(asked.collect::<crate::keyed::Keys>(), self.page.connection.state().registry.used_keys());
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
        world.page.follow("a");
        moves.into_iter().for_each(|step| world.make(step));
        world.quiet();
        world.check_end();
    }
}

fn lost(gave_up: bool) -> Lost {
    if gave_up { Lost::Unexplained } else { Lost::BrowserRetries }
}
