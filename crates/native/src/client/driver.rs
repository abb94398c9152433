//! The one task that a connection lives in: what happens is told to it here, one thing after the other.

use super::{
    gate::Gate,
    stream::{NativeStream, Report},
};
use crate::{
    attempt::Attempt,
    transport::{NativeTransport, StreamRole},
};
use bytes::Bytes;
use leptos_sse_client::{
    connection::Connection,
    machine::{Input, Lost},
    status::{SseClosed, SseStatus},
};
use leptos_sse_core::{Error, Key, protocol::event_name};
use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Sleep, sleep_until},
};

/// What keeps a key followed until it is dropped.
pub(super) type FollowGuard = Box<dyn Send>;

type Follow = dyn FnOnce(&Arc<Connection>) -> Result<FollowGuard, Error> + Send;

/// What is asked of the driver. The handles ask, wherever they are.
pub(super) enum Command {
    Follow { number: u64, key: Key, follow: Box<Follow> },
    Leave(u64),
    Reconnect,
    Close(oneshot::Sender<()>),
}

/// The way to the driver, which lives for as long as there is one to it.
#[derive(Clone)]
pub(super) struct Commands {
    sender: mpsc::UnboundedSender<Command>,
    last: Arc<AtomicU64>,
    gate: Arc<Gate>,
}

impl Commands {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, last: Arc::default(), gate: Arc::default() }, receiver)
    }

    /// To a driver that has ended nothing is of use any more.
    pub(super) fn send(&self, command: Command) {
        drop(self.sender.send(command));
    }

    /// Follows a key from now on, until its number is told to leave.
    pub(super) fn follow(
        &self,
        key: &Key,
        follow: impl FnOnce(&Arc<Connection>) -> Result<FollowGuard, Error> + Send + 'static,
    ) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        self.send(Command::Follow { number, key: key.clone(), follow: Box::new(follow) });
        number
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }
}

pub(super) struct Driver {
    connection: Arc<Connection>,
    native: NativeTransport,
    commands: mpsc::UnboundedReceiver<Command>,
    status: watch::Sender<SseStatus>,
    gate: Arc<Gate>,
    guards: HashMap<u64, FollowGuard>,
    streams: Vec<NativeStream>,
    /// The place of the stream that is looked at first.
    turn: usize,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// What happens next.
enum NextEvent {
    /// None when there is nobody left who could ask for anything.
    Command(Option<Command>),
    /// Of the stream at that place.
    Stream(usize, Report),
    Alarm,
}

impl Driver {
    pub(super) fn new(
        connection: Arc<Connection>,
        native: NativeTransport,
        commands: mpsc::UnboundedReceiver<Command>,
        status: watch::Sender<SseStatus>,
        gate: Arc<Gate>,
    ) -> Self {
        let (guards, streams) = (HashMap::new(), Vec::new());
        Self { connection, native, commands, status, gate, guards, streams, turn: 0, alarm: None }
    }

    pub(super) async fn run(mut self) {
        let closed = loop {
            self.carry_out();
            self.show_status();
            match poll_fn(|cx| self.poll(cx)).await {
                NextEvent::Command(Some(Command::Close(closed))) => break Some(closed),
                NextEvent::Command(None) => break None,
                NextEvent::Command(Some(command)) => self.run_command(command),
                NextEvent::Stream(at, report) => {
                    self.report(at, report);
                    // A stream that always has more leaves the others their turn.
                    tokio::task::yield_now().await;
                }
                NextEvent::Alarm => self.alarm_due(),
            }
        };
        drop(self);
        if let Some(closed) = closed {
            // Who asked may wait no more.
            let _ = closed.send(());
        }
    }

    /// Begins the streams that the connection needs, drops the others, and sets the alarm.
    fn carry_out(&mut self) {
        let native = &self.native;
        self.streams.retain(|stream| native.role(stream.number).is_some());
        while let Some((number, request)) = self.native.next() {
            match self.native.request(&request) {
                Ok(request) => {
                    let attempt = Attempt::new(self.native.http().clone());
                    self.streams.push(NativeStream::new(number, attempt, request));
                }
                Err(error) => {
                    tracing::error!("leptos_sse: {error}");
                    self.lost(number, Lost::Ended);
                }
            }
        }
        let due = self.native.alarm();
        if self.alarm.as_ref().map(|alarm| alarm.deadline()) != due {
            self.alarm = due.map(|due| Box::pin(sleep_until(due)));
        }
    }

