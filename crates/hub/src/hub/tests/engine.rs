//! Writes over an engine that another process writes to, too.

use super::*;
use crate::hub::engine::{Answer, EngineDouble};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

/// An update runs again on the value of the write that came first, and neither is lost.
#[tokio::test(start_paused = true)]
async fn a_write_of_another_process_in_between_is_no_lost_update() {
    type Other = Arc<Mutex<Option<Box<dyn Fn() + Send>>>>;
    let (other, left): (Other, _) = (Arc::default(), Arc::new(AtomicI32::new(3)));
    let (writes, times) = (other.clone(), left.clone());
    let engine = EngineDouble::new(Duration::from_millis(1), move |_, _| {
        if times.fetch_sub(1, Ordering::Relaxed) > 0 {
            writes.lock().unwrap().as_ref().unwrap()();
        }
        Answer::Done
    });
    let hub = SseHub::over(engine, SseHubOptions::new());
    let list = hub.signal_for(Key::named("list"), vec![0]);
    let core = list.0.clone();
    *other.lock().unwrap() = Some(Box::new(move || {
        let mut next = Vec::clone(&core.state().value);
        next.push(100 + next.len());
        core.set(next).now().unwrap();
    }));
    let mut client = Client::of(&hub, "s=list");
    client.rest();

    let written = list.update(|list| list.push(1)).await.unwrap();
    assert_eq!(list.get(), [0, 101, 102, 103, 1], "each of the three was there before the last run");
    assert_eq!(written.cursor, hub.cursor());
    assert_eq!(hub.stats().updates, 4);
    assert!(client.rest().last().unwrap().data.contains("[0,101,102,103,1]"));
    // A whole value wins over what was there, and is a true patch all the same.
    left.store(1, Ordering::Relaxed);
    list.set(vec![7]).await.unwrap();
    assert_eq!(list.get(), [7]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_is_removed_while_the_engine_decides_is_an_error() {
    let engine = EngineDouble::new(Duration::from_millis(10), |_, _| Answer::Done);
    let hub = SseHub::over(engine, SseHubOptions::new());
    let (count, feed) = (hub.signal_for(Key::named("count"), 0), hub.feed_for::<u8>(Key::named("feed")));
    let writes = (count.set(1), feed.push(1));
    tokio::time::sleep(Duration::from_millis(5)).await;
    // As another process would.
    hub.registry.remove(count.key());
    hub.registry.remove(feed.key());
    assert!(writes.0.await.unwrap_err().is_removed());
    assert!(writes.1.await.unwrap_err().is_removed());
}

#[test]
fn writes_over_an_engine_whose_runtime_has_ended_are_unknown_and_none_hangs() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let hub = first.block_on(async {
        SseHub::over(EngineDouble::new(Duration::from_millis(1), |_, _| Answer::Done), SseHubOptions::new())
    });
    let count = hub.signal_for(Key::named("count"), 0);
    // Two are under way, and one waits in the queue.
    let under_way = first.block_on(async { (count.set(1), count.set(2)) });
    drop(first);
    runtime().block_on(async {
        let limit = Duration::from_secs(30);
        for write in [under_way.0, under_way.1, count.set(3), count.set(4)] {
            let outcome = tokio::time::timeout(limit, write).await.expect("it hangs");
            assert!(outcome.unwrap_err().is_unknown());
        }
    });
}
