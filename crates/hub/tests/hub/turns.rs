//! A user's code within a write: it may panic, and write by itself.

use super::*;
use leptos_sse::ServerSignal;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier},
    thread,
};

#[test]
fn an_update_that_panics_leaves_the_old_value_and_a_usable_signal() {
    let hub = silent();
    let count = hub.signal_for(Key::named("count"), Count { value: 1 });
    let mut client = Client::of(&hub, "s=count");
    client.news();
    for _ in 0..3 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            count.update(|count| {
                count.value = 99;
                std::panic::resume_unwind(Box::new("in an update"));
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(count.get().value, 1);
    }
    assert_eq!(client.news(), []);
    // From another thread, too: nothing is held.
    thread::scope(|scope| scope.spawn(|| count.update(|count| count.value += 1)).join().unwrap());
    assert_eq!((count.get().value, client.news().len()), (2, 1));
}

/// Code of the user that runs within a write: to be written as JSON, to be copied, to be dropped.
#[test]
fn a_value_whose_own_code_panics_leaves_a_usable_signal() {
    #[derive(Debug)]
    struct Touchy(u8);
    impl Serialize for Touchy {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0 == 1 {
                std::panic::resume_unwind(Box::new("written"));
            }
            self.0.serialize(serializer)
        }
    }
    impl Clone for Touchy {
        fn clone(&self) -> Self {
            if self.0 == 2 {
                std::panic::resume_unwind(Box::new("copied"));
            }
            Self(self.0)
        }
    }
    impl Drop for Touchy {
        fn drop(&mut self) {
            if self.0 == 3 {
                std::panic::resume_unwind(Box::new("dropped"));
            }
        }
    }
    let hub = silent();
    let signal = hub.signal_for(Key::named("touchy"), Touchy(0));
    let mut client = Client::of(&hub, "s=touchy");
    client.news();
    assert!(catch_unwind(AssertUnwindSafe(|| signal.set(Touchy(1)))).is_err());
    assert_eq!((signal.read().0, client.news().len()), (0, 0));
    signal.set(Touchy(2));
    assert!(catch_unwind(AssertUnwindSafe(|| signal.update(|value| value.0 = 7))).is_err());
    assert_eq!((signal.read().0, client.news().len()), (2, 1));
    signal.set(Touchy(3));
    assert!(catch_unwind(AssertUnwindSafe(|| signal.set(Touchy(4)))).is_err());
    assert_eq!(signal.read().0, 4, "the value was taken, and the one before panicked on its way out");
    assert_eq!(client.news().len(), 1);
    signal.set(Touchy(5));
    assert_eq!(client.news().len(), 1);
}

#[test]
fn a_write_within_an_update_of_the_same_signal_is_an_error() {
    let hub = silent();
    let (outer, other) = (hub.signal_for(Key::named("outer"), 0), hub.signal_for(Key::named("other"), 0));
    let (of_outer, of_other) = (outer.clone(), other.clone());
    outer.update(move |value| {
        let (outer, other) = (of_outer.clone(), of_other.clone());
        assert!(outer.set(9).now().unwrap_err().is_deadlock());
        assert!(outer.update(|_| ()).now().unwrap_err().is_deadlock());
        outer.set(9);
        // One within another one's is none of that; reading neither.
        assert_eq!(outer.get(), 0);
        other.update(move |inner| {
            *inner += 1;
            assert!(outer.set(9).now().unwrap_err().is_deadlock());
        });
        *value = 1;
    });
    assert_eq!((outer.get(), other.get()), (1, 1));
}

#[test]
fn of_two_updates_that_wait_for_each_other_one_is_refused_and_the_other_goes_on() {
    let hub = silent();
    let (a, b) = (hub.signal_for(Key::named("a"), 0), hub.signal_for(Key::named("b"), 0));
    let rounds = 200;
    for _ in 0..rounds {
        let both = &Arc::new(Barrier::new(2));
        let cross = |first: &ServerSignal<i32>, second: &ServerSignal<i32>| {
            let (second, both) = (second.clone(), both.clone());
            let inner = first.update(move |value| {
                *value += 1;
                both.wait();
                second.update(|value| *value += 1).now()
            });
            inner.now().unwrap().value.map_err(|error| assert!(error.is_deadlock())).is_ok()
        };
        let went_on = thread::scope(|scope| {
            let threads = [scope.spawn(|| cross(&a, &b)), scope.spawn(|| cross(&b, &a))];
            threads.map(|thread| thread.join().unwrap())
        });
        assert_eq!(went_on.iter().filter(|went_on| **went_on).count(), 1);
    }
    assert_eq!(a.get() + b.get(), 3 * rounds);
}