    fn show_status(&self) {
        let status = self.connection.status();
        self.status.send_if_modified(|shown| std::mem::replace(shown, status) != status);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<NextEvent> {
        if let Poll::Ready(command) = self.commands.poll_recv(cx) {
            return Poll::Ready(NextEvent::Command(command));
        }
        // Before the time, as what has come was not late, however late it is read.
        let in_slices = self.gate.has_readers();
        let is_held_back = self.gate.poll_closed(cx);
        // In turns, as one that always has more would keep the one beside it from its `hello`.
        let count = self.streams.len();
        for at in (0..count).map(|step| (self.turn + step) % count) {
            let stream = &mut self.streams[at];
            // What a stream begins with is read in any case: only then its silence is known to be ours.
            if is_held_back && stream.has_told {
                continue;
            }
            if let Poll::Ready(report) = stream.poll(in_slices, cx) {
                self.turn = at + 1;
                return Poll::Ready(NextEvent::Stream(at, report));
            }
        }
        match &mut self.alarm {
            Some(alarm) => alarm.as_mut().poll(cx).map(|()| NextEvent::Alarm),
            None => Poll::Pending,
        }
    }

    fn run_command(&mut self, command: Command) {
        match command {
            Command::Follow { number, key, follow } => match follow(&self.connection) {
                Ok(guard) => drop(self.guards.insert(number, guard)),
                Err(error) => self.connection.not_followed(&key, error),
            },
            Command::Leave(number) => drop(self.guards.remove(&number)),
            Command::Reconnect => self.connection.reconnect(),
            // It ends what calls this.
            Command::Close(_) => {}
        }
    }

    fn report(&mut self, at: usize, report: Report) {
        let number = self.streams[at].number;
        match report {
            Report::Opened => match self.native.role(number) {
                Some(StreamRole::Open) => self.connection.handle(Input::Opened),
                Some(StreamRole::Probe) => self.connection.handle(Input::Probed(Ok(()))),
                // The one beside is open with its `hello`.
                Some(StreamRole::Beside) | None => {}
            },
            Report::Bytes(bytes) => self.read(at, &bytes),
            Report::Lost(lost) => {
                self.streams.remove(at);
                self.lost(number, lost);
            }
        }
        // A stream that never pauses shall not put off what is due.
        if self.native.alarm().is_some_and(|alarm| alarm <= tokio::time::Instant::now()) {
            self.alarm_due();
        }
    }

    fn read(&mut self, at: usize, bytes: &Bytes) {
        let Self { connection, native, streams, .. } = self;
        let stream = &mut streams[at];
        let number = stream.number;
        let mut has_told = stream.has_told;
        let read = stream.events.push(bytes, |event| {
            let Some(name) = event_name::known(event.event) else { return };
            has_told = true;
            // Each time anew, as an event may be what ends the stream, or moves it.
            match native.role(number) {
                Some(StreamRole::Open) => connection.receive(name, event.data),
                Some(StreamRole::Beside) => connection.receive_beside(name, event.data),
                Some(StreamRole::Probe) | None => {}
            }
        });
        stream.has_told = has_told;
        if let Err(error) = read {
            tracing::error!("leptos_sse: `{}`: {error}; reconnecting", self.connection.url());
            self.streams.remove(at);
            self.lost(number, Lost::Ended);
        }
    }

    fn lost(&self, number: u64, lost: Lost) {
        match self.native.role(number) {
            Some(StreamRole::Open) => self.connection.handle(Input::Failed(lost)),
            Some(StreamRole::Beside) => self.connection.handle(Input::BesideFailed(lost)),
            Some(StreamRole::Probe) => self.connection.handle(Input::Probed(Err(lost))),
            None => {}
        }
    }

    fn alarm_due(&mut self) {
        self.alarm = None;
        if !self.native.take_alarm() {
            return;
        }
        let is_open = |stream: &NativeStream| self.native.role(stream.number) == Some(StreamRole::Open);
        // A stream that is not read is silent for our sake.
        if self.gate.is_closed() && self.streams.iter().any(|stream| is_open(stream) && stream.has_told) {
            self.connection.handle(Input::Heard);
        }
        self.connection.handle(Input::Tick);
    }
}

impl Drop for Driver {
    /// Nobody wants it any more; or what runs in it has panicked, or its runtime is shut down.
    fn drop(&mut self) {
        self.streams.clear();
        self.guards.clear();
        if !matches!(*self.status.borrow(), SseStatus::Closed(_)) {
            self.status.send_replace(SseStatus::Closed(SseClosed::Unused));
            // Not while a panic goes on, as it calls a user's function.
            if !std::thread::panicking() {
                NativeTransport::closed(&self.connection);
            }
        }
    }
}
