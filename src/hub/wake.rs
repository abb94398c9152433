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
    thread::{self, ThreadId},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
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

    fn thread(&self) -> Option<ThreadId> {
        self.home.as_ref().and_then(|home| home.thread)
    }
}

/// The runtime that polls a sleeper.
#[derive(Debug)]
struct Home {
    runtime: Handle,
    /// Its thread, where it has one alone, as each of actix-web's workers.
    thread: Option<ThreadId>,
}

impl Home {
    fn here() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let alone = matches!(runtime.runtime_flavor(), RuntimeFlavor::CurrentThread);
        Some(Self { runtime, thread: alone.then(|| thread::current().id()) })
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
    /// One for each thread of a runtime of one thread, and one for all others.
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
        inside.crowd(sleeper.thread()).sleepers.push(sleeper.clone());
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

    fn crowd(&mut self, thread: Option<ThreadId>) -> &mut Crowd {
        let at = self.crowds.iter().position(|crowd| crowd.thread == thread).unwrap_or_else(|| {
            self.crowds.push(Crowd { thread, sleepers: Vec::new() });
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
    thread: Option<ThreadId>,
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
        let many_workers = self.thread.is_none();
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
mod tests {
    use super::*;
    use futures::task::{ArcWake, waker};
    use std::{
        sync::atomic::AtomicUsize,
        time::{Duration, Instant},
    };

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn sleepers(count: &Arc<Count>, number: usize) -> Vec<(Arc<Sleeper>, Place)> {
        let sleeper = || {
            let sleeper = Arc::new(Sleeper::here());
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
        assert!(room.inside().len() <= 2);
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
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut sleepers = sleepers(&count, 1_000);
            sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
            room.wake_all();
        });
        drop(runtime);
        assert_eq!(count.0.load(Ordering::Relaxed), 1_000);
    }

    #[tokio::test]
    async fn a_thread_without_a_runtime_leaves_a_crowd_to_the_runtime_of_its_own() {
        let (room, count) = (Arc::new(WaitingRoom::default()), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 1_000);
        sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        let writer = room.clone();
        thread::spawn(move || writer.wake_all()).join().unwrap();
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        while count.0.load(Ordering::Relaxed) < 1_000 {
            yield_now().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_crowd_does_not_wait_for_a_writer_who_goes_on_for_long() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let mut sleepers = sleepers(&count, 1_000);
        sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        let writer = tokio::spawn(async move {
            room.wake_all();
            let started = Instant::now();
            while count.0.load(Ordering::Relaxed) < 1_000 {
                assert!(started.elapsed() < Duration::from_secs(20), "nobody else woke them");
                thread::yield_now();
            }
        });
        writer.await.unwrap();
    }

    #[test]
    fn sleepers_of_two_runtimes_are_woken_by_their_own() {
        let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mine, other) = (runtime(), runtime());
        let enter = || {
            let mut sleepers = sleepers(&count, 100);
            sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
        };
        thread::scope(|scope| scope.spawn(|| other.block_on(async { enter() })).join().unwrap());
        mine.block_on(async {
            enter();
            room.wake_all();
            while count.0.load(Ordering::Relaxed) < 100 {
                yield_now().await;
            }
        });
        assert_eq!(count.0.load(Ordering::Relaxed), 100);
        other.block_on(async {
            while count.0.load(Ordering::Relaxed) < 200 {
                yield_now().await;
            }
        });
    }
}
