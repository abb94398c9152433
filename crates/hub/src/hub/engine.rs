//! The seam to an engine, which keeps the writes of a hub outside of the process.
//!
//! There is no engine yet, and the seam is hidden: tests put a double in it, to show that the same lines work over one.
//! Each key has a queue here, so that its writes are made one after the other, in the order of the calls.

mod double;

pub use double::EngineDouble;
use futures::{FutureExt, future::BoxFuture};
use leptos_sse_core::{Error, Key};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::runtime::Handle;

/// Decides on every write of a hub.
pub trait Engine: Send + Sync + 'static {
    /// Answers one attempt at a write to `key`. `attempt` is 0 for the first attempt.
    fn append<'a>(&'a self, key: &'a Key, attempt: u32) -> BoxFuture<'a, Answer>;
}

/// The answer of an [`Engine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The write is done.
    Done,
    /// Another write came first: the closure runs again, on the value of that one.
    Conflict,
    /// The write is not done, as while the engine cannot be reached.
    NotDone,
    /// The reply was lost.
    Unknown {
        /// Whether the write is done, which the writer is not told.
        done: bool,
    },
}

/// Another write came in between.
#[derive(Debug)]
pub(super) struct Conflict;

/// How often a write is attempted before it fails as a conflict.
const ATTEMPTS: u32 = 16;

/// The hub's end of an engine.
pub(super) struct Link {
    engine: Arc<dyn Engine>,
    runtime: Handle,
    /// The writes that wait for the one before them, of each key that has a write under way.
    queues: Mutex<HashMap<Key, VecDeque<BoxFuture<'static, ()>>>>,
}

impl Link {
    /// # Panics
    ///
    /// Without a Tokio runtime, which makes the writes.
    pub(super) fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine, runtime: Handle::current(), queues: Mutex::default() }
    }

    /// Makes a write when the earlier writes of its key are over.
    pub(super) fn enqueue(self: &Arc<Self>, key: &Key, write: BoxFuture<'static, ()>) {
        let mut queues = self.queues();
        if let Some(queue) = queues.get_mut(key) {
            queue.push_back(write);
        } else {
            queues.insert(key.clone(), VecDeque::new());
            drop(queues);
            let queue = OpenQueue { link: self.clone(), key: key.clone(), is_open: true };
            self.runtime.spawn(queue.run(write));
        }
    }

    /// Attempts a write until the engine has answered for good.
    ///
    /// `prepare` computes the write from the present value, or ends without a write. `put` makes the write readable here.
    pub(super) async fn attempt<P, O>(
        &self,
        key: &Key,
        mut prepare: impl FnMut() -> Result<P, O>,
        mut put: impl FnMut(P) -> Result<O, Conflict>,
        fail: impl Fn(Error) -> O,
    ) -> O {
        for attempt in 0..ATTEMPTS {
            let prepared = match prepare() {
                Ok(prepared) => prepared,
                Err(over) => return over,
            };
            match self.engine.append(key, attempt).await {
                Answer::Done => {
                    if let Ok(outcome) = put(prepared) {
                        return outcome;
                    }
                }
                Answer::Conflict => {}
                Answer::NotDone => return fail(Error::not_done(key.as_str())),
                Answer::Unknown { done } => {
                    if done {
                        drop(put(prepared));
                    }
                    return fail(Error::unknown(key.as_str()));
                }
            }
        }
        fail(Error::conflict(key.as_str()))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<BoxFuture<'static, ()>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The queue of a key while its writes are made. A runtime that ends drops it before the queue is empty: the writes in it are
/// dropped then, so that those who await them are told, and the next one opens another queue.
struct OpenQueue {
    link: Arc<Link>,
    key: Key,
    /// Another write may open another queue once it is not.
    is_open: bool,
}

impl OpenQueue {
    async fn run(mut self, mut write: BoxFuture<'static, ()>) {
        loop {
            // The code of the user may panic. The writes behind it go on.
            if AssertUnwindSafe(write).catch_unwind().await.is_err() {
                tracing::error!(key = %self.key, "a write panicked");
            }
            let mut queues = self.link.queues();
            let Some(next) = queues.get_mut(&self.key).and_then(VecDeque::pop_front) else {
                queues.remove(&self.key);
                drop(queues);
                self.is_open = false;
                return;
            };
            drop(queues);
            write = next;
        }
    }
}

impl Drop for OpenQueue {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let dropped = self.link.queues().remove(&self.key);
        // Not under the lock, as it drops values of the user.
        drop(dropped);
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
