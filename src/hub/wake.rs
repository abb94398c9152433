//! Who waits for a write, and how they are woken at no cost to the writer.

use futures::task::AtomicWaker;
use std::{
    future::ready,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
};
use tokio::{
    runtime::{Handle, Id, RuntimeFlavor},
    task::yield_now,
};

/// One who waits, in any number of waiting rooms at once.
#[derive(Debug)]
pub(super) struct Sleeper {
    waker: AtomicWaker,
    gone: AtomicBool,
    home: Option<Home>,
}

impl Sleeper {
    /// One whom the runtime polls that this is called in.
    pub(super) fn here() -> Self {
        Self { waker: AtomicWaker::new(), gone: AtomicBool::new(false), home: Home::here() }
    }

    pub(super) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// Nobody is to be woken any more.
    pub(super) fn leave(&self) {
        self.gone.store(true, Ordering::Relaxed);
        drop(self.waker.take());
    }

    fn runtime(&self) -> Option<Id> {
        self.home.as_ref().map(|home| home.runtime.id())
    }
}

/// The runtime that polls a sleeper.
#[derive(Debug)]
struct Home {
    runtime: Handle,
    /// Whether it has one thread alone, as each of actix-web's workers.
    is_alone: bool,
}

impl Home {
    fn here() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let is_alone = matches!(runtime.runtime_flavor(), RuntimeFlavor::CurrentThread);
        Some(Self { runtime, is_alone })
    }
}

/// Those who wait for the next write to one topic.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom {
    inside: Mutex<Inside>,
    /// How often the room was emptied: who entered since the last time is still inside.
    emptied: AtomicU64,
}

#[derive(Debug, Default)]
struct Inside {
    /// One for each runtime, and one for those outside of any.
    crowds: Vec<Crowd>,
    /// Those who have gone; they are swept out when they are the half.
    gone: usize,
}

/// A place in a waiting room: how often it had been emptied when it was entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(Option<u64>);

impl WaitingRoom {
    /// Enters the room, if that has not been done since it was last emptied; says whether it was just done.
    pub(super) fn enter(&self, sleeper: &Arc<Sleeper>, place: &mut Place) -> bool {
        if place.0 == Some(self.emptied.load(Ordering::Acquire)) {
            return false;
        }
        let mut inside = self.inside();
        inside.crowd(sleeper.runtime()).sleepers.push(sleeper.clone());
        // It changes with the lock held alone.
        place.0 = Some(self.emptied.load(Ordering::Relaxed));
        true
    }

    /// Gives up a place; its sleeper has [left](Sleeper::leave).
    pub(super) fn give_up(&self, place: Place) {
        let mut inside = self.inside();
        if place.0 == Some(self.emptied.load(Ordering::Relaxed)) {
            inside.gone += 1;
            if inside.gone * 2 > inside.len() {
                inside.sweep();
            }
        }
    }

    /// Wakes all who are inside; they have to enter again.
    pub(super) fn wake_all(&self) {
        let (crowds, number) = {
            let mut inside = self.inside();
            let number = inside.len();
            if number == 0 {
                return;
            }
            self.emptied.fetch_add(1, Ordering::Release);
            inside.gone = 0;
            (mem::take(&mut inside.crowds), number)
        };
        if number > FEW {
            crowds.into_iter().for_each(Crowd::wake_soon);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn len(&self) -> usize {
        self.crowds.iter().map(|crowd| crowd.sleepers.len()).sum()
    }

    fn crowd(&mut self, runtime: Option<Id>) -> &mut Crowd {
        let at = self.crowds.iter().position(|crowd| crowd.runtime == runtime).unwrap_or_else(|| {
            self.crowds.push(Crowd { runtime, sleepers: Vec::new() });
            self.crowds.len() - 1
        });
        &mut self.crowds[at]
    }

    fn sweep(&mut self) {
        self.gone = 0;
        self.crowds.retain_mut(|crowd| {
            crowd.sleepers.retain(|sleeper| !sleeper.gone.load(Ordering::Relaxed));
            crowd.sleepers.shrink_to(64);
            !crowd.sleepers.is_empty()
        });
    }
}

/// As many as a writer wakes by itself.
const FEW: usize = 4;
/// As many as are woken before others have their turn.
const SOME: usize = 32;

/// Sleepers to be woken; those who are left are woken when it is dropped, as with a runtime that shuts down.
#[derive(Debug)]
struct Crowd {
    runtime: Option<Id>,
    sleepers: Vec<Arc<Sleeper>>,
}

impl Crowd {
    /// Wakes them in a task of its own, where they live: so a write costs the same for any number of followers, from any
    /// thread, and whatever else the writer's runtime is busy with.
    fn wake_soon(self) {
        let home = self.sleepers.first().and_then(|sleeper| sleeper.home.as_ref());
        let Some(runtime) = home.map(|home| home.runtime.clone()).or_else(|| Handle::try_current().ok()) else {
            return;
        };
        let many_workers = home.is_none_or(|home| !home.is_alone);
        runtime.spawn(async move {
            // All of it, or its field would be captured alone, and nobody woken when it is dropped.
            let mut crowd = self;
            while crowd.wake_some() {
                yield_now().await;
            }
        });
        if many_workers {
            // A worker keeps the task that was spawned last for itself, until the writer's own waits for something.
            runtime.spawn(ready(()));
        }
    }

    /// Says whether there are more.
    fn wake_some(&mut self) -> bool {
        let rest = self.sleepers.len().saturating_sub(SOME);
        self.sleepers.drain(rest..).for_each(|sleeper| sleeper.wake());
        rest > 0
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.sleepers.drain(..).for_each(|sleeper| sleeper.wake());
    }
}

#[cfg(test)]
mod tests;
