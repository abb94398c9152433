//! One way to write: the same lines in memory, and over an engine whose answer takes a while and may be "again".

use super::*;
use leptos_sse::{Error, ServerSignal, Written, engine::EngineDouble};
use std::sync::Arc;

/// A hub in memory, and one whose writes each run twice.
fn both() -> [SseHub; 2] {
    let options = || SseHubOptions::new().heartbeat(Duration::ZERO).max_value_len(100);
    [SseHub::with_options(options()), SseHub::over(EngineDouble::contended(), options())]
}

#[tokio::test(start_paused = true)]
async fn a_write_is_seen_once_it_was_awaited_and_gives_its_cursor() -> Result<(), Error> {
    for hub in both() {
        let count = hub.signal(Count::default());
        let mut client = Client::of(&hub, &format!("s={}", count.key()));
        client.news();

        let set = count.set(Count { value: 1 }).await?;
        assert_eq!((set.value, set.changed, set.cursor), ((), true, hub.cursor()));
        assert_eq!(count.get().value, 1);
        let steps = |client: &mut Client| -> Vec<_> {
            client.news().iter().map(|(_, data)| (data["from"].clone(), data["to"].clone())).collect()
        };
        assert_eq!(steps(&mut client), [(json!(1), json!(2))]);

        let updated = count
            .update(|count| {
                count.value += 1;
                count.value
            })
            .await?;
        assert_eq!((updated.value, updated.changed, updated.cursor.seq), (2, true, hub.cursor().seq));
        assert_eq!(count.get().value, 2, "it counts once, however often it runs");

        let equal = count.set(Count { value: 2 }).await?;
        assert_eq!((equal.changed, &equal.cursor), (false, &updated.cursor));

        assert_eq!(steps(&mut client), [(json!(2), json!(3))]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_update_that_refuses_writes_nothing_and_gives_its_own_error() {
    #[derive(Debug, PartialEq)]
    enum Refused {
        SoldOut,
        Hub,
    }
    impl From<Error> for Refused {
        fn from(_: Error) -> Self {
            Self::Hub
        }
    }
    for hub in both() {
        let left = hub.signal_for(Key::named("left"), 1_u32);
        let sell = || {
            left.try_update(|left| {
                let before = *left;
                *left = 0;
                if before == 0 { Err(Refused::SoldOut) } else { Ok(before) }
            })
        };
        assert_eq!(sell().await.map(|sold| sold.value), Ok(1));
        let cursor = hub.cursor();
        assert_eq!(sell().await, Err(Refused::SoldOut));
        assert_eq!((left.get(), hub.cursor()), (0, cursor));
        // What the hub refuses is an error of the same type.
        assert!(hub.remove_for::<()>(left.key()).await.unwrap().value);
        let restock = |left: &mut _| {
            *left += 1;
            Ok::<_, Refused>(())
        };
        assert_eq!(left.try_update(restock).await, Err(Refused::Hub));
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_pushed_once_and_in_order() -> Result<(), Error> {
    for hub in both() {
        let log = hub.feed_for::<u32>(Key::named("log"));
        let mut client = Client::of(&hub, "s=log");
        client.news();
        // Nobody waits for these.
        for event in 1..=4 {
            log.push(event);
        }
        let last = log.push(5).await?;
        assert_eq!((last.changed, last.cursor), (true, hub.cursor()));
        let items: Vec<_> = client.news().into_iter().map(|(_, data)| data["item"].clone()).collect();
        assert_eq!(items, [1, 2, 3, 4, 5].map(|item| json!(item)));
        assert!(log.push(u32::MAX).await?.changed);
        let large = hub.feed_for::<String>(Key::named("large"));
        assert!(large.push("x".repeat(99)).await.unwrap_err().is_too_large());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn writes_that_nobody_awaits_are_made_in_the_order_of_their_calls() -> Result<(), Error> {
    for hub in both() {
        let text = hub.signal_for(Key::named("text"), String::new());
        for letter in ["a", "b", "c"] {
            text.update(move |text| text.push_str(letter));
        }
        text.set("new".to_owned());
        let end = text.update(|text| text.push('!')).await?;
        assert_eq!((text.get().as_str(), end.cursor), ("new!", hub.cursor()));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_update_of_many_tasks_is_lost() {
    for hub in both() {
        let count = hub.signal_for(Key::named("count"), 0_u32);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let count = count.clone();
                tokio::spawn(async move {
                    for _ in 0..25 {
                        count.update(|count| *count += 1).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(count.get(), 200);
        assert_eq!(hub.stats().updates, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_removed_key_is_gone_and_its_handles_write_no_more() -> Result<(), Error> {
    for hub in both() {
        let count = hub.signal(Count { value: 1 });
        hub.feed::<u8>();
        assert_eq!(hub.keys(), [Key::of::<Count>(), Key::of::<u8>()]);
        let mut client = Client::of(&hub, &format!("s={}", count.key()));
        client.news();
        let removed = hub.remove::<Count>().await?;
        assert_eq!((removed.value, removed.changed, removed.cursor), (true, true, hub.cursor()));
        assert_eq!(client.news(), [told("removed", json!({ "name": count.key(), "to": hub.cursor().seq }))]);
        assert!(hub.get::<Count>().is_none());
        assert_eq!(hub.keys(), [Key::of::<u8>()]);
        let again = hub.remove::<Count>().await?;
        assert_eq!((again.value, again.changed), (false, false));
        assert!(count.update(|count| count.value += 1).await.unwrap_err().is_removed());
        assert!(!count.set(Count { value: 1 }).await?.changed, "it is equal to what is there");
        assert!(hub.remove_for::<u8>("").await.unwrap_err().is_invalid_key());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_refused_leaves_the_one_before() {
    for hub in both() {
        let text = hub.signal_for(Key::named("text"), "-".repeat(98));
        let mut client = Client::of(&hub, "s=text");
        client.news();
        assert!(text.set("x".repeat(99)).await.unwrap_err().is_too_large());
        assert!(text.update(|text| text.push('x')).await.unwrap_err().is_too_large());
        let float = hub.signal_for(Key::named("float"), 1.0);
        assert!(float.set(f64::NAN).await.unwrap_err().is_serialize());
        assert_eq!((text.get(), float.get(), client.news()), ("-".repeat(98), 1.0, vec![]));
        assert!(text.set("y".repeat(98)).await.unwrap().changed);
        assert_eq!(client.news().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_json_does_not_show_is_kept_and_not_sent() {
    #[derive(Clone, Serialize)]
    struct Half {
        seen: i32,
        #[serde(skip)]
        hidden: i32,
    }
    for hub in both() {
        let half = hub.signal_for(Key::named("half"), Half { seen: 1, hidden: 1 });
        assert!(!half.update(|half| half.hidden = 2).await.unwrap().changed);
        assert_eq!(half.read().hidden, 2);
        assert!(half.update(|half| half.seen += half.hidden).await.unwrap().changed);
        assert_eq!(half.read().seen, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn both_forms_of_a_text_that_grows_are_sent() {
    for hub in both() {
        let text = hub.signal_for(Key::named("text"), "-".repeat(80));
        let (mut plain, mut edits) = (Client::of(&hub, "s=text"), Client::of(&hub, "s=text&ops=str"));
        plain.news();
        edits.news();
        text.update(|text| text.push('x')).await.unwrap();
        let operation = |client: &mut Client| client.news()[0].1["patch"][0]["op"].clone();
        assert_eq!((operation(&mut plain), operation(&mut edits)), (json!("replace"), json!("str_ins")));
    }
}

/// In memory the write is done when the method returns, and nothing is waited for.
#[test]
fn in_memory_the_outcome_is_known_at_once_and_without_a_runtime() {
    let hub = silent();
    let count = hub.signal(Count::default());
    let written: Written<i32> = count.update(|count| std::mem::replace(&mut count.value, 5)).now().unwrap();
    assert_eq!((written.value, written.cursor, count.get().value), (0, hub.cursor(), 5));
    assert!(hub.remove::<Count>().now().unwrap().value);
    assert!(count.set(Count::default()).now().unwrap_err().is_removed());
}

#[tokio::test(start_paused = true)]
async fn over_an_engine_the_outcome_is_unknown_until_it_has_answered_and_the_write_goes_on() {
    let hub = SseHub::over(EngineDouble::contended(), SseHubOptions::new());
    let count: ServerSignal<i32> = hub.signal_for(Key::named("count"), 0);
    assert!(count.set(1).now().unwrap_err().is_unknown());
    assert_eq!(count.get(), 0);
    // The writes of one key are made one after the other, so that this one ends last.
    count.update(|count| *count += 1).await.unwrap();
    assert_eq!(count.get(), 2);

    let write = count.set(7);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(write.now().unwrap().changed, "the answer is there");
}

/// A write can be awaited by reference, and so `now` can be called when there is no outcome left.
#[tokio::test(start_paused = true)]
async fn the_outcome_of_a_write_is_given_once() {
    for hub in both() {
        let count = hub.signal(Count::default());
        let mut write = count.set(Count { value: 1 });
        assert!((&mut write).await.unwrap().changed);
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write.now())).unwrap_err();
        let message = panic.downcast_ref::<&str>().unwrap();
        assert_eq!(*message, "`ServerWrite::now` is called after the write has given its outcome");
    }
    let hub = SseHub::over(EngineDouble::contended(), SseHubOptions::new());
    let mut write = hub.signal(Count::default()).set(Count { value: 1 });
    assert!(futures::poll!(&mut write).is_pending());
    assert!(write.now().unwrap_err().is_unknown(), "a poll without an outcome takes nothing");
}

/// A handle that was dropped does not take its writes with it.
#[tokio::test(start_paused = true)]
async fn a_write_outlives_its_handle() {
    let hub = SseHub::over(EngineDouble::contended(), SseHubOptions::new());
    let held = Arc::new(());
    let seen = held.clone();
    hub.signal_for(Key::named("count"), 0).update(move |count| *count = Arc::strong_count(&seen));
    drop(hub.feed_for::<u8>(Key::named("feed")).push(1));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(hub.get_for::<usize>(Key::named("count")).unwrap().get(), 2);
    assert_eq!(Arc::strong_count(&held), 1, "the closure is dropped after the write");
    assert_eq!(hub.stats().updates, 2);
}
