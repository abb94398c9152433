//! The state of a connection, as signals.

use leptos::prelude::{ArcRwSignal, Set, Track, Update, untrack};
use leptos_sse_client::{Connection, SseStatus, transport::View};
use std::any::Any;

/// What a page shows of a connection.
#[derive(Clone, Default)]
pub(crate) struct StatusSignal {
    status: ArcRwSignal<SseStatus>,
    /// Counts the `EventSource`s, for those who listen to them by themselves.
    opened: ArcRwSignal<u64>,
}

impl StatusSignal {
    /// That of a connection of a page.
    pub(crate) fn of(connection: &Connection) -> Self {
        // Every connection of this crate is made with one.
        (connection.view() as &dyn Any).downcast_ref::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn status(&self) -> &ArcRwSignal<SseStatus> {
        &self.status
    }

    pub(crate) fn track_stream(&self) {
        self.opened.track();
    }
}

impl View for StatusSignal {
    fn status(&self, status: SseStatus) {
        self.status.set(status);
    }

    fn stream_replaced(&self) {
        self.opened.update(|count| *count += 1);
    }

    fn untracked(&self, run: &mut dyn FnMut()) {
        untrack(run);
    }
}
