use super::*;
use crate::{hooks::Hooks, machine::Lost};
use leptos_sse_core::protocol::SubscribeRequest;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use support::{Observable, Observer, Signal};

mod hub_model;
mod hub_properties;
mod keys;
mod properties;
mod status;
mod subscribers;
mod support;
mod tabs;

impl Connection {
    /// The signal of a key: the one that is there, or a new one that starts with the document held, or else `initial`.
    fn follow<T>(self: &Arc<Self>, key: &Key, initial: impl FnOnce() -> T) -> Result<(Observable<T>, User), Error>
    where
        T: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        let (signal, user) = self.follow_as(key, || Signal::new(initial()))?;
        Ok((signal.value().clone(), user))
    }
}

/// A transport that notes what it is told, with a clock that is set by hand.
#[derive(Clone, Default)]
struct Fake(Arc<Notes>);

#[derive(Default)]
struct Notes {
    calls: Mutex<Vec<String>>,
    millis: AtomicU64,
    alarms: AtomicU64,
}

impl Fake {
    /// What it was told since the last time, each with what was asked for.
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.calls.lock().unwrap())
    }

    fn note(&self, call: &str) {
        self.0.calls.lock().unwrap().push(call.to_owned());
    }

    fn wait(&self, millis: u64) {
        self.0.millis.fetch_add(millis, Ordering::Relaxed);
    }
}

/// What is asked for, without the string edits that are part of every query.
fn asked(request: &SubscribeRequest) -> String {
    assert!(request.string_edits, "we take them");
    SubscribeRequest { string_edits: false, ..request.clone() }.to_query()
}

