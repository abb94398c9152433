//! Without Leptos a connection knows where it stands, and there are no signals of it.

use super::status::SseStatus;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub(crate) struct Shown(Mutex<SseStatus>);

impl Shown {
    pub(super) fn status(&self) -> SseStatus {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_status(&self, status: SseStatus) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    #[expect(clippy::unused_self)]
    pub(super) fn opened(&self) {}
}

/// Nothing is tracked.
pub(crate) fn untrack<T>(run: impl FnOnce() -> T) -> T {
    run()
}
