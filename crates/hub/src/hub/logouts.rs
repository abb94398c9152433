//! The number of logouts, by which a request and a logout are put in order. A time would serve no better.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the logouts of all hubs.
static LOGOUTS: AtomicU64 = AtomicU64::new(0);

/// How many logouts there have been.
pub(super) fn count() -> u64 {
    LOGOUTS.load(Ordering::Acquire)
}

/// Counts one more, and gives its number.
pub(super) fn next() -> u64 {
    LOGOUTS.fetch_add(1, Ordering::AcqRel) + 1
}
