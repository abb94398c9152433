//! Where there is no browser: nothing connects, nothing comes, and nothing is shared between two requests.

use super::{EventSource, Transport, misbuilt};
use crate::client::{connection::Connection, first::First, options::SseOptions};
use leptos_sse_core::{Error, Key, protocol::Ask};
use std::{fmt::Display, sync::Arc, time::Duration};

pub(crate) fn page_connection(url: String, options: &SseOptions) -> Result<Arc<Connection>, Error> {
    misbuilt::tell();
    Ok(Connection::new(url, options, |_| Box::new(Inert)))
}

pub(crate) fn is_hydrating() -> bool {
    false
}

/// Whether all parts of a page have to have the same first values, however late they are made.
pub(crate) fn renders() -> bool {
    true
}

pub(crate) fn carried_texts(_: &str) -> Vec<String> {
    Vec::new()
}

pub(crate) fn remember(_: Key, _: First) {}

pub(crate) fn recall(_: &Key) -> Option<First> {
    None
}

pub(crate) fn recall_current(_: &Key) -> Option<First> {
    None
}

pub(crate) fn log_error(message: impl Display) {
    tracing::error!("{message}");
}

pub(crate) fn log_warning(message: impl Display) {
    tracing::warn!("{message}");
}

/// How the events come is nothing to a page without a browser.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ways;

impl Ways {
    #[expect(clippy::unused_self)]
    pub(crate) fn add_fetch(&mut self) {}

    #[expect(clippy::unused_self)]
    pub(crate) fn add_tabs(&mut self) {}
}

struct Inert;

impl Transport for Inert {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, _: &Ask) {}

    fn open_beside(&self, _: &Ask) {}

    fn settle(&self) {}

    fn close_beside(&self) {}

    fn close(&self) {}

    fn probe(&self, _: &Ask) {}

    fn changed(&self, _: &Key) {}

    fn wake_in(&self, _: Duration) {}

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> f64 {
        0.0
    }

    fn event_source(&self) -> Option<EventSource> {
        None
    }
}
