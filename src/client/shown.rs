//! Where a connection stands, as signals of Leptos.

use super::status::SseStatus;
pub(crate) use leptos::prelude::untrack;
use leptos::prelude::{ArcRwSignal, GetUntracked, Set, Track, Update};

#[derive(Default)]
pub(crate) struct Shown {
    status: ArcRwSignal<SseStatus>,
    /// Counts the `EventSource`s, for those who listen to them by themselves.
    opened: ArcRwSignal<u64>,
}

impl Shown {
    pub(crate) fn signal(&self) -> &ArcRwSignal<SseStatus> {
        &self.status
    }

    pub(super) fn status(&self) -> SseStatus {
        self.status.get_untracked()
    }

    pub(super) fn set_status(&self, status: SseStatus) {
        self.status.set(status);
    }

    /// Another `EventSource` is there, or none.
    pub(super) fn opened(&self) {
        self.opened.update(|count| *count += 1);
    }

    pub(crate) fn track_opened(&self) {
        self.opened.track();
    }
}
