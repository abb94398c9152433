//! Many tabs on one stream: their pages, the lock, what they tell each other and the network are left to chance.

use super::{
    hub_model::{FEEDS, Hub, Page, SIGNALS, Stream},
    *,
};
use crate::tabs::{StreamReport, Tab, TabCommand};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

/// What a page knows as its transport.
#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

struct State {
    tab: Tab,
    millis: Arc<AtomicU64>,
    open: Option<u64>,
    beside: Option<u64>,
    is_probing: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Tells the tab something.
    fn tell<R>(&self, tell: impl FnOnce(&mut Tab, Duration) -> R) -> R {
        let now = self.now();
        tell(&mut self.state().tab, now)
    }

    fn close_one(&self, number: Option<u64>) {
        if let Some(number) = number {
            self.tell(|tab, now| tab.close(number, now));
        }
    }
}

impl Transport for Shared {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, request: &SubscribeRequest) {
        self.close();
        let number = self.tell(|tab, now| tab.open(request, now));
        self.state().open = Some(number);
    }

    fn open_beside(&self, request: &SubscribeRequest) {
        self.close_beside();
        let number = self.tell(|tab, now| tab.open(request, now));
        self.state().beside = Some(number);
    }

    fn settle(&self) {
        let before = {
            let mut state = self.state();
            let beside = state.beside.take();
            std::mem::replace(&mut state.open, beside)
        };
        self.close_one(before);
    }

    fn close_beside(&self) {
        let beside = self.state().beside.take();
        self.close_one(beside);
    }

    fn close(&self) {
        self.close_beside();
        let open = self.state().open.take();
        self.close_one(open);
        self.state().is_probing = false;
    }

    fn probe(&self, _: &SubscribeRequest) {
        self.close();
        self.state().is_probing = true;
    }

    fn changed(&self, _: &Key) {}

    fn wake_in(&self, _: Duration) {}

    fn now(&self) -> Duration {
        Duration::from_millis(self.state().millis.load(Ordering::Relaxed))
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn first_value(&self, _: &Key) -> Option<FirstValue> {
        None
    }

    fn log_error(&self, _: fmt::Arguments<'_>) {}

    fn log_warning(&self, _: fmt::Arguments<'_>) {}
}

/// One tab of the browser.
struct Window {
    page: Page,
    shared: Shared,
    /// What the others have sent.
    inbox: VecDeque<String>,
    streams: BTreeMap<u64, (Stream, SubscribeRequest)>,
    watched: Vec<usize>,
    /// Whether it is in the browser's cache of pages.
    is_frozen: bool,
}

#[derive(Clone, Debug)]
enum Move {
    Write(&'static str),
    Push(&'static str),
    Remove(&'static str),
    CutHistory,
    Restart,
    /// One tab more, which follows these.
    Come(Vec<&'static str>),
    /// A tab is gone without a word.
    Crash(usize),
    /// A tab is left, and come back to.
    Freeze(usize),
    Thaw(usize),
    Use(usize, &'static str),
    Leave(usize, &'static str),
    /// The browser gives the lock to the next one.
    Grant,
    /// A tab takes the lock from another one.
    Steal(usize),
    /// So many messages come to a tab.
    Hear(usize, usize),
    /// The hub looks what there is to send on a tab's streams.
    Fill(usize),
    /// It says that this is all.
    Beat(usize),
    /// So many events come from the n-th of its streams.
    Deliver(usize, usize, usize),
    Wait(u64),
    /// The n-th stream of a tab is cut; the browser mends it, or gives up.
    Cut(usize, usize, bool),
}

/// Each move is made for the tab of that number, or for the one that comes to it when they are counted round.
fn moves(lossless: bool) -> impl Strategy<Value = Vec<Move>> {
    let signal = || proptest::sample::select(&SIGNALS[..]);
    let feed = || proptest::sample::select(&FEEDS[..]);
    let any_key = || prop_oneof![signal(), feed()];
    let tab = || 0..8_usize;
    let come = || proptest::collection::vec(any_key(), 0..4).prop_map(Move::Come);
    let step = prop_oneof![
        6 => signal().prop_map(Move::Write),
        6 => feed().prop_map(Move::Push),
        1 => signal().prop_map(Move::Remove),
        2 => Just(Move::CutHistory),
        1 => Just(Move::Restart),
        3 => come(),
        2 => tab().prop_map(Move::Crash),
        1 => tab().prop_map(Move::Freeze),
        1 => tab().prop_map(Move::Thaw),
        2 => (tab(), any_key()).prop_map(|(tab, key)| Move::Use(tab, key)),
        2 => (tab(), any_key()).prop_map(|(tab, key)| Move::Leave(tab, key)),
        4 => Just(Move::Grant),
        1 => tab().prop_map(Move::Steal),
        10 => (tab(), 1..6_usize).prop_map(|(tab, count)| Move::Hear(tab, count)),
        6 => tab().prop_map(Move::Fill),
        1 => tab().prop_map(Move::Beat),
        10 => (tab(), 0..3_usize, 1..4_usize).prop_map(|(tab, stream, count)| Move::Deliver(tab, stream, count)),
        6 => prop_oneof![4 => Just(1), 2 => Just(60), 1 => Just(400), 1 => Just(1_100), 1 => Just(3_100)].prop_map(Move::Wait),
        1 => (tab(), 0..3_usize, any::<bool>()).prop_map(|(tab, stream, gave_up)| Move::Cut(tab, stream, gave_up)),
    ];
    (proptest::collection::vec(come(), 1..5), proptest::collection::vec(step, 1..120)).prop_map(
        move |(come, mut steps)| {
            // A page that changes its keys before a feed has begun for it may be told of a gap, also without other tabs.
            let loses = |step: &Move| {
                use Move::{Cut, CutHistory, Leave, Remove, Restart, Use};
                matches!(step, Remove(_) | CutHistory | Restart | Cut(..) | Use(..) | Leave(..))
            };
            steps.retain(|step| !(lossless && loses(step)));
            [come, steps].concat()
        },
    )
}

struct World {
    hub: Hub,
    lives: u64,
    millis: Arc<AtomicU64>,
    windows: BTreeMap<usize, Window>,
    /// Counts the tabs.
    last: usize,
    /// Those that wait for the lock; the first one has it, once it is granted.
    queue: VecDeque<usize>,
    is_granted: bool,
    /// The most streams that were open at once since the last look.
    most_streams: usize,
}

impl World {
    fn new(replay: usize, heartbeat: u64) -> Self {
        let mut hub = Hub::start(0);
        (hub.replay, hub.heartbeat) = (replay, heartbeat);
        Self {
            hub,
            lives: 0,
            millis: Arc::default(),
            windows: BTreeMap::new(),
            last: 0,
            queue: VecDeque::new(),
            is_granted: false,
            most_streams: 0,
        }
    }

    fn come(&mut self, keys: &[&'static str]) -> usize {
        self.last += 1;
        let tab = Tab::new(self.last as u64, false);
        let (millis, open, beside) = (self.millis.clone(), None, None);
        let shared = Shared(Arc::new(Mutex::new(State { tab, millis, open, beside, is_probing: false })));
        let transport = Box::new(shared.clone());
        let connection = Connection::new("/sse".to_owned(), &Options::default(), Box::new(()), |_| transport);
        let mut page = Page::new(connection);
        keys.iter().for_each(|key| page.follow(key));
        let (inbox, streams, watched) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        self.windows.insert(self.last, Window { page, shared, inbox, streams, watched, is_frozen: false });
        self.queue.push_back(self.last);
        self.last
    }

    /// The tab that is meant by a number, if there is one that is shown.
    fn meant(&self, number: usize) -> Option<usize> {
        let shown: Vec<usize> =
            self.windows.iter().filter(|(_, window)| !window.is_frozen).map(|(number, _)| *number).collect();
        (!shown.is_empty()).then(|| shown[number % shown.len()])
    }

    fn make(&mut self, step: Move) {
        let window_of = |world: &Self, number| world.meant(number);
        match step {
            Move::Write(signal) => self.hub.write(signal),
            Move::Push(feed) => self.hub.push(feed),
            Move::Remove(signal) => self.hub.remove(signal),
            Move::CutHistory => self.hub.cut_history(),
            Move::Restart => {
                self.lives += 1;
                let (replay, heartbeat) = (self.hub.replay, self.hub.heartbeat);
                self.hub = Hub::start(self.lives);
                (self.hub.replay, self.hub.heartbeat) = (replay, heartbeat);
                for number in self.windows.keys().copied().collect::<Vec<_>>() {
                    // The last one first, as one that is cut may be closed.
                    (0..self.windows[&number].streams.len()).rev().for_each(|stream| self.cut(number, stream, false));
                }
            }
            Move::Come(keys) if self.windows.len() < 6 => drop(self.come(&keys)),
            Move::Come(_) => {}
            Move::Crash(number) => {
                if let Some(number) = window_of(self, number)
                    && self.windows.len() > 1
                {
                    self.windows.remove(&number);
                    self.let_go(number);
                }
            }
            Move::Freeze(number) => {
                if let Some(number) = window_of(self, number) {
                    let window = self.windows.get_mut(&number).unwrap();
                    window.is_frozen = true;
                    window.shared.tell(|tab, now| tab.leave(now));
                    window.page.connection.handle(Input::Frozen);
                    self.obey();
                    let window = self.windows.get_mut(&number).unwrap();
                    assert!(window.streams.is_empty() && window.watched.is_empty());
                    window.inbox.clear();
                    self.let_go(number);
                }
            }
            Move::Thaw(number) => {
                let frozen = self.windows.iter().filter(|(_, window)| window.is_frozen).map(|(number, _)| *number);
                let frozen: Vec<usize> = frozen.collect();
                if !frozen.is_empty() {
                    self.thaw(frozen[number % frozen.len()]);
                }
            }
            Move::Use(number, key) => {
                if let Some(number) = window_of(self, number) {
                    self.windows.get_mut(&number).unwrap().page.follow(key);
                }
            }
            Move::Leave(number, key) => {
                if let Some(number) = window_of(self, number) {
                    self.windows.get_mut(&number).unwrap().page.leave(key);
                }
            }
            Move::Grant => self.grant(),
            Move::Steal(number) => {
                if let Some(number) = window_of(self, number) {
                    self.steal(number);
                }
            }
            Move::Hear(number, count) => {
                if let Some(number) = window_of(self, number) {
                    (0..count).for_each(|_| self.hear(number));
                }
            }
            Move::Fill(number) => {
                if let Some(number) = window_of(self, number) {
                    self.fill(number);
                }
            }
            Move::Beat(number) => {
                if let Some(number) = window_of(self, number) {
                    self.beat(number);
                }
            }
            Move::Deliver(number, stream, count) => {
                if let Some(number) = window_of(self, number) {
                    (0..count).for_each(|_| self.deliver(number, stream));
                }
            }
            Move::Wait(millis) => self.wait(millis),
            Move::Cut(number, stream, gave_up) => {
                if let Some(number) = window_of(self, number) {
                    self.cut(number, stream, gave_up);
                }
            }
        }
        self.obey();
        self.check();
    }

    fn thaw(&mut self, number: usize) {
        self.last += 1;
        // It comes to the others as another one.
        let tab = Tab::new(self.last as u64, false);
        let mut window = self.windows.remove(&number).unwrap();
        window.is_frozen = false;
        window.shared.state().tab = tab;
        let connection = window.page.connection.clone();
        self.windows.insert(self.last, window);
        self.queue.push_back(self.last);
        connection.handle(Input::Revived);
    }

    /// The tab has the lock no more, nor waits for it.
    fn let_go(&mut self, number: usize) {
        if self.queue.front() == Some(&number) {
            self.is_granted = false;
        }
        self.queue.retain(|queued| *queued != number);
        for window in self.windows.values_mut().filter(|window| window.watched.contains(&number)) {
            window.watched.retain(|watched| *watched != number);
            window.shared.tell(|tab, now| tab.gone(number as u64, now));
        }
    }

    fn grant(&mut self) {
        if let Some(first) = self.queue.front().filter(|_| !self.is_granted) {
            self.is_granted = true;
            self.windows[first].shared.tell(Tab::lead);
        }
    }

    fn steal(&mut self, number: usize) {
        let before = self.queue.front().copied().filter(|_| self.is_granted);
        self.queue.retain(|queued| *queued != number);
        self.queue.push_front(number);
        self.is_granted = true;
        self.windows[&number].shared.tell(Tab::lead);
        if let Some(before) = before.filter(|before| *before != number) {
            self.windows[&before].shared.tell(Tab::resign);
        }
    }

    fn hear(&mut self, number: usize) {
        let window = self.windows.get_mut(&number).unwrap();
        if let Some(text) = window.inbox.pop_front() {
            window.shared.tell(|tab, now| tab.hear(&text, now));
            self.obey();
            self.check();
        }
    }

    fn deliver(&mut self, number: usize, stream: usize) {
        let window = self.windows.get_mut(&number).unwrap();
        let Some((number_of_stream, (stream, _))) = window.streams.iter_mut().nth(stream) else { return };
        let number_of_stream = *number_of_stream;
        if let Some((name, data)) = stream.queue.pop_front() {
            let report = StreamReport::Event { name, data: &data };
            window.shared.tell(|tab, now| tab.report(number_of_stream, report, now));
            self.obey();
            self.check();
        }
    }

    fn cut(&mut self, number: usize, stream: usize, gave_up: bool) {
        let window = self.windows.get_mut(&number).unwrap();
        let Some((number_of_stream, (stream, request))) = window.streams.iter_mut().nth(stream) else { return };
        let number_of_stream = *number_of_stream;
        // The browser repeats the request. Without a `Last-Event-ID`, as no event had one: the worst case.
        *stream = self.hub.subscribe(&request.to_query(), None);
        let lost = if gave_up { Lost::Unexplained } else { Lost::BrowserRetries };
        window.shared.tell(|tab, now| tab.report(number_of_stream, StreamReport::Lost(lost), now));
        self.obey();
    }

    fn wait(&mut self, millis: u64) {
        self.millis.fetch_add(millis, Ordering::Relaxed);
        for window in self.windows.values().filter(|window| !window.is_frozen) {
            window.page.connection.handle(Input::Tick);
            window.shared.tell(|tab, now| {
                if tab.deadline().is_some_and(|deadline| deadline <= now) {
                    tab.tick(now);
                }
            });
        }
        self.obey();
    }

    /// Does what the tabs have ordered.
    fn obey(&mut self) {
        loop {
            let ordered = self.windows.iter().find_map(|(number, window)| {
                let commands = window.shared.state().tab.take_commands();
                (!commands.is_empty()).then_some((*number, commands))
            });
            let probing = self.windows.values().find(|window| std::mem::take(&mut window.shared.state().is_probing));
            if let Some(window) = probing {
                window.page.connection.handle(Input::Probed(Ok(())));
            } else if ordered.is_none() {
                let streams = self.windows.values().map(|window| window.streams.len()).sum();
                self.most_streams = self.most_streams.max(streams);
                let most = self.windows.values().map(|window| window.streams.len()).max().unwrap_or_default();
                assert!(most <= 5, "one tab has {most} streams");
                return;
            }
            for (number, command) in
                ordered.into_iter().flat_map(|(number, commands)| commands.into_iter().map(move |o| (number, o)))
            {
                self.obey_one(number, command);
            }
        }
    }

    fn obey_one(&mut self, number: usize, command: TabCommand) {
        let window = self.windows.get_mut(&number).unwrap();
        match command {
            TabCommand::Post(text) => {
                let others = self.windows.iter_mut().filter(|(other, window)| **other != number && !window.is_frozen);
                others.for_each(|(_, window)| window.inbox.push_back(text.clone()));
            }
            TabCommand::Tell { number, what } => {
                let (open, beside) = {
                    let state = window.shared.state();
                    (state.open, state.beside)
                };
                let connection = &window.page.connection;
                match what.as_report() {
                    StreamReport::Opened if open == Some(number) => connection.handle(Input::Opened),
                    StreamReport::Event { name, data } if open == Some(number) => connection.receive(name, data),
                    StreamReport::Lost(lost) if open == Some(number) => connection.handle(Input::Failed(lost)),
                    StreamReport::Event { name, data } if beside == Some(number) => {
                        connection.receive_beside(name, data)
                    }
                    StreamReport::Lost(lost) if beside == Some(number) => connection.handle(Input::BesideFailed(lost)),
                    _ => {}
                }
            }
            TabCommand::Open { stream, request } => {
                window.streams.insert(stream, (self.hub.subscribe(&request.to_query(), None), request));
                window.shared.tell(|tab, now| tab.report(stream, StreamReport::Opened, now));
            }
            TabCommand::Close { stream } => drop(window.streams.remove(&stream)),
            TabCommand::Watch { tab } => {
                let tab = usize::try_from(tab).unwrap();
                let is_there = self.windows.get(&tab).is_some_and(|window| !window.is_frozen);
                let window = self.windows.get_mut(&number).unwrap();
                if is_there {
                    window.watched.push(tab);
                } else {
                    window.shared.tell(|own, now| own.gone(tab as u64, now));
                }
            }
            TabCommand::Unwatch => window.watched.clear(),
            TabCommand::Steal => self.steal(number),
        }
    }

    fn check(&mut self) {
        self.windows.values_mut().for_each(|window| window.page.check());
    }

    /// Lets everything come through and all that is to be done be done.
    fn quiet(&mut self) {
        for number in self.windows.keys().copied().collect::<Vec<_>>() {
            if self.windows[&number].is_frozen {
                self.thaw(number);
            }
        }
        self.millis.fetch_add(30_000, Ordering::Relaxed);
        for _ in 0..20 {
            self.grant();
            self.wait(1_000);
            for _ in 0..12 {
                self.flow();
            }
        }
        self.most_streams = 0;
        self.wait(1_000);
        self.flow();
    }

    /// Everything that is on its way comes through.
    fn flow(&mut self) {
        for number in self.windows.keys().copied().collect::<Vec<_>>() {
            while !self.windows[&number].inbox.is_empty() {
                self.hear(number);
            }
            self.beat(number);
            for stream in 0..self.windows[&number].streams.len() {
                (0..100).for_each(|_| self.deliver(number, stream));
            }
        }
    }

    fn fill(&mut self, number: usize) {
        let streams = self.windows.get_mut(&number).unwrap().streams.values_mut();
        streams.for_each(|(stream, _)| self.hub.fill(stream));
    }

    fn beat(&mut self, number: usize) {
        self.fill(number);
        let streams = self.windows.get_mut(&number).unwrap().streams.values_mut();
        streams.for_each(|(stream, _)| self.hub.beat(stream));
    }

    fn check_end(&self) {
        let mut wished = crate::keyed::Keys::default();
        for window in self.windows.values() {
            window.page.check_end(&self.hub);
            let used = window.page.connection.state().registry.used_keys();
            used.keys().for_each(|key| _ = wished.insert(key.clone(), ()));
        }
        let streams: Vec<(usize, &SubscribeRequest)> = self
            .windows
            .iter()
            .flat_map(|(number, window)| window.streams.values().map(|(_, request)| (*number, request)))
            .collect();
        let is_used = self.windows.values().any(|window| !window.page.followed.is_empty());
        assert_eq!(streams.len(), usize::from(is_used), "all are on one stream: {streams:?}");
        for (number, request) in streams {
            assert_eq!(Some(&number), self.queue.front(), "who has the lock has the stream");
            let asked: crate::keyed::Keys = request.keys.iter().map(|(key, _)| key.clone()).collect();
            assert_eq!(asked, wished);
        }
        assert!(self.most_streams <= 1, "quiet is quiet");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// The promise, over all tabs: after quiet every signal of every tab equals the server's, every feed has each event once
    /// and in command or tells of a gap, and there is one stream, with the keys of all.
    #[test]
    fn after_quiet_every_tab_equals_the_hub_on_one_stream(beats in any::<bool>(), moves in moves(false)) {
        let mut world = World::new(usize::MAX, if beats { 15_000 } else { 0 });
        moves.into_iter().for_each(|step| world.make(step));
        world.quiet();
        world.check_end();
    }

    /// While the server and its network are well nothing is lost, however tabs come, go, crash and take turns in leading:
    /// not even an event of a feed that gives newcomers nothing of the past.
    #[test]
    fn no_event_is_lost_by_tabs_that_come_and_go(replay in 0..2_usize, moves in moves(true)) {
        let mut world = World::new(replay, 600_000);
        moves.into_iter().for_each(|step| world.make(step));
        world.quiet();
        world.check_end();
        for (number, window) in &world.windows {
            window.page.check_no_gap(&world.hub, &format!("tab {number}"));
        }
    }
}
