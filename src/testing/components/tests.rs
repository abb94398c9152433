mod forms;

use super::*;
use crate::{
    Rebuild, SseSignalStatus, SseStatus, create_sse_signal, on_sse_error, provide_sse, provide_sse_with, use_sse,
    use_sse_status,
};
use leptos::prelude::{
    Get, GetUntracked, GetValue, ImmediateEffect, Memo, Owner, RwSignal, Set, StoredValue, UpdateValue,
};
use reactive_stores::Store;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Count {
    value: i32,
}

fn count(value: i32) -> Count {
    Count { value }
}

fn test(test: impl FnOnce(SseTest)) {
    Owner::new().with(|| test(provide_sse_test()));
}

#[test]
fn a_signal_starts_with_its_default_and_has_what_is_set() {
    test(|sse| {
        let signal = create_sse_signal::<Count>();
        let double = Memo::new(move |_| signal.get().value * 2);
        assert_eq!((signal.get().value, double.get()), (0, 0));
        sse.set(&count(7));
        assert_eq!((signal.get().value, double.get()), (7, 14));
        sse.set(&count(8));
        assert_eq!((signal.get().value, double.get()), (8, 16));
        let late = create_sse_signal::<Count>();
        assert_eq!(late.get().value, 8);
    });
}

#[test]
fn a_value_that_was_set_before_the_component_comes_with_its_connection() {
    test(|sse| {
        sse.set(&count(7));
        sse.set_for("a", &count(1));
        sse.set_for(Key::named("b"), &"text");
        let (one, many) = (create_sse_signal::<Count>(), use_sse::<Count>().id("a").signal());
        assert_eq!(sse.keys(), [Key::of::<Count>(), Key::of::<Count>().id("a").unwrap()]);
        assert_eq!((one.get().value, many.get().value), (7, 1));
        let text = use_sse::<String>().named("b").signal();
        sse.advance(Duration::ZERO);
        assert_eq!(text.get(), "text", "a key that comes later is asked for beside");
        assert_eq!(sse.keys().len(), 3);
    });
}

#[test]
fn a_provider_below_keeps_the_connection_of_the_test_and_its_hooks_are_called() {
    test(|sse| {
        let opened = StoredValue::new(0);
        let options = SseOptions::new().on_open(move || opened.update_value(|opened| *opened += 1));
        provide_sse_with("/sse", options).unwrap();
        provide_sse("/another").unwrap();
        let signal = create_sse_signal::<Count>();
        sse.set(&count(7));
        assert_eq!((signal.get().value, opened.get_value()), (7, 1));
        assert!(provide_sse("").unwrap_err().is_invalid_url());
    });
}

#[test]
fn a_lost_connection_comes_back_after_its_wait_with_what_was_set_meanwhile() {
    test(|sse| {
        let (signal, status) = (create_sse_signal::<Count>(), use_sse::<Count>().status());
        let connection = use_sse_status();
        sse.set(&count(7));
        sse.drop_connection();
        assert_eq!((signal.get().value, status.get()), (7, SseSignalStatus::Stale));
        let wait = Some(Duration::from_millis(500));
        assert_eq!(connection.get(), SseStatus::Reconnecting { attempt: 1, next: wait });
        sse.set(&count(8));
        sse.advance(Duration::from_millis(499));
        assert_eq!((signal.get().value, status.get()), (7, SseSignalStatus::Stale));
        sse.advance(Duration::from_millis(1));
        assert_eq!((signal.get().value, status.get()), (8, SseSignalStatus::Live));
        sse.drop_connection();
        sse.reconnect();
        assert_eq!((status.get(), connection.get()), (SseSignalStatus::Live, SseStatus::Open));
    });
}