impl Transport for Fake {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, request: &SubscribeRequest) {
        self.note(&format!("open {}", asked(request)));
    }

    fn open_beside(&self, request: &SubscribeRequest) {
        self.note(&format!("beside {}", asked(request)));
    }

    fn settle(&self) {
        self.note("settle");
    }

    fn close_beside(&self) {
        self.note("close beside");
    }

    fn close(&self) {
        self.note("close");
    }

    fn probe(&self, request: &SubscribeRequest) {
        self.note(&format!("probe {}", asked(request)));
    }

    fn changed(&self, _: &Key) {}

    fn wake_in(&self, _: Duration) {
        self.0.alarms.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.millis.load(Ordering::Relaxed))
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn first_value(&self, _: &Key) -> Option<FirstValue> {
        None
    }

    fn log_error(&self, _: fmt::Arguments<'_>) {}

    fn log_warning(&self, _: fmt::Arguments<'_>) {}
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Count {
    value: i64,
}

fn connection() -> (Arc<Connection>, Fake) {
    let fake = Fake::default();
    let transport = Box::new(fake.clone());
    (Connection::new("/sse".to_owned(), &Options::default(), Box::new(()), |_| transport), fake)
}

/// Lets the tick pass that gathers the keys, and the server answer.
fn open(connection: &Connection) {
    connection.handle(Input::Tick);
    connection.handle(Input::Opened);
}

fn key(name: &'static str) -> Key {
    Key::named(name).unwrap()
}

fn snapshot(connection: &Connection, name: &str, to: u64, value: &Value) {
    let patch = json!([{ "op": "replace", "path": "", "value": value }]);
    connection.receive("message", &json!({ "name": name, "to": to, "patch": patch }).to_string());
}

fn change(connection: &Connection, name: &str, from: u64, path: &str, value: &Value) {
    let patch = json!([{ "op": "replace", "path": path, "value": value }]);
    connection.receive("message", &json!({ "name": name, "from": from, "to": from + 1, "patch": patch }).to_string());
}

#[test]
fn a_signal_follows_the_updates_of_its_key() {
    let (connection, fake) = connection();
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    assert_eq!(fake.calls(), ["open s=count"]);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    change(&connection, "count", 1, "/value", &json!(2));
    assert_eq!(count.get_untracked(), Count { value: 2 });
    assert_eq!(connection.status(), SseStatus::Open);
}

#[test]
fn an_update_before_its_signal_is_not_lost() {
    let (connection, _) = connection();
    let _listener = connection.use_it();
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    change(&connection, "count", 1, "/value", &json!(2));
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    assert_eq!(count.get_untracked(), Count { value: 2 });
}

#[test]
fn a_signal_unmounted_and_mounted_again_has_the_value_of_now() {
    let (connection, fake) = connection();
    let _listener = connection.use_it();
    open(&connection);
    let (count, user) = connection.follow(&key("count"), Count::default).unwrap();
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    drop((count, user));
    change(&connection, "count", 1, "/value", &json!(2));
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    assert_eq!(count.get_untracked(), Count { value: 2 });
    change(&connection, "count", 2, "/value", &json!(3));
    assert_eq!(count.get_untracked(), Count { value: 3 });
    assert_eq!(fake.calls(), ["open "]);
}

#[test]
fn two_who_ask_for_one_key_have_one_signal_until_both_are_gone() {
    let (connection, fake) = connection();
    let (one, first) = connection.follow(&key("count"), Count::default).unwrap();
    let (two, second) = connection.follow(&key("count"), || panic!("it is there already")).unwrap();
    drop(first);
    open(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!((one.get_untracked(), two.get_untracked()), (Count { value: 1 }, Count { value: 1 }));
    fake.calls();
    drop(second);
    fake.wait(1_000);
    connection.handle(Input::Tick);
    assert_eq!(fake.calls(), ["close"]);
}

#[test]
fn a_key_asked_for_as_another_type_is_an_error_and_harms_nothing() {
    let (connection, _) = connection();
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    let error = connection.follow(&key("count"), String::new).err().unwrap();
    assert!(error.is_type_conflict());
    assert!(error.to_string().contains("Count` and cannot be followed as `alloc::string::String` too"), "{error}");
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(count.get_untracked(), Count { value: 1 });
}

#[test]
fn a_signal_can_be_made_while_another_one_is_shown() {
    let (connection, _) = connection();
    let (outer, _user) = connection.follow(&key("outer"), Count::default).unwrap();
    let inner = Arc::new(Mutex::new(None));
    let _observer = outer.observe({
        let (connection, inner) = (connection.clone(), inner.clone());
        move || {
            let followed = connection.follow(&key("inner"), Count::default).unwrap();
            let before = inner.lock().unwrap().replace(followed);
            drop(before);
        }
    });
    snapshot(&connection, "inner", 1, &json!({ "value": 7 }));
    snapshot(&connection, "outer", 1, &json!({ "value": 1 }));
    assert_eq!(inner.lock().unwrap().as_ref().unwrap().0.get_untracked(), Count { value: 7 });
}

#[test]
fn what_no_signal_can_read_leaves_the_last_good_value_and_heals_with_the_next_change() {
    let (connection, fake) = connection();
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    fake.calls();
    change(&connection, "count", 1, "/value", &json!("many"));
    assert_eq!(count.get_untracked(), Count { value: 1 });
    change(&connection, "count", 2, "/value", &json!(3));
    assert_eq!(count.get_untracked(), Count { value: 3 });
    assert!(fake.calls().is_empty(), "the document is in step, so there is nothing to ask for");
}

#[test]
fn a_patch_that_does_not_fit_asks_once_and_others_go_on() {
    let (connection, fake) = connection();
    let (bad, _bad) = connection.follow(&key("bad"), Count::default).unwrap();
    let (good, _good) = connection.follow(&key("good"), Count::default).unwrap();
    open(&connection);
    snapshot(&connection, "bad", 1, &json!({ "value": 1 }));
    snapshot(&connection, "good", 1, &json!({ "value": 1 }));
    fake.calls();
    change(&connection, "bad", 1, "/nowhere/at/all", &json!(2));
    change(&connection, "good", 1, "/value", &json!(2));
    assert_eq!((bad.get_untracked(), good.get_untracked()), (Count { value: 1 }, Count { value: 2 }));
    assert_eq!(fake.calls(), ["close"]);
    fake.wait(500);
    connection.handle(Input::Tick);
    assert_eq!(fake.calls(), ["open s=bad&s=good"]);
    connection.handle(Input::Opened);
    snapshot(&connection, "bad", 1, &json!({ "value": 3 }));
    assert_eq!(bad.get_untracked(), Count { value: 3 });
}

#[test]
fn bytes_that_make_no_sense_are_passed_over() {
    let (connection, fake) = connection();
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    fake.calls();
    for event in ["message", "hello", "hb", "surprise"] {
        for data in ["", "{", "null", "[]", "\u{0}", r#"{"name":7}"#, "e.", &"[".repeat(10_000)] {
            connection.receive(event, data);
        }
    }
    assert_eq!(count.get_untracked(), Count { value: 1 });
    assert!(fake.calls().is_empty());
}

#[test]
fn a_day_of_updates_leaves_nothing_behind() {
    let (connection, fake) = connection();
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e","name":"count","heartbeat":15000}"#);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    for second in 1..86_400_u64 {
        fake.wait(1_000);
        change(&connection, "count", second, "/value", &json!(second + 1));
        if second % 37 == 0 {
            connection.handle(Input::Tick);
        }
    }
    assert_eq!(count.get_untracked(), Count { value: 86_400 });
    let state = connection.state();
    assert_eq!((state.registry.len(), state.users), (1, 1));
    drop(state);
    let alarms = fake.0.alarms.load(Ordering::Relaxed);
    assert!(alarms < 86_400 / 30, "the timer is not set for each update, but was {alarms} times");
}

/// A copy would cost as much as a snapshot.
#[test]
fn an_update_changes_the_document_where_it_is() {
    let (connection, _) = connection();
    let (signal, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1, "more": [] }));
    let place = || std::ptr::from_ref(connection.document(&key("count")).unwrap().root());
    let before = place();
    for (value, seq) in (1..10).zip(1..) {
        change(&connection, "count", seq, "/value", &json!(value));
        assert_eq!((signal.get_untracked().value, place()), (value, before));
    }
    // Who holds it has it as it was; all others go on with the copy.
    let held = connection.document(&key("count")).unwrap();
    change(&connection, "count", 10, "/value", &json!(10));
    assert_eq!(held.to_value()["value"], 9);
    let next = place();
    assert_ne!(next, before);
    change(&connection, "count", 11, "/value", &json!(11));
    assert_eq!(place(), next);
}

