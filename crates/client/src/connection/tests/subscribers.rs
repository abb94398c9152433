//! Several subscribers of one key.

use super::*;
use crate::{
    feed_log::FeedLog,
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
};
use leptos_sse_core::patch::Touch;
use std::any::TypeId;
use support::Optional;

/// Notes what it is told, for values of any type.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

/// The same, for values of one type.
#[derive(Default)]
struct CountNotes(Notes);

impl Notes {
    fn note(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Notes {
    fn describe() -> SubscriberType {
        SubscriberType { kind: KeyKind::Signal, watches: false, name: "notes", value: None }
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.note(format!("{document} {:?}", touches.map(<[Touch]>::len)));
        Ok(())
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }

    fn removed(&self) -> Result<(), Error> {
        self.note("removed".to_owned());
        Ok(())
    }
}

impl Subscriber for CountNotes {
    fn describe() -> SubscriberType {
        SubscriberType {
            kind: KeyKind::Signal,
            watches: false,
            name: "count notes",
            value: Some(TypeId::of::<Count>()),
        }
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        self.0.accept(document, touches)
    }

    fn take(&self, _: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }
}

fn notes(connection: &Arc<Connection>) -> (Arc<Notes>, User) {
    connection.follow_as(&key("count"), Notes::default).unwrap()
}

#[test]
fn each_subscriber_of_a_key_has_each_document_and_one_more_asks_for_nothing() {
    let (connection, fake) = connection();
    let (count, _count) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    assert_eq!(fake.calls(), ["open s=count"]);
    connection.receive("hello", r#"{"epoch":"e"}"#);
    let (early, _early) = notes(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(early.told(), [r#"{"value":1} Some(1)"#]);
    let (late, _late) = connection.follow_as(&key("count"), CountNotes::default).unwrap();
    assert_eq!(late.0.told(), [r#"{"value":1} None"#]);
    change(&connection, "count", 1, "/value", &json!(2));
    assert_eq!(count.get_untracked(), Count { value: 2 });
    assert_eq!(
        (early.told(), late.0.told()),
        (vec![r#"{"value":2} Some(1)"#.into()], vec![r#"{"value":2} Some(1)"#.into()])
    );
    connection.handle(Input::Tick);
    fake.wait(20);
    connection.handle(Input::Tick);
    assert!(fake.calls().is_empty());
}

#[test]
fn a_key_is_let_go_with_the_last_user_of_its_last_subscriber() {
    let (connection, fake) = connection();
    let _listener = connection.use_it();
    let (_, signal) = connection.follow(&key("count"), Count::default).unwrap();
    let (_, one) = notes(&connection);
    let (_, two) = notes(&connection);
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e"}"#);
    fake.calls();
    drop(signal);
    drop(one);
    fake.wait(5_000);
    connection.handle(Input::Tick);
    assert!(fake.calls().is_empty() && connection.state().registry.is_used(&key("count")));
    drop(two);
    assert_eq!(connection.state().registry.len(), 0);
    connection.handle(Input::Tick);
    fake.wait(5_000);
    connection.handle(Input::Tick);
    assert_eq!(fake.calls(), ["beside "]);
}

#[test]
fn a_subscriber_that_goes_leaves_the_others() {
    let (connection, _) = connection();
    let (count, _count) = connection.follow(&key("count"), Count::default).unwrap();
    let (gone, user) = notes(&connection);
    drop(user);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!((count.get_untracked().value, gone.told()), (1, Vec::new()));
    let (again, _again) = notes(&connection);
    assert!(!Arc::ptr_eq(&gone, &again));
    assert_eq!(again.told(), [r#"{"value":1} None"#]);
}

#[test]
fn subscribers_of_a_key_agree_on_its_type_unless_they_take_any() {
    let (connection, _) = connection();
    let (_, any) = notes(&connection);
    let (_, count) = connection.follow(&key("count"), Count::default).unwrap();
    let (_, noted) = connection.follow_as(&key("count"), CountNotes::default).unwrap();
    let text = || connection.follow(&key("count"), String::new).map(drop).map_err(|error| error.to_string());
    assert!(text().unwrap_err().contains("Count` and cannot be followed as `alloc::string::String` too"));
    drop(count);
    assert!(text().unwrap_err().contains("already followed as `count notes`"));
    drop(noted);
    text().unwrap();
    let feed = connection.follow_as(&key("count"), FeedLog::<u8>::default).err().unwrap();
    assert!(feed.is_type_conflict() && feed.to_string().contains("already followed as `notes`"), "{feed}");
    drop(any);
    connection.follow_as(&key("count"), FeedLog::<u8>::default).unwrap();
}

#[test]
fn who_comes_and_goes_while_the_others_are_told_harms_nothing() {
    let (connection, _) = connection();
    let (count, _count) = connection.follow(&key("count"), Count::default).unwrap();
    let held = Arc::new(Mutex::new(Some(notes(&connection))));
    let (gone, came) = (held.lock().unwrap().as_ref().unwrap().0.clone(), Arc::new(Mutex::new(None)));
    let _observer = count.observe({
        let (connection, count, held, came) = (connection.clone(), count.clone(), held.clone(), came.clone());
        move || {
            if count.get_untracked().value == 1 {
                drop(held.lock().unwrap().take());
                let again = connection.follow_as(&key("count"), CountNotes::default).unwrap();
                *came.lock().unwrap() = Some(again);
            }
        }
    });
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    snapshot(&connection, "count", 2, &json!({ "value": 2 }));
    assert_eq!(gone.told(), [r#"{"value":1} Some(1)"#], "it was told of by then");
    let came = came.lock().unwrap();
    assert_eq!(came.as_ref().unwrap().0.0.told(), [r#"{"value":1} None"#, r#"{"value":2} Some(1)"#]);
}

#[test]
fn a_removal_is_told_to_each_once() {
    let (connection, _) = connection();
    let (count, _count) = connection.follow(&key("count"), Count::default).unwrap();
    let (notes, _notes) = notes(&connection);
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e"}"#);
    snapshot(&connection, "count", 2, &json!({ "value": 1 }));
    for to in [1, 3, 3] {
        connection.receive("removed", &json!({ "name": "count", "to": to }).to_string());
    }
    assert_eq!(notes.told(), [r#"{"value":1} Some(1)"#, "removed"]);
    assert_eq!(count.get_untracked().value, 1, "a signal keeps its last good value");
}

#[test]
fn an_option_is_none_before_the_first_value_and_when_the_server_has_it_no_more() {
    let (connection, _) = connection();
    let (option, _user) = connection.follow_as(&key("count"), Optional::<Count>::empty).unwrap();
    let (count, _count) = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e"}"#);
    let shown = || option.value().get_untracked().map(|count| count.value);
    assert_eq!(shown(), None);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(shown(), Some(1));
    change(&connection, "count", 1, "/value", &json!("x"));
    assert_eq!(shown(), Some(1), "what it cannot read leaves the last good one");
    connection.receive("refused", r#"{"name":"count","reason":"logged out"}"#);
    assert_eq!(shown(), Some(1));
    connection.receive("removed", r#"{"name":"count","to":3}"#);
    assert_eq!((shown(), count.get_untracked().value), (None, 1));
    snapshot(&connection, "count", 4, &json!({ "value": 4 }));
    assert_eq!(shown(), Some(4));
    let text = connection.follow_as(&key("count"), Optional::<String>::empty).err().unwrap();
    assert!(text.is_type_conflict(), "{text}");
}

#[test]
fn what_is_null_is_no_value_that_is_missing() {
    let (connection, _) = connection();
    let null = || connection.follow_as(&key("null"), Optional::<Option<u8>>::empty).unwrap();
    let (option, _user) = null();
    assert_eq!(option.value().get_untracked(), None);
    snapshot(&connection, "null", 1, &Value::Null);
    assert_eq!(option.value().get_untracked(), Some(None));
}
