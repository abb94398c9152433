//! A double of an engine, for tests.

use super::{Answer, Engine};
use futures::future::BoxFuture;
use leptos_sse_core::Key;
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// An engine that keeps nothing: it answers each attempt after a wait, as its script says.
pub struct EngineDouble {
    wait: Duration,
    script: Mutex<Box<Script>>,
    attempts: AtomicU32,
}

/// Says how an attempt at a write to a key is answered.
type Script = dyn FnMut(&Key, u32) -> Answer + Send;

impl EngineDouble {
    /// An engine that answers after `wait` with what `script` says of a key and the number of the attempt.
    pub fn new(wait: Duration, script: impl FnMut(&Key, u32) -> Answer + Send + 'static) -> Arc<Self> {
        Arc::new(Self { wait, script: Mutex::new(Box::new(script)), attempts: AtomicU32::new(0) })
    }

    /// An engine whose answer takes a millisecond, and that has each write run a second time.
    #[must_use]
    pub fn contended() -> Arc<Self> {
        Self::new(Duration::from_millis(1), |_, attempt| if attempt == 0 { Answer::Conflict } else { Answer::Done })
    }

    /// How many attempts it has answered.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}

impl Engine for EngineDouble {
    fn append<'a>(&'a self, key: &'a Key, attempt: u32) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            tokio::time::sleep(self.wait).await;
            self.attempts.fetch_add(1, Ordering::Relaxed);
            let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
            script(key, attempt)
        })
    }
}

impl fmt::Debug for EngineDouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineDouble").field("attempts", &self.attempts()).finish_non_exhaustive()
    }
}
