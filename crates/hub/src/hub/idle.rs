//! The signals that a provider made and that nobody follows, in the order in which they are due to be evicted.

use super::topic::Topic;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::{runtime::Handle, time::Instant};

/// One task evicts all of them.
#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<IdleQueue>);

#[derive(Debug, Default)]
pub(super) struct IdleQueue {
    pub(super) waiting: VecDeque<Leaving>,
    /// The last runtime that was seen: a subscriber may be dropped outside of any.
    pub(super) runtime: Option<Handle>,
    /// Whether the task runs.
    pub(super) is_swept: bool,
}

#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) due: Instant,
    pub(super) topic: Weak<Topic>,
    /// How often a subscriber had come when the last one left.
    pub(super) visits: u64,
}

impl Idle {
    pub(super) fn remember(&self, runtime: &Handle) {
        self.queue().runtime = Some(runtime.clone());
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, IdleQueue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
