use std::{
    collections::HashMap,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// The right to write one signal, which one thread has at a time.
///
/// It locks no data: code of the user runs while a thread has it, and may write other signals. Where two threads would wait for
/// each other in this way, the one that would wait last is refused.
#[derive(Debug, Default)]
pub(super) struct WriteLock {
    holder: Mutex<Option<ThreadId>>,
    freed: Condvar,
}

/// To wait for the lock would be to wait for oneself.
#[derive(Debug)]
pub(super) struct WouldWaitForever;

/// The threads that wait, each with the lock that it waits for.
static WAITING: LazyLock<Mutex<HashMap<ThreadId, Arc<WriteLock>>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// This thread. To ask for it each time would count a reference to the thread up and down.
    static ME: ThreadId = thread::current().id();
}

impl WriteLock {
    /// Waits until no thread has the lock, and takes it.
    pub(super) fn take(self: &Arc<Self>) -> Result<WriteLockGuard<'_>, WouldWaitForever> {
        let me = ME.with(|me| *me);
        if !self.take_if_free(me) {
            self.announce(me)?;
            loop {
                let mut holder = lock(&self.holder);
                while holder.is_some() {
                    holder = self.freed.wait(holder).unwrap_or_else(PoisonError::into_inner);
                }
                drop(holder);
                // Both at once: a thread that has the lock is not one that waits for it.
                let mut waiting = lock(&WAITING);
                if self.take_if_free(me) {
                    waiting.remove(&me);
                    break;
                }
            }
        }
        Ok(WriteLockGuard(self))
    }

    fn take_if_free(&self, me: ThreadId) -> bool {
        let mut holder = lock(&self.holder);
        let free = holder.is_none();
        if free {
            *holder = Some(me);
        }
        free
    }

    /// Adds this thread to those that wait, unless the threads it would wait for wait for it.
    fn announce(self: &Arc<Self>, me: ThreadId) -> Result<(), WouldWaitForever> {
        let mut waiting = lock(&WAITING);
        let mut next = Some(self);
        // This ends: no thread was added that would close a circle.
        while let Some(holder) = next.and_then(|next| *lock(&next.holder)) {
            if holder == me {
                return Err(WouldWaitForever);
            }
            next = waiting.get(&holder);
        }
        waiting.insert(me, self.clone());
        Ok(())
    }
}

/// The lock, until it is dropped.
#[derive(Debug)]
pub(super) struct WriteLockGuard<'a>(&'a WriteLock);

impl Drop for WriteLockGuard<'_> {
    fn drop(&mut self) {
        *lock(&self.0.holder) = None;
        self.0.freed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn a_lock_within_the_same_lock_is_refused() {
        let write_lock = Arc::new(WriteLock::default());
        let held = write_lock.take().unwrap();
        write_lock.take().unwrap_err();
        drop(held);
        write_lock.take().unwrap();
    }

    #[test]
    fn of_two_threads_that_would_wait_for_each_other_one_is_refused() {
        for _ in 0..200 {
            let locks = [Arc::new(WriteLock::default()), Arc::new(WriteLock::default())];
            let both_hold = Barrier::new(2);
            let refused = thread::scope(|scope| {
                let threads = [0, 1].map(|first| {
                    let (locks, both_hold) = (&locks, &both_hold);
                    scope.spawn(move || {
                        let _held = locks[first].take().unwrap();
                        both_hold.wait();
                        locks[1 - first].take().is_err()
                    })
                });
                threads.map(|thread| thread.join().unwrap()).into_iter().filter(|refused| *refused).count()
            });
            assert_eq!(refused, 1);
        }
    }

    #[test]
    fn a_lock_is_one_thread_s_at_a_time() {
        let write_lock = Arc::new(WriteLock::default());
        let inside = Mutex::new(());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        let _held = write_lock.take().unwrap();
                        assert!(inside.try_lock().is_ok());
                    }
                });
            }
        });
        assert!(lock(&WAITING).get(&thread::current().id()).is_none());
    }
}
