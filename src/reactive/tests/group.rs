//! Subscribers of one key that share no value.

use super::{change, connection, key, snapshot};
use crate::reactive::{group::Member, signal::Signal};
use leptos::prelude::{Get, GetUntracked, ImmediateEffect, Owner};
use serde::Deserialize;
use serde_json::json;
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Count {
    value: i64,
}

#[test]
fn several_on_their_own_each_have_what_comes_from_when_they_begin() {
    let connection = connection();
    let own = || Arc::new(Signal::new(Count::default()));
    let (first, second) = (own(), own());
    let one = Member::new(&connection, &key("count"), first.clone()).unwrap();
    assert!(!one.begin(), "nothing is held");
    let two = Member::new(&connection, &key("count"), second.clone()).unwrap();
    let shown = || (first.value().get_untracked().value, second.value().get_untracked().value);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(shown(), (1, 0));
    assert!(two.begin());
    assert_eq!(shown(), (1, 1));
    drop(one);
    change(&connection, "count", 1, "/value", &json!(2));
    assert_eq!(shown(), (1, 2));
    drop(two);
    assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 1), "nothing holds them");
    let (_other, _user) = connection.follow_as(&key("count"), || Signal::new(7_u8)).unwrap();
    assert!(Member::new(&connection, &key("count"), first).err().unwrap().is_type_conflict());
}

#[test]
fn a_member_that_leaves_while_a_change_is_handed_on_is_not_given_it() {
    let connection = connection();
    let own = || Arc::new(Signal::new(Count::default()));
    let (first, second) = (own(), own());
    let one = Member::new(&connection, &key("count"), first.clone()).unwrap();
    let two = Arc::new(Mutex::new(Some(Member::new(&connection, &key("count"), second.clone()).unwrap())));
    one.begin();
    two.lock().unwrap().as_ref().unwrap().begin();
    Owner::new().with(|| {
        let _effect = ImmediateEffect::new({
            let (first, two) = (first.value().clone(), two.clone());
            move || {
                // It turns to another key with the first change.
                if first.get().value == 1 {
                    let left = two.lock().unwrap().take();
                    drop(left);
                }
            }
        });
        snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    });
    assert_eq!((first.value().get_untracked().value, second.value().get_untracked().value), (1, 0));
}
