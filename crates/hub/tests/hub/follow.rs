//! What a subscriber is given.

use super::*;

fn hello(hub: &SseHub, text: &str) {
    assert!(text.starts_with("event: hello\nretry: "), "{text}");
    assert!(text.contains(&format!("\"epoch\":\"{}\",\"heartbeat\":15000", hub.cursor().epoch)), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_gets_a_snapshot_and_then_each_update() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let count = hub.signal_for(Key::named("count"), Count::default());
    let mut client = Client::of(&hub, "s=count");
    hello(&hub, &client.chunk());
    let snapshot = r#"[{"op":"replace","path":"","value":{"value":0}}]"#;
    assert_eq!(
        client.chunk(),
        format!("id: {epoch}.1\ndata: {{\"name\":\"count\",\"to\":1,\"patch\":{snapshot}}}\n\n")
    );
    assert_eq!(client.chunk(), "");
    count.update(|count| count.value += 1);
    let patch = r#"[{"op":"replace","path":"/value","value":1}]"#;
    assert_eq!(
        client.chunk(),
        format!("id: {epoch}.2\ndata: {{\"name\":\"count\",\"from\":1,\"to\":2,\"patch\":{patch}}}\n\n")
    );
    count.set(Count { value: 1 });
    assert_eq!(client.chunk(), "");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_lags_gets_one_snapshot() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), Count::default());
    let mut client = Client::of(&hub, "s=count");
    (0..2).for_each(|_| drop(client.chunk()));
    (0..100).for_each(|_| drop(count.update(|count| count.value += 1)));
    let chunk = client.chunk();
    assert!(chunk.contains(r#""to":101,"patch":[{"op":"replace","path":"","value":{"value":100}}]"#), "{chunk}");
    assert_eq!(chunk.matches("data:").count(), 1);
    assert_eq!(client.chunk(), "");
    assert_eq!(hub.stats().coalesced, 99);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_gets_what_it_missed_one_by_one() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let count = hub.signal_for(Key::named("count"), Count::default());
    (0..3).for_each(|_| drop(count.update(|count| count.value += 1)));
    let mut client = Client::of(&hub, &format!("epoch={epoch}&s=count~2"));
    client.chunk();
    let chunk = client.chunk();
    assert_eq!(chunk.matches("data:").count(), 2, "{chunk}");
    assert!(chunk.contains(r#""from":2,"to":3"#) && chunk.contains(r#""from":3,"to":4"#), "{chunk}");
    assert_eq!(chunk.matches("id:").count(), 1);
    assert_eq!(hub.stats().resumes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_feed_is_replayed_from_a_cursor() {
    let hub = SseHub::with_options(SseHubOptions::new().feed_len(3));
    let epoch = hub.cursor().epoch;
    let log = hub.feed_for::<i32>(Key::named("log"));
    (0..5).for_each(|line| drop(log.push(line)));
    let mut client = Client::of(&hub, "s=log");
    client.chunk();
    let chunk = client.chunk();
    assert!(chunk.starts_with("event: feed\ndata: {\"name\":\"log\",\"to\":3}\n\n"), "{chunk}");
    assert!(
        chunk.ends_with(&format!(
            "id: {epoch}.6\nevent: feed\ndata: {{\"name\":\"log\",\"from\":5,\"to\":6,\"item\":4}}\n\n"
        )),
        "{chunk}"
    );
    let mut late = Client::of(&hub, &format!("epoch={epoch}&s=log~2"));
    late.chunk();
    assert!(late.chunk().starts_with("event: feed\ndata: {\"name\":\"log\",\"from\":2,\"to\":3}\n\n"));
}

#[tokio::test(start_paused = true)]
async fn a_signal_is_made_when_it_is_asked_for_and_let_go_after_its_last_subscriber() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|id| async move { id.parse().ok().map(|value| Count { value }) });
    let (seven, none) = (Key::of::<Count>().id(7).unwrap(), Key::of::<Count>().id("x").unwrap());
    let mut client = Client::of(&hub, &format!("s={seven}&s={none}"));
    client.chunk();
    tokio::task::yield_now().await;
    let chunk = client.chunk() + &client.chunk();
    assert!(chunk.contains(r#""value":{"value":7}"#), "{chunk}");
    assert!(chunk.contains("event: refused\n") && chunk.contains(r#""reason":"not found""#), "{chunk}");
    assert_eq!(hub.stats().signals, 1);
    drop(client);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(hub.stats().signals, 0);
    assert_eq!(hub.load_for::<Count>(8).await.unwrap().get(), Count { value: 8 });
    assert!(hub.load_for::<Count>("x").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_is_told_and_comes_again_with_its_snapshot() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), Count::default());
    let mut client = Client::of(&hub, "s=count");
    (0..2).for_each(|_| drop(client.chunk()));
    assert!(hub.remove_for::<()>(count.key()).now().unwrap().value);
    assert!(client.chunk().contains("event: removed\ndata: {\"name\":\"count\",\"to\":2}\n\n"));
    assert!(count.set(Count { value: 3 }).now().unwrap_err().is_removed());
    hub.signal_for(Key::named("count"), Count { value: 9 });
    assert!(client.chunk().contains(r#""to":3,"patch":[{"op":"replace","path":"","value":{"value":9}}]"#));
}

#[tokio::test(start_paused = true)]
async fn a_closed_hub_says_bye_and_takes_nobody() {
    let hub = SseHub::new();
    let mut client = Client::of(&hub, "s=count");
    client.chunk();
    assert_eq!(client.chunk(), "");
    hub.close();
    assert_eq!(client.chunk(), "event: bye\ndata: {\"reason\":\"shutdown\"}\n\n");
    assert_eq!(client.chunk(), "ended");
    assert_eq!(hub.subscribe(SseRequest::parse("", None).unwrap()).unwrap_err().status(), 503);
}

/// Of what it missed and a snapshot, the smaller one.
#[tokio::test(start_paused = true)]
async fn a_reader_that_lags_behind_small_changes_of_a_large_value_gets_them_one_by_one() {
    let hub = SseHub::new();
    let list = hub.signal_for(Key::named("list"), vec![7; 10_000]);
    // Nobody has asked for the snapshot yet, so that its length is not known.
    let mut client = Client::of(&hub, &format!("epoch={}&s=list~1", hub.cursor().epoch));
    assert_eq!(client.news(), []);
    let change = |times: usize| (0..times).for_each(|_| drop(list.update(|list| list[0] += 1)));
    change(10);
    let froms = client.news().iter().map(|(_, data)| data["from"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(froms, (1..11).collect::<Vec<_>>());
    assert_eq!(hub.stats().coalesced, 0);
    // More bytes than the snapshot has.
    change(500);
    let events = client.news();
    assert_eq!((events.len(), events[0].1["to"].as_u64(), events[0].1.get("from")), (1, Some(511), None));
    assert_eq!(hub.stats().coalesced, 499);
}
