//! Whether the stream is read: not while somebody who follows a feed has too much to read already.

use futures::task::AtomicWaker;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    task::Context,
};

#[derive(Debug, Default)]
pub(super) struct Gate {
    /// How many feeds are followed.
    readers: AtomicUsize,
    /// How many of them hold as much as they may.
    full: AtomicUsize,
    driver: AtomicWaker,
}

impl Gate {
    pub(super) fn enter(&self) {
        self.readers.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn leave(&self) {
        self.readers.fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn has_readers(&self) -> bool {
        self.readers.load(Ordering::SeqCst) > 0
    }

    /// One that was read in time is full now.
    pub(super) fn close(&self) {
        self.full.fetch_add(1, Ordering::SeqCst);
    }

    /// One that was full has room again.
    pub(super) fn open(&self) {
        self.full.fetch_sub(1, Ordering::SeqCst);
        self.driver.wake();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.full.load(Ordering::SeqCst) > 0
    }

    /// The same; who asks is woken when it is open.
    pub(super) fn poll_closed(&self, cx: &Context<'_>) -> bool {
        // Before it is looked at, so that no opening falls between.
        self.driver.register(cx.waker());
        self.is_closed()
    }
}