#[test]
fn five_hundred_signals_share_one_connection() {
    let (connection, fake) = connection();
    let keys: Vec<Key> = (0..500).map(|n| Key::named(format!("count-{n}")).unwrap()).collect();
    let signals: Vec<_> = keys.iter().map(|key| connection.follow(key, Count::default).unwrap()).collect();
    open(&connection);
    for (n, key) in keys.iter().enumerate() {
        snapshot(&connection, key.as_str(), 1, &json!({ "value": n }));
    }
    for (n, (signal, _)) in signals.iter().enumerate() {
        assert_eq!(signal.get_untracked().value, i64::try_from(n).unwrap());
    }
    let calls = fake.calls();
    assert_eq!((calls.len(), calls[0].matches("s=count-").count()), (1, 500));
    drop(signals);
    assert_eq!(connection.state().registry.len(), 0);
}

#[test]
fn values_need_neither_clone_nor_eq() {
    #[derive(Default, Deserialize)]
    struct Bare(u8);
    let (connection, _) = connection();
    let (bare, _user) = connection.follow(&key("bare"), Bare::default).unwrap();
    snapshot(&connection, "bare", 1, &json!(7));
    assert_eq!(bare.with_untracked(|bare| bare.0), 7);
}

#[test]
fn the_connection_closes_when_it_is_dropped() {
    let (connection, fake) = connection();
    let user = connection.use_it();
    open(&connection);
    fake.calls();
    drop((connection, user));
    assert_eq!(fake.calls(), ["close"]);
}

