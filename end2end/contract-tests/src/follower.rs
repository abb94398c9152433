//! One client that the harness has asked for.

use crate::callbacks::{Callbacks, Message};
use http::Method;
use leptos_sse_native::{Error, Event, EventSource, EventSourceOptions};
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};

/// What the harness asks for. Null is as good as nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    stream_url: String,
    callback_url: String,
    initial_delay_ms: Option<u64>,
    read_timeout_ms: Option<u64>,
    last_event_id: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    method: Option<String>,
    body: Option<String>,
}

/// A source whose events are told to the harness. It is closed when it is dropped.
pub struct Follower {
    url: String,
    options: EventSourceOptions,
    callbacks: Callbacks,
    /// The names of events that are listened for, beside `message`.
    events: Vec<String>,
    source: EventSource,
}

impl Follower {
    pub fn new(wanted: Wanted) -> Result<Self, String> {
        let callbacks = Callbacks::new(wanted.callback_url.clone());
        let url = wanted.stream_url.clone();
        let options = options(wanted)?;
        let source = follow(&url, options.clone(), &callbacks).map_err(|error| error.to_string())?;
        Ok(Self { url, options, callbacks, events: Vec::new(), source })
    }

    pub fn listen(&mut self, event: String) {
        self.source.add_event_listener(&event, tell_event(&self.callbacks));
        self.events.push(event);
    }

    /// Follows anew from where it is, as after a lost connection.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.source.close();
        let options = self.options.clone().last_event_id(&*self.source.last_event_id());
        let options = self
            .events
            .iter()
            .fold(options, |options, event| options.event_listener(event, tell_event(&self.callbacks)));
        self.source = follow(&self.url, options, &self.callbacks)?;
        Ok(())
    }
}

fn options(wanted: Wanted) -> Result<EventSourceOptions, String> {
    let mut options = EventSourceOptions::new();
    if let Some(delay) = wanted.initial_delay_ms {
        options = options.reconnect_base(Duration::from_millis(delay));
    }
    if let Some(timeout) = wanted.read_timeout_ms {
        options = options.idle_timeout(Duration::from_millis(timeout));
    }
    if let Some(id) = wanted.last_event_id {
        options = options.last_event_id(id);
    }
    if let Some(method) = wanted.method {
        options = options.method(Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?);
    }
    if let Some(body) = wanted.body {
        options = options.body(body);
    }
    let headers = wanted.headers.unwrap_or_default();
    Ok(headers.into_iter().fold(options, |options, (name, value)| options.header(name, value)))
}

/// Has all that is told to functions told to the harness, in its order.
fn follow(url: &str, options: EventSourceOptions, callbacks: &Callbacks) -> Result<EventSource, Error> {
    let errors = callbacks.clone();
    let on_error = move |error: &Error| errors.tell(Message::Error { error: error.to_string() });
    EventSource::with_options(url, options.on_error(on_error).on_message(tell_event(callbacks)))
}

fn tell_event(callbacks: &Callbacks) -> impl Fn(&Event) + Send + Sync + use<> {
    let callbacks = callbacks.clone();
    move |event| callbacks.tell(Message::event(event))
}
