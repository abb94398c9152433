//! The readers that wait for a write. To wake them costs the writer the same, however many they are.

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

/// One reader. It waits in any number of wait lists at once.
#[derive(Debug)]
pub(super) struct Waiter {
    waker: AtomicWaker,
    gone: AtomicBool,
    home: Option<Home>,
}

impl Waiter {
    /// A reader that the current runtime polls.
    pub(super) fn here() -> Self {
        Self { waker: AtomicWaker::new(), gone: AtomicBool::new(false), home: Home::here() }
    }

    pub(super) fn set_waker(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// From now on there is nobody to wake.
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

/// The runtime that polls a waiter.
#[derive(Debug)]
struct Home {
    runtime: Handle,
    /// Whether it has a single thread, as each worker of actix-web.
    is_alone: bool,
}

impl Home {
    fn here() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let is_alone = matches!(runtime.runtime_flavor(), RuntimeFlavor::CurrentThread);
        Some(Self { runtime, is_alone })
    }
}

/// The readers that wait for the writes to one topic. A reader stays in the list until it leaves, so that an update does not
/// add and remove each of them; its waker knows whether it sleeps.
#[derive(Debug, Default)]
pub(super) struct WaitList(Arc<Mutex<Groups>>);

#[derive(Debug, Default)]
struct Groups {
    /// One for each runtime, and one for the waiters outside of any.
    by_runtime: Vec<RuntimeGroup>,
    /// How many waiters have left. They are swept out when they are half of all.
    gone: usize,
}

#[derive(Debug)]
struct RuntimeGroup {
    runtime: Option<Id>,
    waiters: Vec<Arc<Waiter>>,
    /// How many are being woken by a [`WakeTask`], which gives them back.
    waking: usize,
    /// Whether there was another write in the meantime.
    again: bool,
}

/// Whether a waiter is in a wait list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Registration(bool);

impl WaitList {
    /// Adds a waiter, unless that was done before. Says whether it was added now.
    pub(super) fn register(&self, waiter: &Arc<Waiter>, registration: &mut Registration) -> bool {
        let enters = !mem::replace(&mut registration.0, true);
        if enters {
            lock(&self.0).group(waiter.runtime()).waiters.push(waiter.clone());
        }
        enters
    }

    /// Ends a registration, after its waiter has [left](Waiter::leave).
    pub(super) fn unregister(&self, registration: Registration) {
        if registration.0 {
            let mut groups = lock(&self.0);
            groups.gone += 1;
            groups.sweep_if_due();
        }
    }

    /// Wakes all waiters.
    pub(super) fn wake_all(&self) {
        let mut groups = lock(&self.0);
        if groups.len() > FEW {
            let tasks: Vec<_> = groups.by_runtime.iter_mut().filter_map(|group| group.wake_task(&self.0)).collect();
            drop(groups);
            tasks.into_iter().for_each(WakeTask::begin);
        } else {
            // Those that a task is waking are few, too. At worst they are woken twice.
            groups.by_runtime.iter_mut().for_each(|group| group.again = group.waking > 0);
            let few: Vec<_> = groups.by_runtime.iter().flat_map(|group| &group.waiters).cloned().collect();
            drop(groups);
            few.iter().for_each(|waiter| waiter.wake());
        }
    }
}

fn lock(list: &Mutex<Groups>) -> MutexGuard<'_, Groups> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Groups {
    fn len(&self) -> usize {
        self.by_runtime.iter().map(|group| group.waiters.len() + group.waking).sum()
    }

    fn group(&mut self, runtime: Option<Id>) -> &mut RuntimeGroup {
        let at = self.by_runtime.iter().position(|group| group.runtime == runtime).unwrap_or_else(|| {
            self.by_runtime.push(RuntimeGroup { runtime, waiters: Vec::new(), waking: 0, again: false });
            self.by_runtime.len() - 1
        });
        &mut self.by_runtime[at]
    }

    /// Not while a task has some of the waiters: it sees which of them have left.
    fn sweep_if_due(&mut self) {
        if self.gone * 2 <= self.len() || self.by_runtime.iter().any(|group| group.waking > 0) {
            return;
        }
        self.gone = 0;
        self.by_runtime.retain_mut(|group| {
            group.waiters.retain(|waiter| !waiter.has_gone());
            group.waiters.shrink_to(64);
            !group.waiters.is_empty()
        });
    }
}

/// The most waiters that a writer wakes by itself.
const FEW: usize = 4;
/// How many waiters a task wakes before it yields.
const SOME: usize = 32;

impl RuntimeGroup {
    /// The task that wakes them. `None` while a task is at work: it will wake them again.
    fn wake_task(&mut self, list: &Arc<Mutex<Groups>>) -> Option<WakeTask> {
        self.again = self.waking > 0;
        if self.again || self.waiters.is_empty() {
            return None;
        }
        self.waking = self.waiters.len();
        let waiters = mem::take(&mut self.waiters);
        Some(WakeTask { list: list.clone(), runtime: self.runtime, waiters, next: 0, gone: 0, ended: false })
    }
}

/// Wakes the waiters of a group. When it is dropped, as by a runtime that shuts down, it wakes those that are left.
#[derive(Debug)]
struct WakeTask {
    list: Arc<Mutex<Groups>>,
    runtime: Option<Id>,
    waiters: Vec<Arc<Waiter>>,
    next: usize,
    /// How many were found to have left.
    gone: usize,
    ended: bool,
}

impl WakeTask {
    /// Wakes them in a task on their own runtime. So a write costs the same for any number of subscribers, from any thread, and
    /// whatever else the runtime of the writer is busy with.
    fn begin(self) {
        let home = self.waiters.first().and_then(|waiter| waiter.home.as_ref());
        let Some(runtime) = home.map(|home| home.runtime.clone()).or_else(|| Handle::try_current().ok()) else {
            return;
        };
        let many_workers = home.is_none_or(|home| !home.is_alone);
        runtime.spawn(async move {
            // Captures all of `self`. A captured field alone would wake nobody when it is dropped.
            let mut task = self;
            while task.wake_some() {
                yield_now().await;
            }
        });
        if many_workers {
            // A worker keeps the task that it spawned last for itself, until the task of the writer waits for something.
            runtime.spawn(ready(()));
        }
    }

    /// Wakes some of them. Says whether there are more.
    fn wake_some(&mut self) -> bool {
        for _ in 0..SOME {
            match self.waiters.get(self.next) {
                Some(waiter) if waiter.has_gone() => {
                    self.waiters.swap_remove(self.next);
                    self.gone += 1;
                }
                Some(waiter) => {
                    waiter.wake();
                    self.next += 1;
                }
                None => return self.is_to_go_on(),
            }
        }
        true
    }

    /// Starts over after another write, with the waiters that came in the meantime, or gives all of them back.
    fn is_to_go_on(&mut self) -> bool {
        let mut groups = lock(&self.list);
        groups.gone = groups.gone.saturating_sub(mem::take(&mut self.gone));
        let group = groups.group(self.runtime);
        self.waiters.append(&mut group.waiters);
        self.next = 0;
        let again = mem::take(&mut group.again) && !self.waiters.is_empty();
        if again {
            group.waking = self.waiters.len();
        } else {
            group.waking = 0;
            group.waiters = mem::take(&mut self.waiters);
            groups.sweep_if_due();
        }
        self.ended = !again;
        again
    }
}

impl Drop for WakeTask {
    fn drop(&mut self) {
        while !self.ended && self.wake_some() {}
    }
}

#[cfg(test)]
mod tests;
