//! Who waits for a write, and how they are woken at no cost to the writer.

use futures::task::AtomicWaker;
use std::{
    future::ready,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
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

    fn has_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
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

/// Those who wait for the writes to one topic. Who has entered stays until it has gone, so that an update does not cost each
/// a way in and out; whether it sleeps, its own waker knows.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    /// One for each runtime, and one for those outside of any.
    crowds: Vec<Crowd>,
    /// Those who have gone; they are swept out when they are the half.
    gone: usize,
}

#[derive(Debug)]
struct Crowd {
    runtime: Option<Id>,
    sleepers: Vec<Arc<Sleeper>>,
    /// How many are being woken, by their [`Round`]; it gives them back.
    out: usize,
    /// Whether there was another write meanwhile.
    again: bool,
}

/// Whether someone has a place in a waiting room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place(bool);

impl WaitingRoom {
    /// Enters the room, if that has not been done; says whether it was just done.
    pub(super) fn enter(&self, sleeper: &Arc<Sleeper>, place: &mut Place) -> bool {
        let enters = !mem::replace(&mut place.0, true);
        if enters {
            inside(&self.0).crowd(sleeper.runtime()).sleepers.push(sleeper.clone());
        }
        enters
    }

    /// Gives up a place; its sleeper has [left](Sleeper::leave).
    pub(super) fn give_up(&self, place: Place) {
        if place.0 {
            let mut inside = inside(&self.0);
            inside.gone += 1;
            inside.sweep_if_due();
        }
    }

    /// Wakes all who are inside.
    pub(super) fn wake_all(&self) {
        let mut inside = inside(&self.0);
        if inside.len() > FEW {
            let rounds: Vec<_> = inside.crowds.iter_mut().filter_map(|crowd| crowd.go_out(&self.0)).collect();
            drop(inside);
            rounds.into_iter().for_each(Round::begin);
        } else {
            // Whoever is out is few, too, and woken twice at worst.
            inside.crowds.iter_mut().for_each(|crowd| crowd.again = crowd.out > 0);
            let few: Vec<_> = inside.crowds.iter().flat_map(|crowd| &crowd.sleepers).cloned().collect();
            drop(inside);
            few.iter().for_each(|sleeper| sleeper.wake());
        }
    }
}

fn inside(room: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inside {
    fn len(&self) -> usize {
        self.crowds.iter().map(|crowd| crowd.sleepers.len() + crowd.out).sum()
    }

    fn crowd(&mut self, runtime: Option<Id>) -> &mut Crowd {
        let at = self.crowds.iter().position(|crowd| crowd.runtime == runtime).unwrap_or_else(|| {
            self.crowds.push(Crowd { runtime, sleepers: Vec::new(), out: 0, again: false });
            self.crowds.len() - 1
        });
        &mut self.crowds[at]
    }

    /// Not while some are out: who has gone of those is seen when they are back.
    fn sweep_if_due(&mut self) {
        if self.gone * 2 <= self.len() || self.crowds.iter().any(|crowd| crowd.out > 0) {
            return;
        }
        self.gone = 0;
        self.crowds.retain_mut(|crowd| {
            crowd.sleepers.retain(|sleeper| !sleeper.has_gone());
            crowd.sleepers.shrink_to(64);
            !crowd.sleepers.is_empty()
        });
    }
}

/// As many as a writer wakes by itself.
const FEW: usize = 4;
/// As many as are woken before others have their turn.
const SOME: usize = 32;

impl Crowd {
    /// Those to be woken, unless they are out; then they will be woken again.
    fn go_out(&mut self, room: &Arc<Mutex<Inside>>) -> Option<Round> {
        self.again = self.out > 0;
        if self.again || self.sleepers.is_empty() {
            return None;
        }
        self.out = self.sleepers.len();
        let sleepers = mem::take(&mut self.sleepers);
        Some(Round { room: room.clone(), runtime: self.runtime, sleepers, next: 0, gone: 0, ended: false })
    }
}

/// A crowd on its way to be woken. Those who are left are woken when it is dropped, as with a runtime that shuts down.
#[derive(Debug)]
struct Round {
    room: Arc<Mutex<Inside>>,
    runtime: Option<Id>,
    sleepers: Vec<Arc<Sleeper>>,
    next: usize,
    /// Those who were found to have gone.
    gone: usize,
    ended: bool,
}

impl Round {
    /// Wakes them in a task of its own, where they live: so a write costs the same for any number of followers, from any
    /// thread, and whatever else the writer's runtime is busy with.
    fn begin(self) {
        let home = self.sleepers.first().and_then(|sleeper| sleeper.home.as_ref());
        let Some(runtime) = home.map(|home| home.runtime.clone()).or_else(|| Handle::try_current().ok()) else {
            return;
        };
        let many_workers = home.is_none_or(|home| !home.is_alone);
        runtime.spawn(async move {
            // All of it, or its field would be captured alone, and nobody woken when it is dropped.
            let mut round = self;
            while round.wake_some() {
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
        for _ in 0..SOME {
            match self.sleepers.get(self.next) {
                Some(sleeper) if sleeper.has_gone() => {
                    self.sleepers.swap_remove(self.next);
                    self.gone += 1;
                }
                Some(sleeper) => {
                    sleeper.wake();
                    self.next += 1;
                }
                None => return self.is_to_go_on(),
            }
        }
        true
    }

    /// Begins anew if there was another write, with those who came meanwhile, or gives all back.
    fn is_to_go_on(&mut self) -> bool {
        let mut inside = inside(&self.room);
        inside.gone = inside.gone.saturating_sub(mem::take(&mut self.gone));
        let crowd = inside.crowd(self.runtime);
        self.sleepers.append(&mut crowd.sleepers);
        self.next = 0;
        let again = mem::take(&mut crowd.again) && !self.sleepers.is_empty();
        if again {
            crowd.out = self.sleepers.len();
        } else {
            crowd.out = 0;
            crowd.sleepers = mem::take(&mut self.sleepers);
            inside.sweep_if_due();
        }
        self.ended = !again;
        again
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        while !self.ended && self.wake_some() {}
    }
}

#[cfg(test)]
mod tests;
