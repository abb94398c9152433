//! Where there is no browser: nothing connects, nothing comes, and nothing is shared between two requests.

use crate::status_signal::StatusSignal;
use leptos_sse_client::{
    Connection, Options,
    transport::{FirstValue, Transport},
};
use leptos_sse_core::{Error, Key, protocol::SubscribeRequest};
use std::{
    fmt::{self, Display},
    sync::Arc,
    time::Duration,
};

pub(crate) fn page_connection(url: String, options: &Options, _: Ways) -> Result<Arc<Connection>, Error> {
    Ok(Connection::new(url, options, Box::new(StatusSignal::default()), |_| Box::new(Inert)))
}

pub(crate) fn is_hydrating() -> bool {
    false
}

/// Whether all parts of a page have to have the same first values, however late they are made.
pub(crate) fn renders() -> bool {
    true
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

/// Without a browser there is no `EventSource`.
pub(crate) fn event_source(_: &Connection) -> Option<web_sys::EventSource> {
    None
}

struct Inert;

impl Transport for Inert {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, _: &SubscribeRequest) {}

    fn open_beside(&self, _: &SubscribeRequest) {}

    fn settle(&self) {}

    fn close_beside(&self) {}

    fn close(&self) {}

    fn probe(&self, _: &SubscribeRequest) {}

    fn changed(&self, _: &Key) {}

    fn wake_in(&self, _: Duration) {}

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> f64 {
        0.0
    }

    fn first_value(&self, _: &Key) -> Option<FirstValue> {
        None
    }

    fn log_error(&self, message: fmt::Arguments<'_>) {
        log_error(message);
    }

    fn log_warning(&self, message: fmt::Arguments<'_>) {
        log_warning(message);
    }
}
