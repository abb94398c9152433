//! Writes over an engine that says "again", "not done", or nothing that can be relied on.

use super::*;
use leptos_sse::engine::{Answer, EngineDouble};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

const WAIT: Duration = Duration::from_millis(1);

fn over(script: impl FnMut(&Key, u32) -> Answer + Send + 'static) -> (SseHub, Arc<EngineDouble>) {
    let engine = EngineDouble::new(WAIT, script);
    (SseHub::over(engine.clone(), SseHubOptions::new().heartbeat(Duration::ZERO)), engine)
}

#[tokio::test(start_paused = true)]
async fn a_closure_runs_again_after_each_conflict_and_the_last_run_counts() {
    let (hub, engine) = over(|_, attempt| if attempt < 3 { Answer::Conflict } else { Answer::Done });
    let count = hub.signal_for(Key::named("count"), 0);
    let mut client = Client::of(&hub, "s=count");
    client.news();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let update = move |count: &mut u32| {
        *count += 1;
        counted.fetch_add(1, Ordering::Relaxed) + 1
    };
    let written = count.update(update).await.unwrap();
    assert_eq!((written.value, runs.load(Ordering::Relaxed), engine.attempts()), (4, 4, 4));
    assert_eq!((count.get(), client.news().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_conflicts_again_and_again_is_given_up() {
    let (hub, engine) = over(|key, _| if key.as_str() == "hot" { Answer::Conflict } else { Answer::Done });
    let (hot, cold) = (hub.signal_for(Key::named("hot"), 0), hub.signal_for(Key::named("cold"), 0));
    let error = hot.update(|value| *value += 1).await.unwrap_err();
    assert!(error.is_conflict() && !error.is_unknown() && !error.is_not_done(), "{error}");
    assert_eq!((hot.get(), engine.attempts()), (0, 16));
    cold.set(1).await.unwrap();
    let feed = hub.feed_for::<u8>(Key::named("hot-feed"));
    feed.push(1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_not_done_changes_nothing_and_the_next_one_goes_on() {
    let mut reachable = false;
    let (hub, _) =
        over(move |_, _| if std::mem::replace(&mut reachable, true) { Answer::Done } else { Answer::NotDone });
    let text = hub.signal_for(Key::named("text"), "-".repeat(80));
    let mut client = Client::of(&hub, "s=text&ops=str");
    client.news();
    let (cursor, error) = (hub.cursor(), text.update(|text| text.push('a')).await.unwrap_err());
    assert!(error.is_not_done() && !error.is_unknown(), "{error}");
    assert_eq!((text.get().len(), hub.cursor(), client.news()), (80, cursor, vec![]));
    text.update(|text| text.push('b')).await.unwrap();
    let told = client.news();
    assert_eq!(told[0].1["patch"], json!([{ "op": "str_ins", "path": "", "pos": 80, "str": "b" }]));
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_may_be_done() {
    for done in [true, false] {
        let (hub, _) = over(move |_, _| Answer::Unknown { done });
        let count = hub.signal_for(Key::named("count"), 0);
        let feed = hub.feed_for::<u8>(Key::named("feed"));
        for error in [
            count.set(1).await.unwrap_err(),
            feed.push(1).await.unwrap_err(),
            hub.remove_for::<()>(feed.key()).await.unwrap_err(),
        ] {
            assert!(error.is_unknown() && !error.is_not_done() && !error.is_conflict(), "{error}");
        }
        assert_eq!(count.get(), i32::from(done));
        assert_eq!(hub.keys().len(), if done { 1 } else { 2 });
    }
}

/// One key that the engine is slow with holds up no other.
#[tokio::test(start_paused = true)]
async fn keys_do_not_wait_for_each_other() {
    let (hub, _) =
        over(|key, attempt| if key.as_str() == "slow" && attempt < 9 { Answer::Conflict } else { Answer::Done });
    let (slow, fast) = (hub.signal_for(Key::named("slow"), 0), hub.signal_for(Key::named("fast"), 0));
    slow.set(1);
    for value in 1..5 {
        fast.set(value).await.unwrap();
    }
    assert_eq!((slow.get(), fast.get()), (0, 4));
    tokio::time::sleep(10 * WAIT).await;
    assert_eq!(slow.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_panics_is_an_unknown_write_and_the_next_one_goes_on() {
    let (hub, _) = over(|_, _| Answer::Done);
    let count = hub.signal_for(Key::named("count"), 1);
    let panics = count.update(|count| {
        *count = 9;
        std::panic::resume_unwind(Box::new("in an update"));
    });
    let next = count.update(|count| *count += 1);
    assert!(panics.await.unwrap_err().is_unknown());
    next.await.unwrap();
    assert_eq!(count.get(), 2);
}

/// Within an update it is no deadlock, as it would be in memory: it follows.
#[tokio::test(start_paused = true)]
async fn a_write_within_an_update_of_the_same_signal_follows_it() {
    let (hub, _) = over(|_, _| Answer::Done);
    let count = hub.signal_for(Key::named("count"), 0);
    let again = count.clone();
    count
        .update(move |count| {
            *count = 1;
            again.update(|count| *count += 10);
        })
        .await
        .unwrap();
    assert_eq!(count.get(), 1);
    count.update(|_| ()).await.unwrap();
    assert_eq!(count.get(), 11);
}
