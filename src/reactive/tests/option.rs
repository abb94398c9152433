//! Signals of what the server may not have.

use super::{change, connection, key, snapshot};
use crate::reactive::{option::Optional, signal::Signal};
use leptos::prelude::GetUntracked;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Count {
    value: i64,
}

#[test]
fn an_option_is_none_before_the_first_value_and_when_the_server_has_it_no_more() {
    let connection = connection();
    let (option, _user) = connection.follow_as(&key("count"), || Optional::<Count>::new(None)).unwrap();
    let (count, _count) = connection.follow_as(&key("count"), || Signal::new(Count::default())).unwrap();
    connection.receive("hello", r#"{"epoch":"e"}"#);
    let shown = || option.signal().get_untracked().map(|count| count.value);
    assert_eq!(shown(), None);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(shown(), Some(1));
    change(&connection, "count", 1, "/value", &json!("x"));
    assert_eq!(shown(), Some(1), "what it cannot read leaves the last good one");
    connection.receive("refused", r#"{"name":"count","reason":"logged out"}"#);
    assert_eq!(shown(), Some(1));
    connection.receive("removed", r#"{"name":"count","to":3}"#);
    assert_eq!((shown(), count.value().get_untracked().value), (None, 1));
    snapshot(&connection, "count", 4, &json!({ "value": 4 }));
    assert_eq!(shown(), Some(4));
    let text = connection.follow_as(&key("count"), || Optional::<String>::new(None)).err().unwrap();
    assert!(text.is_type_conflict(), "{text}");
}

#[test]
fn what_is_null_is_no_value_that_is_missing() {
    let connection = connection();
    let null = || connection.follow_as(&key("null"), || Optional::<Option<u8>>::new(None)).unwrap();
    let (option, _user) = null();
    assert_eq!(option.signal().get_untracked(), None);
    snapshot(&connection, "null", 1, &Value::Null);
    assert_eq!(option.signal().get_untracked(), Some(None));
}
