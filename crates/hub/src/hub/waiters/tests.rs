use super::*;
use futures::task::{ArcWake, waker};
use std::{
    sync::atomic::AtomicUsize,
    thread,
    time::{Duration, Instant},
};

#[derive(Default)]
struct Count(AtomicUsize);

impl ArcWake for Count {
    fn wake_by_ref(count: &Arc<Self>) {
        count.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn waiters(count: &Arc<Count>, number: usize) -> Vec<(Arc<Waiter>, Registration)> {
    let waiter = || {
        let waiter = Arc::new(Waiter::here());
        waiter.set_waker(&waker(count.clone()));
        (waiter, Registration::default())
    };
    (0..number).map(|_| waiter()).collect()
}

#[test]
fn who_entered_is_woken_once() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 3);
    for (waiter, registration) in &mut waiters {
        assert!(list.register(waiter, registration));
        assert!(!list.register(waiter, registration));
    }
    list.wake_all();
    list.wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 3);
    waiters[0].0.set_waker(&waker(count.clone()));
    list.wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 4);
}

#[test]
fn who_has_gone_takes_no_place() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 1_000);
    waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    for (waiter, registration) in waiters.drain(1..) {
        waiter.leave();
        list.unregister(registration);
    }
    assert!(lock(&list.0).len() <= 2);
    list.wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_crowd_is_woken_by_a_task_of_its_own() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 1_000);
    waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    list.wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
    while count.0.load(Ordering::Relaxed) < 1_000 {
        yield_now().await;
    }
}

#[test]
fn a_crowd_whose_runtime_ends_is_woken_all_the_same() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut waiters = waiters(&count, 1_000);
        waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
        list.wake_all();
    });
    drop(runtime);
    assert_eq!(count.0.load(Ordering::Relaxed), 1_000);
}

#[tokio::test]
async fn a_write_while_a_crowd_is_woken_wakes_all_of_it_again_and_who_came_meanwhile() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 1_000);
    let mut late = waiters.split_off(900);
    waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    list.wake_all();
    yield_now().await;
    let woken = count.0.load(Ordering::Relaxed);
    assert!((1..900).contains(&woken), "{woken}");
    // All are asleep again, but for some who have gone.
    for (waiter, registration) in waiters.drain(..100) {
        waiter.leave();
        list.unregister(registration);
    }
    waiters.iter().for_each(|(waiter, _)| waiter.set_waker(&waker(count.clone())));
    late.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    list.wake_all();
    waiters.extend(late);
    count.0.store(0, Ordering::Relaxed);
    while lock(&list.0).by_runtime.iter().any(|group| group.waking > 0) {
        yield_now().await;
    }
    assert_eq!(count.0.load(Ordering::Relaxed), 900);
    let groups = lock(&list.0);
    assert_eq!((groups.len(), groups.gone), (900, 0));
}

#[tokio::test]
async fn a_thread_without_a_runtime_leaves_a_crowd_to_the_runtime_of_its_own() {
    let (list, count) = (Arc::new(WaitList::default()), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 1_000);
    waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    let writer = list.clone();
    thread::spawn(move || writer.wake_all()).join().unwrap();
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
    while count.0.load(Ordering::Relaxed) < 1_000 {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_does_not_wait_for_a_writer_who_goes_on_for_long() {
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let mut waiters = waiters(&count, 1_000);
    waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    let writer = tokio::spawn(async move {
        list.wake_all();
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
    let (list, count) = (WaitList::default(), Arc::new(Count::default()));
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mine, other) = (runtime(), runtime());
    let enter = || {
        let mut waiters = waiters(&count, 100);
        waiters.iter_mut().for_each(|(waiter, registration)| assert!(list.register(waiter, registration)));
    };
    thread::scope(|scope| scope.spawn(|| other.block_on(async { enter() })).join().unwrap());
    mine.block_on(async {
        enter();
        list.wake_all();
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
