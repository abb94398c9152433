//! One stream for all tabs of an origin: what [`Tab`] commands, done by the browser.

use super::{
    lifecycle::{Clock, Listener, Timer, tell},
    locks::{self, Lock},
    log::log_warning,
    request::Request,
    source::{Report, Source, Stream, Told},
};
use js_sys::{JsString, Reflect};
use leptos_sse_client::{
    connection::Connection,
    machine::{Input, Lost},
    tabs::{self, Tab, TabCommand},
};
use leptos_sse_core::protocol::SubscribeRequest;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
    sync,
    time::Duration,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};

/// The format of what the tabs tell each other: those of another one do not understand it.
const FORMAT: u32 = 1;

/// A source whose streams the tabs share, where the browser has what that needs.
pub(super) fn shared(
    request: &Request,
    source: Box<dyn Source>,
    connection: sync::Weak<Connection>,
) -> Box<dyn Source> {
    let window = web_sys::window();
    let has_channels = window.is_some_and(|window| Reflect::has(&window, &"BroadcastChannel".into()).unwrap_or(false));
    if !locks::are_there() || !has_channels {
        warn(&request.url);
        return source;
    }
    let credentials = if request.access.with_credentials { " with credentials" } else { "" };
    let users = request.access.fingerprint();
    let users = if users == 0 { String::new() } else { format!(" as {users:x}") };
    let posts = request.access.posts;
    // A tab that must keep within a URL cannot ask for what one that posts may follow.
    let posting = if posts { " by post" } else { "" };
    let name = format!("leptos_sse {FORMAT}{credentials}{posting}{users} {}", request.url);
    let shared = Rc::new(Shared {
        name,
        url: request.url.clone(),
        posts,
        source: source.into(),
        seat: Rc::default(),
        is_alone: Rc::default(),
    });
    Box::new(Tabs { _listeners: listeners(&shared.seat, &connection), shared })
}

fn warn(url: &str) {
    log_warning(format_args!(
        "leptos_sse: `{url}`: this tab has a stream of its own, as tabs can share one in a secure context alone \
         (https or localhost), where the browser has Web Locks and BroadcastChannel"
    ));
}

struct Tabs {
    shared: Rc<Shared>,
    _listeners: Vec<Listener>,
}

struct Shared {
    name: String,
    url: String,
    posts: bool,
    source: Rc<dyn Source>,
    /// The tab's seat among the others, while it has one.
    seat: Place,
    /// Whether the browser gives no locks.
    is_alone: Rc<Cell<bool>>,
}

impl Source for Tabs {
    fn open(&self, ask: &SubscribeRequest, told: Told) -> Box<dyn Stream> {
        let shared = &self.shared;
        if shared.is_alone.get() {
            return shared.source.open(ask, told);
        }
        let seated = shared.seat.borrow().clone();
        let seat = match seated.or_else(|| shared.take_seat()) {
            Some(seat) => seat,
            None => {
                shared.is_alone.set(true);
                warn(&shared.url);
                return shared.source.open(ask, told);
            }
        };
        let number = seat.ask(|tab, now| tab.open(ask, now));
        seat.told.borrow_mut().push((number, told));
        seat.obey_soon();
        Box::new(Virtual { seat: Rc::downgrade(&seat), number })
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        leave(&self.shared.seat);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.channel.close();
    }
}

type Place = Rc<RefCell<Option<Rc<Seat>>>>;

/// Whether there was something to leave.
fn leave(place: &Place) -> bool {
    let seat = place.take();
    seat.iter().for_each(Seat::leave);
    seat.is_some()
}

/// A page that is left, or that the browser freezes, must neither lead nor be waited for.
fn listeners(place: &Place, connection: &sync::Weak<Connection>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let mut listeners = vec![Listener::new(&window, "pagehide", {
        let place = place.clone();
        move |_| _ = leave(&place)
    })];
    if let Some(document) = window.document() {
        let is_frozen = Rc::new(Cell::new(false));
        listeners.push(Listener::new(&document, "freeze", {
            let (place, connection, is_frozen) = (place.clone(), connection.clone(), is_frozen.clone());
            move |_| {
                is_frozen.set(leave(&place));
                if is_frozen.get() {
                    tell(&connection, Input::Frozen);
                }
            }
        }));
        let connection = connection.clone();
        listeners.push(Listener::new(&document, "resume", move |_| {
            if is_frozen.take() {
                tell(&connection, Input::Revived);
            }
        }));
    }
    listeners
}

