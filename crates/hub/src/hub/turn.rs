use std::{
    collections::HashMap,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// The right to write one signal, which one thread has at a time.
///
/// It is no lock of data: a user's code runs in a turn, and may write other signals. Where two threads would wait for each
/// other so, the last one to wait is refused instead.
#[derive(Debug, Default)]
pub(super) struct Turn {
    holder: Mutex<Option<ThreadId>>,
    freed: Condvar,
}

/// To wait for the turn would be to wait for oneself.
#[derive(Debug)]
pub(super) struct WouldWaitForever;

/// Who waits for which turn.
static WAITING: LazyLock<Mutex<HashMap<ThreadId, Arc<Turn>>>> = LazyLock::new(Mutex::default);

impl Turn {
    /// Waits until nobody has the turn, and takes it.
    pub(super) fn take(self: &Arc<Self>) -> Result<TurnGuard, WouldWaitForever> {
        let me = thread::current().id();
        if !self.take_if_free(me) {
            self.announce(me)?;
            loop {
                let mut holder = lock(&self.holder);
                while holder.is_some() {
                    holder = self.freed.wait(holder).unwrap_or_else(PoisonError::into_inner);
                }
                drop(holder);
                // Both at once: who holds a turn does not wait for it.
                let mut waiting = lock(&WAITING);
                if self.take_if_free(me) {
                    waiting.remove(&me);
                    break;
                }
            }
        }
        Ok(TurnGuard(self.clone()))
    }

    fn take_if_free(&self, me: ThreadId) -> bool {
        let mut holder = lock(&self.holder);
        let free = holder.is_none();
        if free {
            *holder = Some(me);
        }
        free
    }

    /// Puts this thread among those who wait, unless those it would wait for wait for it.
    fn announce(self: &Arc<Self>, me: ThreadId) -> Result<(), WouldWaitForever> {
        let mut waiting = lock(&WAITING);
        let mut turn = Some(self);
        // It ends: nobody who waits in a circle was let in.
        while let Some(holder) = turn.and_then(|turn| *lock(&turn.holder)) {
            if holder == me {
                return Err(WouldWaitForever);
            }
            turn = waiting.get(&holder);
        }
        waiting.insert(me, self.clone());
        Ok(())
    }
}

/// The turn, until it is dropped.
#[derive(Debug)]
pub(super) struct TurnGuard(Arc<Turn>);

impl Drop for TurnGuard {
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
    fn a_turn_within_the_same_turn_is_refused() {
        let turn = Arc::new(Turn::default());
        let held = turn.take().unwrap();
        turn.take().unwrap_err();
        drop(held);
        turn.take().unwrap();
    }

    #[test]
    fn of_two_threads_that_would_wait_for_each_other_one_is_refused() {
        for _ in 0..200 {
            let turns = [Arc::new(Turn::default()), Arc::new(Turn::default())];
            let both_hold = Barrier::new(2);
            let refused = thread::scope(|scope| {
                let threads = [0, 1].map(|first| {
                    let (turns, both_hold) = (&turns, &both_hold);
                    scope.spawn(move || {
                        let _held = turns[first].take().unwrap();
                        both_hold.wait();
                        turns[1 - first].take().is_err()
                    })
                });
                threads.map(|thread| thread.join().unwrap()).into_iter().filter(|refused| *refused).count()
            });
            assert_eq!(refused, 1);
        }
    }

    #[test]
    fn a_turn_is_one_thread_s_at_a_time() {
        let turn = Arc::new(Turn::default());
        let inside = Mutex::new(());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        let _turn = turn.take().unwrap();
                        assert!(inside.try_lock().is_ok());
                    }
                });
            }
        });
        assert!(lock(&WAITING).get(&thread::current().id()).is_none());
    }
}
