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
    sleepers[0].0.register(&waker(count.clone()));
    room.wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 4);
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
    assert!(inside(&room.0).len() <= 2);
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
async fn a_write_while_a_crowd_is_woken_wakes_all_of_it_again_and_who_came_meanwhile() {
    let (room, count) = (WaitingRoom::default(), Arc::new(Count::default()));
    let mut sleepers = sleepers(&count, 1_000);
    let mut late = sleepers.split_off(900);
    sleepers.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
    room.wake_all();
    yield_now().await;
    let woken = count.0.load(Ordering::Relaxed);
    assert!((1..900).contains(&woken), "{woken}");
    // All are asleep again, but for some who have gone.
    for (sleeper, place) in sleepers.drain(..100) {
        sleeper.leave();
        room.give_up(place);
    }
    sleepers.iter().for_each(|(sleeper, _)| sleeper.register(&waker(count.clone())));
    late.iter_mut().for_each(|(sleeper, place)| assert!(room.enter(sleeper, place)));
    room.wake_all();
    sleepers.extend(late);
    count.0.store(0, Ordering::Relaxed);
    while inside(&room.0).crowds.iter().any(|crowd| crowd.out > 0) {
        yield_now().await;
    }
    assert_eq!(count.0.load(Ordering::Relaxed), 900);
    let inside = inside(&room.0);
    assert_eq!((inside.len(), inside.gone), (900, 0));
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
