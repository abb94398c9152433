//! One connection of the page: the state machine, the documents, and the signals and feeds that follow them.

mod receive;
mod state;
mod user;

use crate::{
    error::SseErrorReport,
    hooks::{Bell, News},
    machine::{Action, Input},
    options::Options,
    slots::{Follower, Joined, Kind},
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
pub use user::User;

/// No lock of it is held while a signal is set, a value is read by its type, or anything is logged: each of these may
/// run code of a user, which may come back here.
pub struct Connection {
    url: String,
    transport: Box<dyn Transport>,
    state: Mutex<State>,
    status: Mutex<SseStatus>,
    view: Box<dyn View>,
    bell: Bell,
}

impl Connection {
    /// `transport` is made with the connection that it will tell what happens.
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
            bell: Bell::default(),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn status(&self) -> SseStatus {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What shows its state.
    #[must_use]
    pub fn view(&self) -> &dyn View {
        &*self.view
    }

    /// What it was given of the world.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// The hooks of its providers.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Calls the hooks of its providers with what happened.
    pub fn emit(&self, event: News) {
        self.bell.ring(event, &*self.view);
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
        User { connection: self.clone(), followed: None }
    }

    /// The follower of a key: the one that is there, or a new one.
    ///
    /// # Errors
    ///
    /// When the key is followed as something else.
    pub fn follow_as<F: Follower>(
        self: &Arc<Self>,
        key: &Key,
        make: impl FnOnce() -> F,
    ) -> Result<(Arc<F>, User), Error> {
        if F::KIND == Kind::Signal
            && let Some(FirstValue { document, cursor: Some(cursor) }) = self.transport.first_value(key)
        {
            self.start(key, &document, &cursor);
        }
        let joined = self.join::<F>(key)?;
        let follower = match joined {
            Some(follower) => follower,
            // Made without the lock, as it runs code of the user.
            None => self.insert(key, Arc::new(make()))?,
        };
        let mut user = self.use_it();
        user.followed = Some((key.clone(), TypeId::of::<F>()));
        Ok((follower, user))
    }

    /// Hands the document that is held for a key on to one who follows it. Whether that took it.
    pub fn hand_on(&self, key: &Key, follower: &impl Follower, document: &Document) -> bool {
        let taken = follower.accept(document, None);
        taken.map_err(|error| self.cannot_read(key, error)).is_ok()
    }

    /// Starts a key with what the page has brought, from which on the server is asked, unless a stream has told of it.
    fn start(&self, key: &Key, document: &Document, cursor: &Cursor) {
        let followers = {
            let mut state = self.state();
            state.documents.start(key, document, cursor).then(|| state.slots.followers(key)).flatten()
        };
        // Who followed it before knew nothing of it.
        if let Some(followers) = followers {
            followers.accept(document, None).for_each(|error| self.cannot_read(key, error));
        }
    }

    /// The document that is held for a key.
    pub fn document(&self, key: &Key) -> Option<Document> {
        self.state().documents.document(key)
    }

    /// Something happened to the connection.
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
                let asking = self.state().open(self.transport.now());
                self.warn_of(&asking.news);
                self.transport.open(&asking.ask);
                self.view.stream_replaced();
            }
            Action::OpenBeside => {
                let asking = self.state().open_beside();
                self.warn_of(&asking.news);
                self.transport.open_beside(&asking.ask);
            }
            Action::Settle => {
                self.transport.settle();
                self.view.stream_replaced();
            }
            Action::CloseBeside { is_news } => {
                self.transport.close_beside();
                // The one that is asked again and again is told of once.
                refused = refused.filter(|_| is_news);
                if is_news {
                    self.transport.log_warning(format_args!(
                        "leptos_sse: `{}` gives no stream for the keys of now; the one that is open goes on with its own, \
                         and the others are asked for again and again",
                        self.url
                    ));
                }
            }
            Action::Close => {
                self.transport.close();
                self.view.stream_replaced();
            }
            Action::Probe => {
                let asking = self.state().probe();
                self.transport.probe(&asking.ask);
            }
        }
        self.set_alarm();
        let status = self.state().machine.status();
        let is_news = self.status() != status;
        if is_news {
            self.report(status);
            *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
            self.view.status(status);
            self.tell_watching(None);
        }
        // Before any hook is called, as one may have the status change again.
        let news = if is_news { self.state().news(status) } else { None };
        if let Some(status) = refused {
            let error = SseErrorReport::new(None, Error::refused(&self.url, status));
            self.transport.log_warning(format_args!("leptos_sse: {error}"));
            self.emit(News::Failed(error));
        }
        if let Some(news) = news {
            self.emit(news);
        }
    }

    /// Tells those who watch a key, or any key, where it stands.
    pub fn tell_watching(&self, only: Option<&Key>) {
        let watched = self.state().watched(only);
        for watched in watched {
            if let Err(error) = watched.tell() {
                self.keeps(&watched.key, error);
            }
        }
    }

    /// Tells of a key that is not followed, as it is followed as something else.
    pub fn not_followed(&self, key: &Key, error: Error) {
        self.fail_of("the key", key, error, "it is not followed as that");
    }

    /// Tells of an error of the whole connection, and of what comes of it.
    fn fail(&self, error: Error, so: &str) {
        self.transport.log_error(format_args!("leptos_sse: {error}; {so}"));
        self.emit(News::Failed(SseErrorReport::new(None, error)));
    }

    /// Tells of an error of a signal or a feed, and of what comes of it.
    fn fail_of(&self, what: &str, key: &Key, error: Error, so: &str) {
        let error = SseErrorReport::new(Some(key), error);
        self.transport.log_error(format_args!("leptos_sse: {what} {error}; {so}"));
        self.emit(News::Failed(error));
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
            "leptos_sse: `{}` is not asked for `{}`: with these keys too, its query would be longer than servers take; \
             they come when others are let go",
            self.url, keys
        ));
    }

    /// A document that its type cannot read is in step all the same, so that nothing is asked for: the next change may make
    /// it whole.
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

    fn join<F: Follower>(&self, key: &Key) -> Result<Option<Arc<F>>, Error> {
        let mut state = self.state();
        let Some(Joined { follower, is_first }) = state.slots.join::<F>(key)? else { return Ok(None) };
        if is_first {
            state.came(key, self.transport.now());
        }
        Ok(Some(follower))
    }

    fn insert<F: Follower>(&self, key: &Key, made: Arc<F>) -> Result<Arc<F>, Error> {
        // It may have come while the new one was made.
        if let Some(follower) = self.join::<F>(key)? {
            return Ok(follower);
        }
        let (held, before) = {
            let mut state = self.state();
            let (is_first, before) = state.slots.insert(key, made.clone());
            if is_first {
                state.came(key, self.transport.now());
            }
            (state.documents.document(key), before)
        };
        drop(before);
        if let Some(document) = held {
            self.hand_on(key, &*made, &document);
        }
        if F::WATCHES {
            self.tell_watching(Some(key));
        }
        Ok(made)
    }

    fn leave(&self, followed: Option<&(Key, TypeId)>) {
        let (last, slot) = {
            let mut state = self.state();
            state.users -= 1;
            let now = self.transport.now();
            (state.users == 0, followed.and_then(|(key, follower)| state.release(key, *follower, now)))
        };
        // Not under the lock, as it may drop a user's value.
        drop(slot);
        if last {
            self.handle(Input::Unused);
        } else {
            self.set_alarm();
        }
    }

    /// Sets the timer, if it is not set to an earlier time already: a deadline that has moved on is seen when it rings.
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
            // What is held is shown, and asked on from, when the page is seen again.
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

#[cfg(test)]
mod tests;