fn random() -> u64 {
    // Below 2 to the 53.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let random = (js_sys::Math::random() * 9e15) as u64;
    random
}

impl Shared {
    fn take_seat(&self) -> Option<Rc<Seat>> {
        let channel = BroadcastChannel::new(&self.name).ok()?;
        let seat = Rc::new_cyclic(|seat: &Weak<Seat>| {
            let hears = Listener::new(&channel, "message", {
                let seat = seat.clone();
                move |event| {
                    let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                    if let (Some(seat), Some(text)) = (seat.upgrade(), text) {
                        seat.run(|tab, now| tab.hear(&text, now));
                    }
                }
            });
            let rings = {
                let seat = seat.clone();
                Timer::new(move || {
                    if let Some(seat) = seat.upgrade() {
                        seat.run(Tab::tick);
                    }
                })
            };
            Seat {
                name: self.name.clone(),
                url: self.url.clone(),
                source: self.source.clone(),
                tab: RefCell::new(Tab::new(random(), self.posts)),
                told: RefCell::default(),
                streams: RefCell::default(),
                commands: RefCell::default(),
                is_seated: Cell::default(),
                is_obeying: Cell::default(),
                own: RefCell::default(),
                lead: RefCell::default(),
                watched: RefCell::default(),
                clock: Clock::default(),
                timer: rings,
                _hears: hears,
                channel,
                is_alone: self.is_alone.clone(),
            }
        });
        seat.sit_down()?;
        *self.seat.borrow_mut() = Some(seat.clone());
        Some(seat)
    }
}

/// A tab's place among the others.
struct Seat {
    name: String,
    url: String,
    source: Rc<dyn Source>,
    tab: RefCell<Tab>,
    /// Who is told what becomes of the streams that this tab's connection asks for.
    told: RefCell<Vec<(u64, Told)>>,
    /// Those to the server, while this tab leads.
    streams: RefCell<Vec<(u64, Box<dyn Stream>)>>,
    commands: RefCell<VecDeque<TabCommand>>,
    /// Whether the tab has its own lock. One that said something before could be taken for one that is gone.
    is_seated: Cell<bool>,
    is_obeying: Cell<bool>,
    /// The lock by which others see that this tab is there.
    own: RefCell<Option<Lock>>,
    /// The lock of the tab that leads, or the wait for it.
    lead: RefCell<Option<Lock>>,
    /// Those of the tabs that are watched.
    watched: RefCell<Vec<Lock>>,
    clock: Clock,
    timer: Timer,
    _hears: Listener,
    channel: BroadcastChannel,
    is_alone: Rc<Cell<bool>>,
}

impl Seat {
    /// Tells the tab something, and does what it commands then.
    fn run(self: &Rc<Self>, tell: impl FnOnce(&mut Tab, Duration)) {
        self.ask(tell);
        self.obey();
    }

    /// Tells the tab something; what it commands is to be done by [`obey`](Self::obey).
    fn ask<R>(&self, tell: impl FnOnce(&mut Tab, Duration) -> R) -> R {
        let mut tab = self.tab.borrow_mut();
        let answer = tell(&mut tab, self.clock.now());
        self.commands.borrow_mut().extend(tab.take_commands());
        answer
    }

    /// Not within this call, which a connection has made.
    fn obey_soon(self: &Rc<Self>) {
        let seat = self.clone();
        spawn_local(async move { seat.obey() });
    }

    /// Nothing of it is borrowed while a connection is told something, which may ask for streams and close them.
    fn obey(self: &Rc<Self>) {
        if !self.is_seated.get() || self.is_obeying.replace(true) {
            return;
        }
        while let Some(command) = self.next() {
            self.obey_one(command);
        }
        self.is_obeying.set(false);
        let deadline = self.tab.borrow().deadline();
        if let Some(deadline) = deadline {
            self.timer.set(deadline.saturating_sub(self.clock.now()));
        }
    }

    fn next(&self) -> Option<TabCommand> {
        self.commands.borrow_mut().pop_front()
    }

