//! What is said when there is nothing to say, and who leaves without a word.

use super::*;
use tokio::time::{Instant, timeout};

/// What comes next, and when.
async fn next(client: &mut Client, since: Instant) -> (u64, String) {
    let bytes = client.subscription.next().await.unwrap().unwrap();
    (since.elapsed().as_secs(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_has_a_heartbeat_with_the_cursor_each_time() {
    let hub = SseHub::with_options(SseHubOptions::new().heartbeat(Duration::from_secs(10)));
    let (count, other) = (hub.signal_for(Key::named("count"), 0), hub.signal_for(Key::named("other"), 0));
    let epoch = hub.cursor().epoch;
    let mut client = Client::of(&hub, "s=count");
    client.news();
    let start = Instant::now();
    let heartbeat = |seq| format!("event: hb\ndata: {epoch}.{seq}\n\n");
    assert_eq!(next(&mut client, start).await, (10, heartbeat(2)));
    // What others follow moves the cursor, and is no reason to say anything.
    other.set(1);
    assert_eq!(client.chunk(), "");
    assert_eq!(next(&mut client, start).await, (20, heartbeat(3)));
    assert_eq!(next(&mut client, start).await, (30, heartbeat(3)));
    // A write starts the wait anew.
    tokio::time::sleep(Duration::from_secs(7)).await;
    count.set(1);
    assert!(next(&mut client, start).await.1.contains(r#""to":4"#));
    assert_eq!(next(&mut client, start).await, (47, heartbeat(4)));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waits_for_what_is_not_there_has_heartbeats_too() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let mut clients = [Client::of(&hub, "s=nothing"), Client::of(&hub, "")];
    for client in &mut clients {
        client.news();
        let start = Instant::now();
        assert_eq!(next(client, start).await, (15, format!("event: hb\ndata: {epoch}.0\n\n")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_of_zero_is_none() {
    let hub = SseHub::with_options(SseHubOptions::new().heartbeat(Duration::ZERO));
    let mut client = Client::of(&hub, "s=nothing");
    assert_eq!(client.events()[0].1["heartbeat"], json!(0));
    timeout(Duration::from_secs(1_000_000), client.subscription.next()).await.unwrap_err();
}

/// One that is read slowly: what it missed comes before the heartbeat, which would claim it.
#[tokio::test(start_paused = true)]
async fn a_heartbeat_never_overtakes_a_write() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0);
    let mut client = Client::of(&hub, "s=count");
    client.news();
    assert_eq!(client.chunk(), "");
    tokio::time::sleep(Duration::from_secs(40)).await;
    count.set(1);
    assert_eq!(client.news().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [""]);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_gives_up_every_place() {
    let hub = SseHub::with_options(SseHubOptions::new().linger(Duration::from_secs(30)));
    hub.provide::<Count, _>(|_| async { Some(Count::default()) });
    let room = Key::of::<Count>().id(1).unwrap();
    let clients: Vec<_> = (0..100).map(|_| Client::of(&hub, &format!("s={room}&s=x"))).collect();
    tokio::task::yield_now().await;
    assert_eq!((hub.stats().connections, hub.stats().signals), (100, 1));
    let mut clients = clients.into_iter();
    let last = clients.next_back();
    drop(clients);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((hub.stats().connections, hub.stats().signals), (1, 1), "somebody follows it still");
    drop(last);
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!((hub.stats().connections, hub.stats().signals), (0, 1));
    // Who comes within that time finds it, and starts it anew.
    drop(Client::of(&hub, &format!("s={room}")));
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(hub.stats().signals, 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hub.stats().signals, 0);
}

#[tokio::test(start_paused = true)]
async fn a_provided_signal_that_somebody_holds_stays_until_it_is_let_go() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|_| async { Some(Count::default()) });
    let held = hub.load_for::<Count>(1).await.unwrap();
    held.update(|count| count.value = 7);
    tokio::time::sleep(Duration::from_secs(1_000)).await;
    assert_eq!(hub.load_for::<Count>(1).await.unwrap().get().value, 7);
    drop(held);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(hub.stats().signals, 0);
    assert_eq!(hub.load_for::<Count>(1).await.unwrap().get().value, 0);
}
