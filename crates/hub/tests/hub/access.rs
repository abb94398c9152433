//! Who may see what, and for how long.

use super::*;
use std::{sync::Arc, time::SystemTime};

fn ask(query: &str) -> SseRequest {
    SseRequest::parse(query, None).unwrap()
}

fn forbidden(name: &str) -> (String, Value) {
    told("refused", json!({ "name": name, "reason": "forbidden" }))
}

#[tokio::test(start_paused = true)]
async fn a_forbidden_key_is_refused_without_harm_to_the_others() {
    let hub = SseHub::new();
    let (mine, theirs) = (hub.signal_for(Key::named("mine"), 1), hub.signal_for(Key::named("theirs"), 2));
    let mut client = Client::with(&hub, ask("s=theirs&s=mine").allow(|key| key.as_str() == "mine"));
    assert_eq!(client.news(), [forbidden("theirs"), snapshot("mine", 1, json!(1))]);
    theirs.set(3);
    assert_eq!(client.news(), []);
    mine.set(4);
    assert_eq!(client.news().len(), 1);
    assert_eq!(hub.stats().refused, 1);
}

/// A key that is forbidden after another decision allowed it stays forbidden, and a provider is not asked for it.
#[tokio::test(start_paused = true)]
async fn decisions_add_up_and_none_is_asked_about_a_key_that_is_refused_already() {
    let hub = SseHub::new();
    hub.provide::<Count, _>(|_| async { panic!("nobody may see it") as Option<Count> });
    let room = Key::of::<Count>().id(1).unwrap();
    let (a, b) = (hub.signal_for(Key::named("a"), 1), hub.signal_for(Key::named("b"), 2));
    let request = ask(&format!("s=a&s={room}&s=b")).allow(|key| *key != room);
    assert_eq!(request.keys().collect::<Vec<_>>(), [a.key(), b.key()]);
    let mut asked = Vec::new();
    let request = request
        .allow_async(|key| {
            asked.push(key.clone());
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                key.as_str() == "a"
            }
        })
        .await;
    assert_eq!(asked, [a.key().clone(), b.key().clone()]);
    let mut client = Client::with(&hub, request);
    assert_eq!(client.news(), [forbidden(room.as_str()), forbidden("b"), snapshot("a", 1, json!(1))]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_when_its_time_has_come() {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0);
    let until = SystemTime::now() + Duration::from_secs(10);
    let (mut brief, mut long) = (Client::with(&hub, ask("s=count").until(until)), Client::of(&hub, "s=count"));
    assert_eq!((brief.news().len(), long.news().len()), (1, 1));
    tokio::time::sleep(Duration::from_secs(9)).await;
    count.set(1);
    assert_eq!((brief.news().len(), long.news().len()), (1, 1));
    let woken =
        tokio::time::timeout(Duration::from_secs(2), brief.subscription.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(woken, "event: bye\ndata: {\"reason\":\"expired\"}\n\n");
    assert_eq!(brief.chunk(), "ended");
    count.set(2);
    assert_eq!(long.news().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ran_out_before_gets_a_hello_and_a_bye() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 0);
    let mut client = Client::with(&hub, ask("s=count").until(SystemTime::UNIX_EPOCH));
    assert_eq!(client.news(), [told("bye", json!({ "reason": "expired" }))]);
    assert_eq!(client.chunk(), "ended");
}

#[tokio::test(start_paused = true)]
async fn a_user_who_logs_out_loses_all_connections_and_nobody_else_does() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 0);
    let users = [Some("ada"), Some("ada"), Some("bob"), None];
    let mut clients = users.map(|user| {
        let request = ask("s=count");
        let request = match user {
            Some(user) => request.for_user(user),
            None => request,
        };
        Client::with(&hub, request)
    });
    clients.iter_mut().for_each(|client| assert_eq!(client.news().len(), 1));
    // An executor sleeps on it.
    let mut ada = tokio_test_task(clients[0].subscription.next());
    assert!(ada().is_none());
    assert_eq!(hub.close_user("ada"), 2);
    assert_eq!(ada().as_deref(), Some("event: bye\ndata: {\"reason\":\"logout\"}\n\n"));
    drop(ada);
    assert_eq!(clients[1].news(), [told("bye", json!({ "reason": "logout" }))]);
    assert_eq!(clients[1].chunk(), "ended");
    for client in &mut clients[2..] {
        assert_eq!(client.chunk(), "");
    }
    assert_eq!(hub.close_user("nobody"), 0);
    // They may come back.
    Client::with(&hub, ask("s=count").for_user("ada"));
}

/// Polls a future when it was woken, and not before.
fn tokio_test_task<'a, F>(future: F) -> impl FnMut() -> Option<String> + 'a
where
    F: Future<Output = Option<Result<bytes::Bytes, std::convert::Infallible>>> + Unpin + 'a,
{
    use futures::task::{ArcWake, waker};
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        task::{Context, Poll},
    };
    struct Woken(AtomicBool);
    impl ArcWake for Woken {
        fn wake_by_ref(woken: &Arc<Self>) {
            woken.0.store(true, Ordering::Relaxed);
        }
    }
    let (mut future, woken) = (future, Arc::new(Woken(AtomicBool::new(true))));
    move || {
        if !woken.0.swap(false, Ordering::Relaxed) {
            return None;
        }
        match future.poll_unpin(&mut Context::from_waker(&waker(woken.clone()))) {
            Poll::Ready(Some(Ok(bytes))) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
            Poll::Ready(None) => Some("ended".to_owned()),
            Poll::Pending => None,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_closes_says_bye_even_to_one_whom_it_has_not_greeted() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 0);
    let mut client = Client::of(&hub, "s=count");
    hub.close();
    assert_eq!(client.news(), [told("bye", json!({ "reason": "shutdown" }))]);
    assert_eq!(client.chunk(), "ended");
    let refusal = hub.subscribe(ask("s=count")).unwrap_err();
    assert_eq!((refusal.status(), refusal.retry_after()), (503, Some(Duration::from_secs(1))));
    drop(client);
    assert_eq!(hub.stats().connections, 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_subscription_holds_lives_as_long_as_its_connection() {
    let (hub, guard) = (SseHub::new(), Arc::new(()));
    let subscription = hub.subscribe(ask("s=count")).unwrap().hold(guard.clone());
    assert_eq!(Arc::strong_count(&guard), 2);
    drop(subscription);
    assert_eq!(Arc::strong_count(&guard), 1);
}

/// Else the browser would come back with an `id:` that covers the key, and be given nothing of what it was refused before.
#[tokio::test(start_paused = true)]
async fn a_key_that_was_refused_and_is_allowed_when_the_browser_comes_back_has_its_snapshot() {
    let hub = SseHub::new();
    let (open, _secret) = (hub.signal_for(Key::named("open"), 0), hub.signal_for(Key::named("secret"), 7));
    let mut client = Client::with(&hub, ask("s=secret&s=open").allow(|key| key.as_str() == "open"));
    open.set(1);
    let text = client.chunk() + &client.chunk();
    assert!(text.contains(r#""name":"open""#) && !text.contains("id:"), "{text}");
    let last_event_id = text.lines().rev().find_map(|line| line.strip_prefix("id: "));
    let request = SseRequest::parse("s=secret&s=open", last_event_id).unwrap();
    assert!(Client::with(&hub, request).news().contains(&snapshot("secret", 2, json!(7))));
}