#[test]
fn a_login_that_has_ended_is_refused_until_the_next_one() {
    test(|sse| {
        let (signal, status) = (create_sse_signal::<Count>(), use_sse_status());
        sse.set(&count(7));
        sse.refuse_connection(401);
        assert!(matches!(status.get(), SseStatus::Refused { status: 401, .. }), "{}", status.get());
        sse.advance(Duration::from_secs(600));
        assert!(matches!(status.get(), SseStatus::Refused { status: 401, .. }), "{}", status.get());
        sse.set(&count(8));
        assert_eq!(signal.get().value, 7);
        sse.reconnect();
        assert_eq!((signal.get().value, status.get()), (8, SseStatus::Open));
    });
}

#[test]
fn what_is_refused_and_removed_shows_as_that_until_it_is_set_again() {
    test(|sse| {
        let (option, status) = (use_sse::<Count>().option(), use_sse::<Count>().status());
        assert_eq!((option.get(), status.get()), (None, SseSignalStatus::Connecting));
        sse.set(&count(7));
        sse.refuse::<Count>("forbidden");
        assert_eq!((option.get(), status.get()), (Some(count(7)), SseSignalStatus::Refused("forbidden".into())));
        sse.drop_connection();
        sse.reconnect();
        assert_eq!(status.get(), SseSignalStatus::Refused("forbidden".into()));
        sse.set(&count(7));
        assert_eq!((option.get(), status.get()), (Some(count(7)), SseSignalStatus::Live));
        sse.remove::<Count>();
        assert_eq!((option.get(), status.get()), (None, SseSignalStatus::Removed));
        sse.set(&count(7));
        assert_eq!((option.get(), status.get()), (Some(count(7)), SseSignalStatus::Live));
    });
}

#[test]
fn what_is_removed_while_the_page_is_away_is_gone_when_it_comes_back() {
    test(|sse| {
        let (option, status) = (use_sse::<u8>().named("n").option(), use_sse::<()>().named("n").status());
        sse.set_for(Key::named("n"), &1);
        sse.drop_connection();
        sse.remove_for::<u8>(Key::named("n"));
        assert_eq!((option.get(), status.get()), (Some(1), SseSignalStatus::Stale));
        sse.reconnect();
        assert_eq!((option.get(), status.get()), (None, SseSignalStatus::Removed));
    });
}

#[test]
fn a_restart_goes_on_with_the_current_values() {
    test(|sse| {
        let signal = create_sse_signal::<Count>();
        let feed = use_sse::<u8>().named("feed").feed().list(10);
        sse.set(&count(7));
        sse.push_for(Key::named("feed"), &1_u8);
        sse.restart();
        sse.set(&count(8));
        sse.push_for(Key::named("feed"), &2_u8);
        assert_eq!(signal.get().value, 7);
        sse.advance(Duration::from_secs(1));
        let events: Vec<u8> = feed.get().iter().map(|event| **event).collect();
        assert_eq!((signal.get().value, events), (8, vec![1, 2]));
        sse.set(&count(9));
        assert_eq!(signal.get().value, 9);
    });
}

#[test]
fn a_feed_has_each_event_once_also_over_a_lost_connection() {
    test(|sse| {
        let feed = use_sse::<String>().named("log").feed();
        let (list, gaps) = (feed.list(10), feed.gaps());
        sse.push_for(Key::named("log"), &"a");
        sse.drop_connection();
        sse.push_for(Key::named("log"), &"b");
        sse.reconnect();
        sse.push_for(Key::named("log"), &"c");
        let texts = || list.get().iter().map(|text| text.to_string()).collect::<Vec<_>>();
        assert_eq!((texts(), gaps.get()), (["a", "b", "c"].map(String::from).to_vec(), 0));
        let late = use_sse::<String>().named("log").feed().list(2);
        assert_eq!(late.get().len(), 2);
    });
}

