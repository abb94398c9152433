//! What nobody may have more of.

use super::*;
use std::net::IpAddr;

fn from(address: &str) -> SseRequest {
    SseRequest::parse("s=count", None).unwrap().client_address(address.parse::<IpAddr>().unwrap())
}

#[tokio::test(start_paused = true)]
async fn keys_beyond_the_bound_are_refused_and_the_others_go_on() {
    let hub = SseHub::with_options(SseHubOptions::new().max_keys(2));
    for name in ["a", "b", "c"] {
        hub.signal_for(Key::named(name), 1);
    }
    let mut client = Client::of(&hub, "s=a&s=b&s=c&s=d");
    let refused = |name| told("refused", json!({ "name": name, "reason": "too many keys" }));
    let expected = [refused("c"), refused("d"), snapshot("a", 1, json!(1)), snapshot("b", 2, json!(1))];
    assert_eq!(client.news(), expected);
    assert_eq!(hub.stats().refused, 2);
}

/// A client could have the server write far more than it has asked with.
#[tokio::test(start_paused = true)]
async fn no_more_refusals_are_written_than_keys_could_be() {
    let hub = SseHub::with_options(SseHubOptions::new().max_keys(3).max_request_len(1 << 20));
    let query: Vec<_> = (0..1_000).map(|key| format!("s={key}")).collect();
    let mut client = Client::of(&hub, &query.join("&"));
    assert_eq!(client.news().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_is_too_long_is_refused_as_a_whole() {
    let hub = SseHub::with_options(SseHubOptions::new().max_request_len(10));
    let refusal = hub.subscribe(SseRequest::parse("s=12345678", None).unwrap()).map(drop);
    assert_eq!(refusal, Ok(()));
    let refusal = hub.subscribe(SseRequest::parse("s=123456789", None).unwrap()).unwrap_err();
    assert_eq!((refusal.status(), refusal.retry_after()), (414, None));
    assert_eq!(hub.stats().refused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_is_full_takes_the_next_one_when_somebody_has_left() {
    let hub = SseHub::with_options(SseHubOptions::new().max_connections(2));
    let (first, _second) = (Client::of(&hub, ""), Client::of(&hub, ""));
    let refusal = hub.subscribe(SseRequest::parse("", None).unwrap()).unwrap_err();
    assert_eq!((refusal.status(), refusal.retry_after()), (503, Some(Duration::from_secs(10))));
    assert_eq!(hub.stats().connections, 2);
    drop(first);
    Client::of(&hub, "");
}

#[tokio::test(start_paused = true)]
async fn an_address_has_its_own_bound_and_gives_its_places_back() {
    let hub = SseHub::with_options(SseHubOptions::new().max_connections_per_address(2));
    let first = hub.subscribe(from("192.0.2.1")).unwrap();
    // The same one, as a server sees it that listens on IPv6.
    let _second = hub.subscribe(from("::ffff:192.0.2.1")).unwrap();
    let refusal = hub.subscribe(from("192.0.2.1")).unwrap_err();
    assert_eq!((refusal.status(), refusal.retry_after()), (429, Some(Duration::from_secs(10))));
    let _other = hub.subscribe(from("192.0.2.2")).unwrap();
    drop(first);
    let _third = hub.subscribe(from("192.0.2.1")).unwrap();
    assert_eq!(hub.subscribe(from("192.0.2.1")).unwrap_err().status(), 429);
}

/// Behind a proxy on the same machine, everyone comes from there.
#[tokio::test(start_paused = true)]
async fn loopback_has_no_bound_of_its_own() {
    let hub = SseHub::with_options(SseHubOptions::new().max_connections_per_address(1));
    let loopback = ["127.0.0.1", "127.0.0.1", "127.8.8.8", "::1", "::1", "::ffff:127.0.0.1"];
    let all: Vec<_> = loopback.iter().map(|address| hub.subscribe(from(address)).unwrap()).collect();
    assert_eq!(hub.stats().connections, all.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_too_large_leaves_the_one_before_and_harms_nobody() {
    let hub = SseHub::with_options(SseHubOptions::new().max_value_len(100));
    let (large, small) = (hub.signal_for(Key::named("large"), String::new()), hub.signal_for(Key::named("small"), 0));
    let mut client = Client::of(&hub, "s=large&s=small");
    client.news();
    // With its quotes it has 100 bytes, and then 101.
    assert!(large.set("x".repeat(98)).now().unwrap().changed);
    assert_eq!(client.news().len(), 1);
    assert!(large.set("x".repeat(99)).now().unwrap_err().is_too_large());
    large.set("y".repeat(1_000));
    large.update(|text| text.push('x'));
    assert_eq!(large.get(), "x".repeat(98));
    assert!(large.update(|text| text.push('x')).now().unwrap_err().is_too_large());
    small.set(1);
    assert_eq!(
        client.news(),
        [told(
            "",
            json!({
                "name": "small", "from": 2, "to": 4, "patch": [{ "op": "replace", "path": "", "value": 1 }],
            })
        )]
    );
    large.set("z".to_owned());
    assert_eq!(client.news().len(), 1);
}

/// The length is not written out for each update; what is kept of it must not drift.
#[tokio::test(start_paused = true)]
async fn a_value_that_grows_and_shrinks_for_long_is_measured_all_the_same() {
    let hub = SseHub::with_options(SseHubOptions::new().max_value_len(1_000));
    let list = hub.signal_for(Key::named("list"), Vec::<u8>::new());
    for round in 0..50 {
        (0..100).for_each(|item| assert!(list.update(move |list| list.push(item)).now().is_ok(), "{round} {item}"));
        list.set(Vec::new());
    }
    // 499 items of one digit, their commas and the brackets are 999 bytes, one more is too much.
    (0..499).for_each(|_| assert!(list.update(|list| list.push(7)).now().is_ok()));
    assert!(list.update(|list| list.push(7)).now().unwrap_err().is_too_large());
    assert_eq!(list.read().len(), 499);
}

#[tokio::test(start_paused = true)]
async fn an_event_or_a_first_value_that_is_too_large_is_an_error() {
    let hub = SseHub::with_options(SseHubOptions::new().max_value_len(10));
    let feed = hub.feed_for::<String>(Key::named("feed"));
    assert!(feed.push("x".repeat(8)).now().is_ok());
    assert!(feed.push("x".repeat(9)).now().unwrap_err().is_too_large());
    let key = Key::named("signal").unwrap();
    assert!(hub.try_signal_for(key.clone(), "x".repeat(9)).unwrap_err().is_too_large());
    assert_eq!(hub.stats().signals, 0);
    // One that nobody can follow works all the same.
    let alone = hub.signal_for(Key::named("signal"), "x".repeat(9));
    alone.set("y".to_owned());
    assert_eq!(alone.get(), "y");
    assert_eq!(Client::of(&hub, "s=signal").news(), []);
    assert!(hub.try_signal_for(key, String::new()).is_ok());
}
