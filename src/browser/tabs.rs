//! One stream for all tabs of an origin: what [`Tab`] commands, done by the browser.

use super::{
    lifecycle::{Clock, Listener, Timer, tell},
    locks::{self, Lock, LockOutcome},
    log::log_warning,
    request::Request,
    source::{OnReport, Report, Source, Stream},
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
    let shared = Rc::new(TabSource {
        name,
        url: request.url.clone(),
        posts,
        source: source.into(),
        session: Rc::default(),
        is_alone: Rc::default(),
    });
    Box::new(Tabs { _listeners: listeners(&shared.session, &connection), shared })
}

fn warn(url: &str) {
    log_warning(format_args!(
        "leptos_sse: `{url}`: this tab has a stream of its own, as tabs can share one in a secure context alone \
         (https or localhost), where the browser has Web Locks and BroadcastChannel"
    ));
}

struct Tabs {
    shared: Rc<TabSource>,
    _listeners: Vec<Listener>,
}

struct TabSource {
    name: String,
    url: String,
    posts: bool,
    source: Rc<dyn Source>,
    /// The tab's session with the others, while it has one.
    session: CurrentSession,
    /// Whether the browser gives no locks.
    is_alone: Rc<Cell<bool>>,
}

impl Source for Tabs {
    fn open(&self, ask: &SubscribeRequest, on_report: OnReport) -> Box<dyn Stream> {
        let shared = &self.shared;
        if shared.is_alone.get() {
            return shared.source.open(ask, on_report);
        }
        let joined = shared.session.borrow().clone();
        let session = match joined.or_else(|| shared.start_session()) {
            Some(session) => session,
            None => {
                shared.is_alone.set(true);
                warn(&shared.url);
                return shared.source.open(ask, on_report);
            }
        };
        let number = session.ask(|tab, now| tab.open(ask, now));
        session.callbacks.borrow_mut().push((number, on_report));
        session.run_commands_soon();
        Box::new(Virtual { session: Rc::downgrade(&session), number })
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        leave(&self.shared.session);
    }
}

impl Drop for TabSession {
    fn drop(&mut self) {
        self.channel.close();
    }
}

/// The session of this tab, while it has one.
type CurrentSession = Rc<RefCell<Option<Rc<TabSession>>>>;

/// Whether there was something to leave.
fn leave(current: &CurrentSession) -> bool {
    let session = current.take();
    session.iter().for_each(TabSession::leave);
    session.is_some()
}