#[test]
fn hooks_are_told_what_happened_in_order_and_once() {
    let (connection, fake) = connection();
    let notes: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = |text: &str| {
        let (notes, text) = (notes.clone(), text.to_owned());
        move |more: String| notes.lock().unwrap().push(format!("{text}{more}"))
    };
    let (opened, closed, again, error) = (note("open"), note("close: "), note("attempt "), note("error: "));
    connection.hooks().add(&Hooks {
        on_open: Some(Arc::new(move || opened(String::new()))),
        on_close: Some(Arc::new(move |why| closed(why.to_string()))),
        on_reconnect: Some(Arc::new(move |attempt| again(attempt.to_string()))),
        on_error: Some(Arc::new(move |what| error(what.to_string()))),
    });
    let said = || std::mem::take(&mut *notes.lock().unwrap());
    let refused = Lost::Refused { status: 401, retry_after: None };

    let user = connection.use_it();
    open(&connection);
    assert_eq!(said(), ["open"]);
    connection.handle(Input::Failed(refused));
    assert_eq!(said(), ["error: `/sse` answered 401, and no stream of events", "attempt 1"]);
    fake.wait(600);
    connection.handle(Input::Tick);
    assert_eq!(said(), [""; 0], "the attempt that was told is under way");
    connection.handle(Input::Failed(refused));
    assert_eq!(said(), ["error: `/sse` answered 401, and no stream of events", "attempt 2"]);
    connection.reconnect();
    connection.handle(Input::Opened);
    assert_eq!(said(), ["open"]);
    connection.receive("message", "no JSON");
    assert!(said()[0].starts_with("error: "));
    drop(user);
    fake.wait(1_000);
    connection.handle(Input::Tick);
    assert_eq!(said(), ["close: nothing on the page uses it"]);
    connection.reconnect();
    assert_eq!(fake.calls().last().unwrap(), "close", "nobody uses it");
}

#[test]
fn each_time_that_a_connection_is_lost_its_attempts_are_told_from_the_first() {
    let (connection, fake) = connection();
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let told = attempts.clone();
    connection.hooks().add(&Hooks {
        on_reconnect: Some(Arc::new(move |attempt| told.lock().unwrap().push(attempt))),
        ..Hooks::default()
    });
    let _user = connection.use_it();
    for _ in 0..2 {
        open(&connection);
        fake.wait(60_000);
        connection.handle(Input::Failed(Lost::Ended));
        fake.wait(1_000);
    }
    assert_eq!(*attempts.lock().unwrap(), [1, 1]);
}

/// Every lock is free: a hook may do what a handler of an event may.
#[test]
fn a_hook_may_use_the_connection() {
    let (connection, fake) = connection();
    let within = Arc::downgrade(&connection);
    connection.hooks().add(&Hooks {
        on_error: Some(Arc::new(move |error| {
            if error.error().status() == Some(401) {
                let connection = within.upgrade().unwrap();
                let (_signal, _user) = connection.follow(&key("within"), Count::default).unwrap();
                connection.reconnect();
            }
        })),
        ..Hooks::default()
    });
    let _user = connection.use_it();
    open(&connection);
    fake.calls();
    connection.handle(Input::Failed(Lost::Refused { status: 401, retry_after: None }));
    assert_eq!(fake.calls(), ["close", "open s=within"]);
}

#[test]
fn a_hook_that_reconnects_within_an_error_does_not_count_an_attempt_that_is_none() {
    let (connection, fake) = connection();
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let (within, told) = (Arc::downgrade(&connection), attempts.clone());
    connection.hooks().add(&Hooks {
        on_reconnect: Some(Arc::new(move |attempt| told.lock().unwrap().push(attempt))),
        on_error: Some(Arc::new(move |error| {
            if error.error().status() == Some(401) {
                within.upgrade().unwrap().reconnect();
            }
        })),
        ..Hooks::default()
    });
    let _user = connection.use_it();
    open(&connection);
    for status in [503, 401] {
        connection.handle(Input::Failed(Lost::Refused { status, retry_after: None }));
        fake.wait(1_000);
        connection.handle(Input::Tick);
    }
    assert_eq!(*attempts.lock().unwrap(), [1, 2]);
}

#[test]
fn a_page_that_is_seen_again_asks_from_what_it_holds() {
    let fake = Fake::default();
    let transport = Box::new(fake.clone());
    let mut options = Options::default();
    options.pace.close_when_hidden = Some(Duration::from_secs(60));
    let connection = Connection::new("/sse".to_owned(), &options, Box::new(()), |_| transport);
    let (count, _user) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e"}"#);
    connection
        .receive("message", r#"{"name":"count","to":7,"patch":[{"op":"replace","path":"","value":{"value":7}}]}"#);
    connection.handle(Input::Hidden);
    fake.wait(60_000);
    connection.handle(Input::Tick);
    assert_eq!(connection.status(), SseStatus::Closed(SseClosed::Hidden));
    assert_eq!(count.get_untracked().value, 7);
    fake.calls();
    connection.handle(Input::Visible);
    assert_eq!(fake.calls(), ["open epoch=e&s=count~7"]);
}
