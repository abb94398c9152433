//! What brings the events: the browser's `EventSource`, where it can say what is to be said; or `fetch`; or another tab.

use super::{event_source::EventSources, fetch::Fetches, request::Request, source::Source, tabs};
use leptos_sse_client::connection::Connection;
use std::sync::Weak;

/// The ways besides the `EventSource`, each of which is there once an option has asked for it.
///
/// What no option of an app names is never linked, and so is no part of its page: together they are a good part of the client.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ways {
    fetch: Option<Fetch>,
    tabs: Option<Share>,
}

/// Makes a source.
type Fetch = fn(&Request) -> Box<dyn Source>;
/// Makes of a tab's own source one that all tabs share.
type Share = fn(&Request, Box<dyn Source>, Weak<Connection>) -> Box<dyn Source>;

impl Ways {
    pub(crate) fn add_fetch(&mut self) {
        self.fetch = Some(|request| Box::new(Fetches(request.clone())));
    }

    pub(crate) fn add_tabs(&mut self) {
        self.tabs = Some(tabs::shared);
    }

    /// The source of a connection's streams.
    pub(super) fn source(self, request: &Request, connection: &Weak<Connection>) -> Box<dyn Source> {
        let fetches = self.fetch.map(|fetches| fetches(request));
        let source = match fetches {
            Some(fetches) if request.access.has_headers() => fetches,
            fetches => Box::new(EventSources { request: request.clone(), fetches }),
        };
        match self.tabs {
            Some(tabs) if request.access.shares_tabs => tabs(request, source, connection.clone()),
            _ => source,
        }
    }
}