/// A page that is left, or that the browser freezes, must neither lead nor be waited for.
fn listeners(current: &CurrentSession, connection: &sync::Weak<Connection>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let mut listeners = vec![Listener::new(&window, "pagehide", {
        let current = current.clone();
        move |_| _ = leave(&current)
    })];
    if let Some(document) = window.document() {
        let is_frozen = Rc::new(Cell::new(false));
        listeners.push(Listener::new(&document, "freeze", {
            let (current, connection, is_frozen) = (current.clone(), connection.clone(), is_frozen.clone());
            move |_| {
                is_frozen.set(leave(&current));
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

impl TabSource {
    fn start_session(&self) -> Option<Rc<TabSession>> {
        let channel = BroadcastChannel::new(&self.name).ok()?;
        let session = Rc::new_cyclic(|session: &Weak<TabSession>| {
            let hears = Listener::new(&channel, "message", {
                let session = session.clone();
                move |event| {
                    let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                    if let (Some(session), Some(text)) = (session.upgrade(), text) {
                        session.run(|tab, now| tab.hear(&text, now));
                    }
                }
            });
            let rings = {
                let session = session.clone();
                Timer::new(move || {
                    if let Some(session) = session.upgrade() {
                        session.run(Tab::tick);
                    }
                })
            };
            TabSession {
                name: self.name.clone(),
                url: self.url.clone(),
                source: self.source.clone(),
                tab: RefCell::new(Tab::new(random(), self.posts)),
                callbacks: RefCell::default(),
                streams: RefCell::default(),
                commands: RefCell::default(),
                has_own_lock: Cell::default(),
                is_running_commands: Cell::default(),
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
        session.join()?;
        *self.session.borrow_mut() = Some(session.clone());
        Some(session)
    }
}

/// A tab's membership among the tabs that share a stream.
struct TabSession {
    name: String,
    url: String,
    source: Rc<dyn Source>,
    tab: RefCell<Tab>,
    /// The callbacks of the streams that this tab's connection asks for.
    callbacks: RefCell<Vec<(u64, OnReport)>>,
    /// Those to the server, while this tab leads.
    streams: RefCell<Vec<(u64, Box<dyn Stream>)>>,
    commands: RefCell<VecDeque<TabCommand>>,
    /// Whether the tab has its own lock. One that said something before could be taken for one that is gone.
    has_own_lock: Cell<bool>,
    is_running_commands: Cell<bool>,
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

impl TabSession {
    /// Calls the tab, and runs the commands that it gives then.
    fn run(self: &Rc<Self>, tell: impl FnOnce(&mut Tab, Duration)) {
        self.ask(tell);
        self.run_commands();
    }

    /// Calls the tab; [`run_commands`](Self::run_commands) runs the commands that it gives.
    fn ask<R>(&self, tell: impl FnOnce(&mut Tab, Duration) -> R) -> R {
        let mut tab = self.tab.borrow_mut();
        let answer = tell(&mut tab, self.clock.now());
        self.commands.borrow_mut().extend(tab.take_commands());
        answer
    }

    /// Runs the commands after this call, which a connection has made.
    fn run_commands_soon(self: &Rc<Self>) {
        let session = self.clone();
        spawn_local(async move { session.run_commands() });
    }

    /// Borrows nothing of the session while a connection is called, which may open streams and close them.
    fn run_commands(self: &Rc<Self>) {
        if !self.has_own_lock.get() || self.is_running_commands.replace(true) {
            return;
        }
        while let Some(command) = self.next() {
            self.run_command(command);
        }
        self.is_running_commands.set(false);
        let deadline = self.tab.borrow().deadline();
        if let Some(deadline) = deadline {
            self.timer.set(deadline.saturating_sub(self.clock.now()));
        }
    }

    fn next(&self) -> Option<TabCommand> {
        self.commands.borrow_mut().pop_front()
    }

    fn run_command(self: &Rc<Self>, command: TabCommand) {
        match command {
            TabCommand::Post(text) => {
                // It fails for no text, but when the channel is closed.
                let _ = self.channel.post_message(&JsString::from(text));
            }
            TabCommand::Tell { number, what } => {
                let callback =
                    self.callbacks.borrow().iter().find(|(held, _)| *held == number).map(|(_, call)| call.clone());
                if let Some(callback) = callback {
                    callback(match what.as_report() {
                        tabs::StreamReport::Opened => Report::Opened,
                        tabs::StreamReport::Event { name, data } => Report::Event { name, data },
                        tabs::StreamReport::Lost(lost) => Report::Lost(lost),
                    });
                }
            }
            TabCommand::Open { stream, request } => {
                let session = Rc::downgrade(self);
                let on_report = Rc::new(move |report: Report| {
                    let Some(session) = session.upgrade() else { return };
                    session.run(|tab, now| {
                        let report = match report {
                            Report::Opened => tabs::StreamReport::Opened,
                            Report::Event { name, data } => tabs::StreamReport::Event { name, data },
                            Report::Lost(lost) => tabs::StreamReport::Lost(lost),
                        };
                        tab.report(stream, report, now);
                    });
                });
                let opened = self.source.open(&request, on_report);
                self.streams.borrow_mut().push((stream, opened));
            }
            TabCommand::Close { stream } => {
                let mut streams = self.streams.borrow_mut();
                let index = streams.iter().position(|(number, _)| *number == stream);
                let closed = index.map(|index| streams.remove(index));
                drop(streams);
                drop(closed);
            }
            TabCommand::Watch { tab } => {
                let session = Rc::downgrade(self);
                let gone = move |outcome| {
                    if let (Some(session), LockOutcome::Granted) = (session.upgrade(), outcome) {
                        session.run(|own, now| own.gone(tab, now));
                    }
                };
                self.watched.borrow_mut().extend(Lock::request(&self.lock_of(tab), false, gone));
            }
            TabCommand::Unwatch => drop(self.watched.take()),
            TabCommand::Steal => _ = self.wait_to_lead(true),
        }
    }

    /// Asks for the tab's own lock, and then for that of the tab that leads.
    fn join(self: &Rc<Self>) -> Option<()> {
        let session = Rc::downgrade(self);
        let on_outcome = move |outcome| {
            let Some(session) = session.upgrade() else { return };
            match outcome {
                LockOutcome::Granted => {
                    session.has_own_lock.set(true);
                    session.run_commands();
                    let _ = session.wait_to_lead(false);
                }
                LockOutcome::Stolen | LockOutcome::Refused => session.give_up(),
            }
        };
        let number = self.ask(|tab, _| tab.number());
        let own = Lock::request(&self.lock_of(number), false, on_outcome)?;
        *self.own.borrow_mut() = Some(own);
        Some(())
    }

    /// Asks for the lock of the tab that leads.
    fn wait_to_lead(self: &Rc<Self>, steals: bool) -> Option<()> {
        let session = Rc::downgrade(self);
        let on_outcome = move |outcome| {
            let Some(session) = session.upgrade() else { return };
            match outcome {
                LockOutcome::Granted => session.run(Tab::lead),
                LockOutcome::Stolen => {
                    session.run(Tab::resign);
                    let _ = session.wait_to_lead(false);
                }
                LockOutcome::Refused => session.give_up(),
            }
        };
        let lock = Lock::request(&self.name, steals, on_outcome)?;
        drop(self.lead.replace(Some(lock)));
        Some(())
    }

    /// There are no locks for this page: each stream is one of its own from now on.
    fn give_up(&self) {
        if !self.is_alone.replace(true) {
            warn(&self.url);
        }
        let callbacks = self.callbacks.take();
        callbacks.iter().for_each(|(_, on_report)| on_report(Report::Lost(Lost::Ended)));
    }

    /// Leaves the other tabs.
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
    session: Weak<TabSession>,
    number: u64,
}

impl Stream for Virtual {}

impl Drop for Virtual {
    fn drop(&mut self) {
        if let Some(session) = self.session.upgrade() {
            session.callbacks.borrow_mut().retain(|(number, _)| *number != self.number);
            session.ask(|tab, now| tab.close(self.number, now));
            session.run_commands_soon();
        }
    }
}