    fn obey_one(self: &Rc<Self>, command: TabCommand) {
        match command {
            TabCommand::Post(text) => {
                // It fails for no text, but when the channel is closed.
                let _ = self.channel.post_message(&JsString::from(text));
            }
            TabCommand::Tell { number, what } => {
                let told = self.told.borrow().iter().find(|(held, _)| *held == number).map(|(_, told)| told.clone());
                if let Some(told) = told {
                    told(match what.as_report() {
                        tabs::StreamReport::Opened => Report::Opened,
                        tabs::StreamReport::Event { name, data } => Report::Event { name, data },
                        tabs::StreamReport::Lost(lost) => Report::Lost(lost),
                    });
                }
            }
            TabCommand::Open { stream, ask } => {
                let seat = Rc::downgrade(self);
                let told = Rc::new(move |report: Report| {
                    let Some(seat) = seat.upgrade() else { return };
                    seat.run(|tab, now| {
                        let report = match report {
                            Report::Opened => tabs::StreamReport::Opened,
                            Report::Event { name, data } => tabs::StreamReport::Event { name, data },
                            Report::Lost(lost) => tabs::StreamReport::Lost(lost),
                        };
                        tab.report(stream, report, now);
                    });
                });
                let opened = self.source.open(&ask, told);
                self.streams.borrow_mut().push((stream, opened));
            }
            TabCommand::Close { stream } => {
                let mut streams = self.streams.borrow_mut();
                let place = streams.iter().position(|(number, _)| *number == stream);
                let closed = place.map(|place| streams.remove(place));
                drop(streams);
                drop(closed);
            }
            TabCommand::Watch { tab } => {
                let seat = Rc::downgrade(self);
                let gone = move |told| {
                    if let (Some(seat), locks::Told::Granted) = (seat.upgrade(), told) {
                        seat.run(|own, now| own.gone(tab, now));
                    }
                };
                self.watched.borrow_mut().extend(Lock::request(&self.lock_of(tab), false, gone));
            }
            TabCommand::Unwatch => drop(self.watched.take()),
            TabCommand::Steal => _ = self.wait_to_lead(true),
        }
    }

    /// Asks for the tab's own lock, and then for that of the tab that leads.
    fn sit_down(self: &Rc<Self>) -> Option<()> {
        let seat = Rc::downgrade(self);
        let told = move |told| {
            let Some(seat) = seat.upgrade() else { return };
            match told {
                locks::Told::Granted => {
                    seat.is_seated.set(true);
                    seat.obey();
                    let _ = seat.wait_to_lead(false);
                }
                locks::Told::Stolen | locks::Told::Refused => seat.give_up(),
            }
        };
        let number = self.ask(|tab, _| tab.number());
        let own = Lock::request(&self.lock_of(number), false, told)?;
        *self.own.borrow_mut() = Some(own);
        Some(())
    }

    /// Asks for the lock of the tab that leads.
    fn wait_to_lead(self: &Rc<Self>, steals: bool) -> Option<()> {
        let seat = Rc::downgrade(self);
        let told = move |told| {
            let Some(seat) = seat.upgrade() else { return };
            match told {
                locks::Told::Granted => seat.run(Tab::lead),
                locks::Told::Stolen => {
                    seat.run(Tab::resign);
                    let _ = seat.wait_to_lead(false);
                }
                locks::Told::Refused => seat.give_up(),
            }
        };
        let lock = Lock::request(&self.name, steals, told)?;
        drop(self.lead.replace(Some(lock)));
        Some(())
    }

    /// There are no locks for this page: each stream is one of its own from now on.
    fn give_up(&self) {
        if !self.is_alone.replace(true) {
            warn(&self.url);
        }
        let told = self.told.take();
        told.iter().for_each(|(_, told)| told(Report::Lost(Lost::Ended)));
    }

    /// Gives the place up.
    fn leave(self: &Rc<Self>) {
        self.run(Tab::leave);
        // The others need not wait until nothing of this is in use any more.
        drop((self.lead.take(), self.own.take(), self.watched.take()));
    }

    /// The name of the lock that a tab has for as long as it is there.
    fn lock_of(&self, tab: u64) -> String {
        format!("{} tab {tab}", self.name)
    }
}

/// What a connection has of a stream that may be another tab's.
struct Virtual {
    seat: Weak<Seat>,
    number: u64,
}

impl Stream for Virtual {}

impl Drop for Virtual {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.upgrade() {
            seat.told.borrow_mut().retain(|(number, _)| *number != self.number);
            seat.ask(|tab, now| tab.close(self.number, now));
            seat.obey_soon();
        }
    }
}
