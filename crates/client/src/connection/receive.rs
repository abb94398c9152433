//! Takes the events of a stream.

use super::Connection;
use crate::{
    documents::Outcome,
    error::SseErrorReport,
    hooks::ConnectionEvent,
    machine::{Input, Lost},
    update,
};
use leptos_sse_core::{
    Error,
    protocol::{Bye, Cursor, Hello, Refused, Removed, event_name},
};

impl Connection {
    /// Takes an event of the `EventSource` beside the open one. Events before its `hello` are ignored.
    pub fn receive_beside(&self, event: &str, data: &str) {
        match event {
            event_name::HELLO if Hello::parse(data).is_ok() => {
                self.handle(Input::BesideGreeted);
                self.receive(event, data);
            }
            event_name::BYE => self.handle(Input::BesideFailed(Lost::Ended)),
            _ => {}
        }
    }

    /// Takes an event of the open `EventSource`.
    pub fn receive(&self, event: &str, data: &str) {
        self.handle(Input::Heard);
        match event {
            event_name::HELLO => self.receive_hello(data),
            event_name::HEARTBEAT => self.receive_heartbeat(data),
            event_name::BYE => {
                let bye = Bye::parse(data);
                self.transport
                    .log_warning(format_args!("leptos_sse: `{}` said bye ({}); reconnecting", self.url, bye.reason));
                self.handle(Input::Bye);
            }
            event_name::FEED => self.receive_feed(data),
            event_name::REFUSED => self.receive_refused(data),
            event_name::REMOVED => self.receive_removed(data),
            _ => self.receive_update(data),
        }
    }

    fn receive_hello(&self, data: &str) {
        match Hello::parse(data) {
            Ok(hello) => {
                let (begun, forgotten) = self.state().hello(&hello);
                // Not under the lock, as it may drop a user's values.
                drop(forgotten);
                if let Err(error) = begun {
                    self.fail(error, "give one of them another with `ServerSentEvents::named`");
                }
                let whole = hello.name.is_none();
                self.handle(Input::Hello { heartbeat: hello.heartbeat(), retry: hello.retry(), whole });
                self.notify_watchers(None);
            }
            Err(error) => self.fail(error, "ignored"),
        }
    }

    fn receive_heartbeat(&self, data: &str) {
        match data.parse::<Cursor>() {
            Ok(cursor) => {
                let behind = self.state().documents.heartbeat(&cursor);
                match behind {
                    Ok(behind) => behind.into_iter().for_each(|(key, error)| self.ask_for_snapshot(&key, error)),
                    Err(error) => {
                        self.fail(error, "reconnecting for one");
                        self.handle(Input::OutOfStep);
                    }
                }
                self.notify_watchers(None);
            }
            Err(error) => self.fail(error, "ignored"),
        }
    }

    fn receive_update(&self, data: &str) {
        let update::Update { name, change } = match update::Update::parse(data) {
            Ok(update) => update,
            // It names no signal. If it was an update, the next one or a heartbeat shows the gap.
            Err(error) => return self.fail(error, "ignored"),
        };
        let (outcome, subscribers) = {
            let mut state = self.state();
            (state.documents.update(&name, change), state.registry.subscribers(&name))
        };
        match outcome {
            Outcome::Changed { document, touches } => {
                self.transport.changed(&name);
                if let Some(subscribers) = subscribers {
                    subscribers.accept(&document, Some(&touches)).for_each(|error| self.cannot_read(&name, error));
                }
            }
            Outcome::Dropped => {}
            Outcome::OutOfStep(error) => self.ask_for_snapshot(&name, error),
        }
        self.notify_watchers(Some(&name));
    }

    fn receive_feed(&self, data: &str) {
        let update = match update::parse_feed_step(data) {
            Ok(update) => update,
            Err(error) => return self.fail(error, "ignored"),
        };
        let (step, subscribers) = {
            let mut state = self.state();
            (state.feeds.update(&update), state.registry.subscribers(&update.name))
        };
        if let Some(subscribers) = subscribers {
            let skipped = |error| self.fail_of("feed", &update.name, error, "it is skipped");
            subscribers.take(step, update.item.as_ref()).for_each(skipped);
        }
    }

    fn receive_refused(&self, data: &str) {
        match Refused::parse(data) {
            Ok(refused) => {
                let is_news = self.state().documents.refused(&refused);
                self.transport.changed(&refused.name);
                if is_news {
                    self.notify_watchers(Some(&refused.name));
                    let Refused { name, reason } = refused;
                    self.transport.log_warning(format_args!("leptos_sse: the server refuses `{name}`: {reason}"));
                    self.emit(ConnectionEvent::Failed(SseErrorReport::new(Some(&name), Error::withheld(reason))));
                }
            }
            Err(error) => self.fail(error, "ignored"),
        }
    }

    fn receive_removed(&self, data: &str) {
        match Removed::parse(data) {
            Ok(removed) => {
                let subscribers = {
                    let mut state = self.state();
                    let is_gone = state.removed(&removed);
                    state.registry.subscribers(&removed.name).filter(|_| is_gone)
                };
                self.transport.changed(&removed.name);
                if let Some(subscribers) = subscribers {
                    subscribers.removed().for_each(|error| self.keeps(&removed.name, error));
                    self.notify_watchers(Some(&removed.name));
                }
            }
            Err(error) => self.fail(error, "ignored"),
        }
    }
}
