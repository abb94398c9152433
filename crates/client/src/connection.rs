//! One connection of the page: the state machine, the documents, and the signals and feeds that follow them.

mod receive;
mod state;

use crate::{
    error::SseErrorReport,
    hooks::{ConnectionEvent, HookList},
    machine::{Action, Input},
    options::Options,
    registry::{Joined, KeyKind, Subscriber},
    status::{SseClosed, SseStatus},
    transport::{FirstValue, Transport, View},
};
use leptos_sse_core::{
    Error,
    document::Document,
    protocol::{Cursor, Key},
};
use state::State;
use std::{
    any::TypeId,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// One connection to a server, and the signals and feeds that follow it.
///
/// No lock is held while a signal is set, a value is deserialized, or anything is logged: each of these may run code of the
/// user, which may call the connection.
pub struct Connection {
    url: String,
    transport: Box<dyn Transport>,
    state: Mutex<State>,
    status: Mutex<SseStatus>,
    view: Box<dyn View>,
    hooks: HookList,
}

impl Connection {
    /// A connection that nobody uses yet. `transport` gets the connection to which it reports what happens.
    pub fn new(
        url: String,
        options: &Options,
        view: Box<dyn View>,
        transport: impl FnOnce(Weak<Self>) -> Box<dyn Transport>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|connection| Self {
            url,
            transport: transport(connection.clone()),
            state: Mutex::new(State::new(options)),
            status: Mutex::default(),
            view,
            hooks: HookList::default(),
        })
    }

    /// The URL that the connection asks, without the keys.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The status of the connection.
    pub fn status(&self) -> SseStatus {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The view that shows its state.
    #[must_use]
    pub fn view(&self) -> &dyn View {
        &*self.view
    }

    /// The transport that it was given.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// The hooks of its providers.
    pub fn hooks(&self) -> &HookList {
        &self.hooks
    }

    /// Calls the hooks of its providers with an event.
    pub fn emit(&self, event: ConnectionEvent) {
        self.hooks.emit(event, &*self.view);
    }

    /// Opens a new connection at once, if anybody uses it.
    pub fn reconnect(&self) {
        let is_used = self.state().users > 0;
        if is_used {
            self.handle(Input::Reconnect);
        }
    }

    /// Keeps the connection open for as long as the user lives.
    pub fn use_it(self: &Arc<Self>) -> User {
        let first = {
            let mut state = self.state();
            state.users += 1;
            state.users == 1
        };
        if first {
            self.handle(Input::Used);
        } else {
            self.set_alarm();
        }
        User { connection: self.clone(), subscribed: None }
    }

    /// Follows a key by the subscriber of type `F` that it has, or by a new one.
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    pub fn follow_as<F: Subscriber>(
        self: &Arc<Self>,
        key: &Key,
        make: impl FnOnce() -> F,
    ) -> Result<(Arc<F>, User), Error> {
        if F::describe().kind == KeyKind::Signal
            && let Some(FirstValue { document, cursor: Some(cursor) }) = self.transport.first_value(key)
        {
            self.start(key, &document, &cursor);
        }
        let joined = self.join::<F>(key)?;
        let subscriber = match joined {
            Some(subscriber) => subscriber,
            // Made without the lock, as it runs code of the user.
            None => self.insert(key, Arc::new(make()))?,
        };
        let mut user = self.use_it();
        user.subscribed = Some((key.clone(), TypeId::of::<F>()));
        Ok((subscriber, user))
    }

    /// Hands a document of a key to one subscriber. Returns whether the subscriber could read it.
    pub fn deliver(&self, key: &Key, subscriber: &impl Subscriber, document: &Document) -> bool {
        let taken = subscriber.accept(document, None);
        taken.map_err(|error| self.cannot_read(key, error)).is_ok()
    }

    /// Starts a key with the document that the page brought, unless a stream has sent one: the server is then asked for the
    /// updates since.
    fn start(&self, key: &Key, document: &Document, cursor: &Cursor) {
        let subscribers = {
            let mut state = self.state();
            state.documents.start(key, document, cursor).then(|| state.registry.subscribers(key)).flatten()
        };
        // Earlier subscribers have not seen the document.
        if let Some(subscribers) = subscribers {
            subscribers.accept(document, None).for_each(|error| self.cannot_read(key, error));
        }
    }

    /// The document that is held for a key.
    pub fn document(&self, key: &Key) -> Option<Document> {
        self.state().documents.document(key)
    }

    /// Takes what happened to the connection, and does what the state machine answers.
    pub fn handle(&self, input: Input) {
        let mut refused = match input {
            Input::Failed(lost) | Input::BesideFailed(lost) | Input::Probed(Err(lost)) => lost.refused_with(),
            _ => None,
        };
        let action = self.state().on(input, self.transport.now(), self.transport.random());
        match action {
            Action::Nothing => {}
            Action::Open | Action::OpenBeside if !self.transport.is_ready() => self.handle(Input::HeldBack),
            Action::Open => {
                let plan = self.state().open(self.transport.now());
                self.warn_of(&plan.news);
                self.transport.open(&plan.request);
                self.view.stream_replaced();
            }
            Action::OpenBeside => {
                let plan = self.state().open_beside();
                self.warn_of(&plan.news);
                self.transport.open_beside(&plan.request);
            }
            Action::Settle => {
                self.transport.settle();
                self.view.stream_replaced();
            }
            Action::CloseBeside { is_news } => {
                self.transport.close_beside();
                // A failure that repeats is reported once.
                refused = refused.filter(|_| is_news);
                if is_news {
                    self.transport.log_warning(format_args!(
                        "leptos_sse: `{}` gives no stream for the current keys; the one that is open goes on with its own, \
                         and the others are requested again and again",
                        self.url
                    ));
                }
            }
            Action::Close => {
                self.transport.close();
                self.view.stream_replaced();
            }
            Action::Probe => {
                let plan = self.state().probe();
                self.transport.probe(&plan.request);
            }
        }
        self.set_alarm();
        let status = self.state().machine.status();
        let is_news = self.status() != status;
        if is_news {
            self.report(status);
            *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
            self.view.status(status);
            self.notify_watchers(None);
        }
        // Before any hook is called: a hook may change the status again.
        let news = if is_news { self.state().news(status) } else { None };
        if let Some(status) = refused {
            let error = SseErrorReport::new(None, Error::refused(&self.url, status));
            self.transport.log_warning(format_args!("leptos_sse: {error}"));
            self.emit(ConnectionEvent::Failed(error));
        }
        if let Some(news) = news {
            self.emit(news);
        }
    }

    /// Tells the subscribers that watch `only`, or any key, the status of their key.
    pub fn notify_watchers(&self, only: Option<&Key>) {
        let watched = self.state().status_changes(only);
        for watched in watched {
            if let Err(error) = watched.tell() {
                self.keeps(&watched.key, error);
            }
        }
    }

    /// Reports that a key is not followed, because it is already followed as something else.
    pub fn not_followed(&self, key: &Key, error: Error) {
        self.fail_of("the key", key, error, "it is not followed as that");
    }

    /// Reports an error of the whole connection, and its consequence.
    fn fail(&self, error: Error, so: &str) {
        self.transport.log_error(format_args!("leptos_sse: {error}; {so}"));
        self.emit(ConnectionEvent::Failed(SseErrorReport::new(None, error)));
    }

    /// Reports an error of a signal or a feed, and its consequence.
    fn fail_of(&self, what: &str, key: &Key, error: Error, so: &str) {
        let error = SseErrorReport::new(Some(key), error);
        self.transport.log_error(format_args!("leptos_sse: {what} {error}; {so}"));
        self.emit(ConnectionEvent::Failed(error));
    }

    fn warn_of(&self, left_out: &[Key]) {
        if left_out.is_empty() {
            return;
        }
        let mut keys = String::new();
        for key in left_out {
            keys += if keys.is_empty() { "" } else { "`, `" };
            keys += key.as_str();
        }
        self.transport.log_error(format_args!(
            "leptos_sse: `{}` is not requested for `{}`: with these keys too, its query would be longer than servers take; \
             they are requested when others are dropped",
            self.url, keys
        ));
    }

    /// A document that its type cannot read is still in step, so nothing is requested: the next change may make it readable.
    fn cannot_read(&self, key: &Key, error: Error) {
        self.state().documents.unread(key);
        self.keeps(key, error);
    }

    fn keeps(&self, key: &Key, error: Error) {
        self.fail_of("signal", key, error, "it keeps its last good value");
    }

    fn ask_for_snapshot(&self, key: &Key, error: Error) {
        self.fail_of("signal", key, error, "it keeps its last good value until a new connection brings a snapshot");
        self.handle(Input::OutOfStep);
    }

    fn join<F: Subscriber>(&self, key: &Key) -> Result<Option<Arc<F>>, Error> {
        let mut state = self.state();
        let Some(Joined { subscriber, is_first }) = state.registry.join::<F>(key)? else { return Ok(None) };
        if is_first {
            state.came(key, self.transport.now());
        }
        Ok(Some(subscriber))
    }

    fn insert<F: Subscriber>(&self, key: &Key, made: Arc<F>) -> Result<Arc<F>, Error> {
        // Another one may have been inserted meanwhile.
        if let Some(subscriber) = self.join::<F>(key)? {
            return Ok(subscriber);
        }
        let (held, before) = {
            let mut state = self.state();
            let (is_first, before) = state.registry.insert(key, made.clone());
            if is_first {
                state.came(key, self.transport.now());
            }
            (state.documents.document(key), before)
        };
        drop(before);
        if let Some(document) = held {
            self.deliver(key, &*made, &document);
        }
        if F::describe().watches {
            self.notify_watchers(Some(key));
        }
        Ok(made)
    }

    fn leave(&self, subscribed: Option<&(Key, TypeId)>) {
        let (last, entry) = {
            let mut state = self.state();
            state.users -= 1;
            let now = self.transport.now();
            (state.users == 0, subscribed.and_then(|(key, subscriber)| state.release(key, *subscriber, now)))
        };
        // Not under the lock, as it may drop a user's value.
        drop(entry);
        if last {
            self.handle(Input::Unused);
        } else {
            self.set_alarm();
        }
    }

    /// Sets the timer, unless it is already set to an earlier time: when it fires too early, it is set again.
    fn set_alarm(&self) {
        let wait = {
            let mut state = self.state();
            let Some(deadline) = state.machine.deadline() else { return };
            if state.alarm.is_some_and(|alarm| alarm <= deadline) {
                return;
            }
            state.alarm = Some(deadline);
            deadline.saturating_sub(self.transport.now())
        };
        self.transport.wake_in(wait);
    }

    fn report(&self, status: SseStatus) {
        match status {
            SseStatus::Reconnecting { .. } => {
                self.transport.log_warning(format_args!("leptos_sse: `{}` {status}", self.url))
            }
            // The documents are kept: when the page is shown again, the server is asked for the updates since.
            SseStatus::Closed(SseClosed::Hidden) => {}
            SseStatus::Closed(_) => {
                let forgotten = self.state().clear();
                drop(forgotten);
            }
            SseStatus::Connecting | SseStatus::Open | SseStatus::Refused { .. } => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.transport.close();
    }
}

/// Keeps a connection, and a key on it, in use until it is dropped.
pub struct User {
    connection: Arc<Connection>,
    /// The key, and the type of its subscriber.
    subscribed: Option<(Key, TypeId)>,
}

impl Drop for User {
    fn drop(&mut self) {
        self.connection.leave(self.subscribed.as_ref());
    }
}

#[cfg(test)]
mod tests;
