//! Who waits for a write, and how they are woken at no cost to the writer.

use futures::task::AtomicWaker;
use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
};
use tokio::{runtime::Handle, task::yield_now};

/// One who waits, in any number of waiting rooms at once.
#[derive(Debug, Default)]
pub(super) struct Sleeper {
    waker: AtomicWaker,
    gone: AtomicBool,
}

impl Sleeper {
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
    sleepers: Vec<Arc<Sleeper>>,
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
        inside.sleepers.push(sleeper.clone());
        // It changes with the lock held alone.
        place.0 = Some(self.emptied.load(Ordering::Relaxed));
        true
    }

    /// Gives up a place; its sleeper has [left](Sleeper::leave).
    pub(super) fn give_up(&self, place: Place) {
        let mut inside = self.inside();
        if place.0 == Some(self.emptied.load(Ordering::Relaxed)) {
            inside.gone += 1;
            if inside.gone * 2 > inside.sleepers.len() {
                inside.gone = 0;
                inside.sleepers.retain(|sleeper| !sleeper.gone.load(Ordering::Relaxed));
                inside.sleepers.shrink_to(64);
            }
        }
    }

    /// Wakes all who are inside; they have to enter again.
    pub(super) fn wake_all(&self) {
        let sleepers = {
            let mut inside = self.inside();
            if inside.sleepers.is_empty() {
                return;
            }
            self.emptied.fetch_add(1, Ordering::Release);
            inside.gone = 0;
            let as_many = Vec::with_capacity(inside.sleepers.len());
            mem::replace(&mut inside.sleepers, as_many)
        };
        wake(Crowd(sleepers));
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As many as a writer wakes by itself.
const FEW: usize = 32;

/// Wakes a few at once, and a crowd in a task of its own, so that a write costs the same for any number of followers.
fn wake(mut crowd: Crowd) {
    match Handle::try_current() {
        Ok(runtime) if crowd.0.len() > FEW => {
            runtime.spawn(async move {
                while crowd.wake_a_few() {
                    yield_now().await;
                }
            });
        }
        _ => drop(crowd),
    }
}

/// Sleepers to be woken; those who are left are woken when it is dropped, as with a runtime that shuts down.
struct Crowd(Vec<Arc<Sleeper>>);

impl Crowd {
    /// Says whether there are more.
    fn wake_a_few(&mut self) -> bool {
        let rest = self.0.len().saturating_sub(FEW);
        self.0.drain(rest..).for_each(|sleeper| sleeper.wake());
        rest > 0
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.0.drain(..).for_each(|sleeper| sleeper.wake());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::{ArcWake, waker};
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn sleepers(count: &Arc<Count>, number: usize) -> Vec<(Arc<Sleeper>, Place)> {
        let sleeper = || {
            let sleeper = Arc::new(Sleeper::default());
            sleeper.register(&waker(count.clone()));
            (sleeper, Place::default())
        };
        (0..number).map(|_| sleeper()).collect()
    }

    #[test]
    fn who_entered_is_woken_once() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 3);
        for (sleeper, place) in &mut sleepers {
            assert!(room.enter(sleeper, place));
            assert!(!room.enter(sleeper, place));
        }
        room.wake_all();
        room.wake_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 3);
        let (sleeper, place) = &mut sleepers[0];
        assert!(room.enter(sleeper, place));
    }

    #[test]
    fn who_has_gone_takes_no_place() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 1_000);
        sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        for (sleeper, place) in sleepers.drain(1..) {
            sleeper.leave();
            room.give_up(place);
        }
        assert!(room.inside().sleepers.len() <= 2);
        room.wake_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_crowd_is_woken_by_a_task_of_its_own() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 1_000);
        sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        room.wake_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        while count.0.load(Ordering::Relaxed) < 1_000 {
            yield_now().await;
        }
    }

    #[test]
    fn a_crowd_whose_runtime_ends_is_woken_all_the_same() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 1_000);
        sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { room.wake_all() });
        drop(runtime);
        assert_eq!(count.0.load(Ordering::Relaxed), 1_000);
    }
}