#[test]
fn errors_are_those_of_a_real_connection() {
    test(|sse| {
        let told = StoredValue::new(Vec::new());
        on_sse_error(move |error| told.update_value(|told| told.push(error.to_string())));
        let signal = use_sse::<Count>().named("count").signal();
        sse.set_for(Key::named("count"), &count(1));
        sse.set_for(Key::named("count"), &"text");
        assert_eq!(signal.get().value, 1);
        sse.refuse_for::<Count>(Key::named("other"), "forbidden");
        assert_eq!(told.get_value().len(), 1, "of a key that nobody asks for nothing is told");
        assert!(told.get_value()[0].starts_with("`count`: the document is no `"), "{:?}", told.get_value());
    });
}

#[test]
fn what_is_set_within_an_effect_comes_after_what_it_came_of() {
    test(|sse| {
        let (signal, whole) = (create_sse_signal::<Count>(), use_sse::<Count>().part::<i32>("/value"));
        let seen = StoredValue::new(Vec::new());
        let _effect = ImmediateEffect::new({
            let sse = sse.clone();
            move || {
                let value = signal.get().value;
                seen.update_value(|seen| seen.push(value));
                if (1..3).contains(&value) {
                    sse.set(&count(value + 1));
                }
            }
        });
        sse.set(&count(1));
        assert_eq!((seen.get_value(), whole.get()), (vec![0, 1, 2, 3], Some(3)));
    });
}

#[test]
fn a_component_that_goes_lets_go_of_its_keys_a_moment_later() {
    test(|sse| {
        let (id, shown) = (RwSignal::new(1), Owner::new());
        let (room, _stays) = shown.with(|| (use_sse::<Count>().id(move || id.get()).signal(), ()));
        let kept = use_sse::<Count>().named("kept").signal();
        sse.set_for(1, &count(1));
        sse.set_for(2, &count(2));
        assert_eq!(room.get_untracked().value, 1);
        id.set(2);
        sse.advance(Duration::ZERO);
        assert_eq!(room.get_untracked().value, 2);
        shown.cleanup();
        assert_eq!(sse.keys().len(), 2, "not at once");
        sse.advance(Duration::from_secs(2));
        assert_eq!((sse.keys(), kept.get()), (vec![Key::named("kept").unwrap()], count(0)));
    });
}

#[test]
#[should_panic(expected = "is not a signal's key: it is empty")]
fn a_name_that_is_no_key_fails_the_test() {
    test(|sse| sse.set_for(Key::named(""), &1));
}

#[test]
fn an_id_that_changes_while_it_turns_has_the_value_of_the_last_one() {
    test(|sse| {
        sse.set_for(1, &count(10));
        sse.set_for(2, &count(20));
        let id = RwSignal::new(0);
        let _kept = (use_sse::<Count>().id(1).signal(), use_sse::<Count>().id(2).signal());
        let shown = use_sse::<Count>().id(move || id.get()).signal();
        sse.advance(Duration::ZERO);
        let _turn = ImmediateEffect::new(move || {
            if shown.get().value == 10 {
                id.set(2);
            }
        });
        id.set(1);
        assert_eq!(shown.get_untracked(), count(20));
        sse.set_for(1, &count(11));
        assert_eq!(shown.get_untracked(), count(20), "it is another one's");
        sse.set_for(2, &count(21));
        assert_eq!(shown.get_untracked(), count(21));
    });
}

#[test]
fn an_id_that_an_error_of_its_value_changes_is_followed() {
    test(|sse| {
        sse.set_for(Key::of::<Count>().id(1), &"no count");
        sse.set_for(2, &count(20));
        let id = RwSignal::new(0);
        let shown = use_sse::<Count>().id(move || id.get()).signal();
        let _kept = (use_sse::<Count>().id(1).signal(), use_sse::<Count>().id(2).signal());
        sse.advance(Duration::ZERO);
        on_sse_error(move |_| id.set(2));
        id.set(1);
        assert_eq!(shown.get_untracked(), count(20));
        sse.set_for(2, &count(21));
        assert_eq!(shown.get_untracked(), count(21));
    });
}
