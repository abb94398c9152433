//! Each form takes each kind of key, with the same meaning.

use super::{Count, CountStoreFields, count, test};
use crate::{
    Key, Rebuild, SseSignalStatus, UseSse, on_sse_error, provide_sse_value_for, store::ByKey, testing::SseTest, use_sse,
};
use leptos::prelude::{
    ArcRwSignal, Get, GetUntracked, GetValue, ImmediateEffect, Owner, RwSignal, Set, StoredValue, UpdateValue,
    provide_context,
};
use reactive_stores::{AtKeyed, Store};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// What is shown of a [`Count`]; `None` is nothing, and 0 is the default.
type Shown = Arc<dyn Fn() -> Option<i32> + Send + Sync>;

type Form = (&'static str, fn(UseSse<Count>) -> Shown);

/// The forms that show a value.
fn forms() -> [Form; 7] {
    [
        ("signal", |sse| {
            let signal = sse.signal();
            Arc::new(move || Some(signal.get().value))
        }),
        ("arc_signal", |sse| {
            let signal = sse.arc_signal();
            Arc::new(move || Some(signal.get().value))
        }),
        ("option", |sse| {
            let option = sse.option();
            Arc::new(move || option.get().map(|count| count.value))
        }),
        ("memo", |sse| {
            let memo = sse.memo(|count| count.value);
            Arc::new(move || Some(memo.get()))
        }),
        ("part", |sse| {
            let part = sse.part::<i32>("/value");
            Arc::new(move || part.get())
        }),
        ("in_place", |sse| {
            let signal = sse.in_place();
            Arc::new(move || Some(signal.get().value))
        }),
        ("store", |sse| {
            // A field that is taken once, before the id changes.
            let value = sse.store().value();
            Arc::new(move || Some(value.get()))
        }),
    ]
}

fn nothing(name: &str) -> Option<i32> {
    if ["option", "part"].contains(&name) { None } else { Some(0) }
}

fn each_form(check: impl Fn(&SseTest, &str, fn(UseSse<Count>) -> Shown)) {
    for (name, form) in forms() {
        test(|sse| check(&sse, name, form));
    }
}

#[test]
fn each_form_takes_each_kind_of_key() {
    each_form(|sse, name, form| {
        let id = RwSignal::new(7);
        let by_type = form(use_sse());
        let named = form(use_sse().named("count"));
        let constant = form(use_sse().id("a"));
        let closure = form(use_sse().id(move || id.get()));
        let both = form(use_sse().named("seats").id(3_u8));
        let both_closure = form(use_sse().id(move || id.get()).named("seats"));
        let shown = || [&by_type, &named, &constant, &closure, &both, &both_closure].map(|shown| shown());
        assert_eq!(shown(), [nothing(name); 6], "{name}");
        sse.set(&count(1));
        let set = |key: &str, value| sse.set_for(Key::named(key.to_owned()), &count(value));
        set("count", 2);
        sse.set_for("a", &count(3));
        sse.set_for(7, &count(4));
        set("seats:3", 5);
        set("seats:7", 6);
        assert_eq!(shown(), [1, 2, 3, 4, 5, 6].map(Some), "{name}");
    });
}

#[test]
fn the_status_takes_each_kind_of_key() {
    test(|sse| {
        let id = RwSignal::new(7);
        let statuses = [
            use_sse::<Count>().status(),
            use_sse::<str>().named("count").status(),
            use_sse::<Count>().id("a").status(),
            use_sse::<Count>().id(move || id.get()).status(),
        ];
        let standing = || statuses.map(|status| status.get() == SseSignalStatus::Live);
        assert_eq!(standing(), [false; 4]);
        sse.set(&count(1));
        sse.set_for(Key::named("count"), &count(1));
        sse.set_for("a", &count(1));
        sse.set_for(7, &count(1));
        assert_eq!(standing(), [true; 4]);
        id.set(8);
        assert_eq!(standing(), [true, true, true, false]);
    });
}

#[test]
fn when_the_id_changes_no_form_shows_the_value_of_the_id_before() {
    each_form(|sse, name, form| {
        provide_sse_value_for(3, &count(30));
        provide_sse_value_for(Key::of::<Count>().id(4), &"no count");
        let errors = StoredValue::new(0);
        on_sse_error(move |_| errors.update_value(|errors| *errors += 1));
        sse.set_for("1", &count(10));
        sse.set_for("2", &count(20));
        let id = RwSignal::new("1");
        let shown = form(use_sse().id(move || id.get()));
        sse.advance(Duration::ZERO);
        // All that anybody could see, in its order.
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _effect = ImmediateEffect::new({
            let (seen, shown) = (seen.clone(), shown.clone());
            move || seen.lock().unwrap().push(shown())
        });
        let turn = |to| {
            id.set(to);
            let at_once = shown();
            sse.advance(Duration::ZERO);
            (at_once, shown())
        };
        assert_eq!(turn("2"), (nothing(name), Some(20)), "{name}: of nothing that is held");
        assert_eq!(turn("3"), (Some(30), Some(30)), "{name}: a provided first value");
        assert_eq!(turn("1").1, Some(10), "{name}");
        // There is no such part in it, which is no error.
        let unreadable = u32::from(name != "part");
        assert_eq!(
            (turn("4"), errors.get_value()),
            ((nothing(name), nothing(name)), unreadable),
            "{name}: one that is none"
        );
        let _kept = use_sse::<Count>().id("2").signal();
        sse.advance(Duration::ZERO);
        assert_eq!(turn("2"), (Some(20), Some(20)), "{name}: of what is held already");
        assert_eq!(
            (turn(""), errors.get_value()),
            ((nothing(name), nothing(name)), unreadable + 1),
            "{name}: an id that is none"
        );
        sse.set_for("2", &count(21));
        assert_eq!(shown(), nothing(name), "{name}: it is another one's");
        assert_eq!(turn("2"), (Some(21), Some(21)), "{name}");
        let mut seen = seen.lock().unwrap().clone();
        seen.retain(|shown| *shown != nothing(name));
        seen.dedup();
        assert_eq!(seen, [10, 20, 30, 10, 20, 21].map(Some), "{name}");
    });
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Table {
    name: String,
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
struct Row {
    id: u64,
    price: u32,
}

fn table(name: &str, rows: &[(u64, u32)]) -> Table {
    Table { name: name.to_owned(), rows: rows.iter().map(|(id, price)| Row { id: *id, price: *price }).collect() }
}

#[test]
fn the_fields_and_the_items_of_a_store_go_with_its_id() {
    test(|sse| {
        sse.set_for(1, &table("one", &[(1, 10), (2, 20)]));
        sse.set_for(2, &table("two", &[(2, 200), (3, 300)]));
        let id = RwSignal::new(1);
        let store = use_sse::<Table>().id(move || id.get()).store();
        sse.advance(Duration::ZERO);
        let (name, second) = (store.name(), AtKeyed::new(store.rows(), 2));
        let price = second.price();
        let keys = move || store.rows().by_key().map(|row| row.key()).collect::<Vec<_>>();
        let told = StoredValue::new(Vec::new());
        let _effect = ImmediateEffect::new(move || {
            let price = second.price().try_get();
            told.update_value(|told| told.push(price));
        });
        assert_eq!((name.get(), price.get(), keys()), ("one".to_owned(), 20, vec![1, 2]));
        id.set(2);
        sse.advance(Duration::ZERO);
        assert_eq!((name.get(), price.get(), keys()), ("two".to_owned(), 200, vec![2, 3]));
        sse.set_for(2, &table("two", &[(3, 300), (2, 201)]));
        assert_eq!((price.get(), keys()), (201, vec![3, 2]));
        sse.set_for(1, &table("one", &[(1, 10), (2, 21)]));
        assert_eq!(price.get(), 201, "it is another one's");
        id.set(1);
        sse.advance(Duration::ZERO);
        assert_eq!((name.get(), price.get(), keys()), ("one".to_owned(), 21, vec![1, 2]));
        let mut told = told.get_value();
        told.dedup();
        assert_eq!(told, [Some(20), None, Some(200), Some(201), None, Some(21)], "the default has no items");
    });
}

#[test]
fn a_feed_takes_each_kind_of_key_and_starts_anew_with_another_id() {
    test(|sse| {
        let id = RwSignal::new(1);
        let by_type = use_sse::<u8>().feed().list(10);
        let named = use_sse::<u8>().named("log").feed().list(10);
        let constant = use_sse::<u8>().id("a").feed().list(10);
        let closure = use_sse::<u8>().named("log").id(move || id.get()).feed();
        let (list, latest, gaps) = (closure.list(10), closure.latest(), closure.gaps());
        sse.push(&1_u8);
        sse.push_for(Key::named("log"), &2_u8);
        sse.push_for("a", &3_u8);
        for (key, event) in [("log:1", 4_u8), ("log:1", 5), ("log:2", 6)] {
            sse.push_for(Key::named(key), &event);
        }
        let events = |list: leptos::prelude::ReadSignal<Vec<Arc<u8>>>| {
            list.get().iter().map(|event| **event).collect::<Vec<_>>()
        };
        assert_eq!(
            [events(by_type), events(named), events(constant), events(list)],
            [vec![1], vec![2], vec![3], vec![4, 5]]
        );
        id.set(2);
        assert_eq!((events(list), latest.get()), (vec![], None), "at once");
        sse.advance(Duration::ZERO);
        assert_eq!((events(list), latest.get().as_deref(), gaps.get()), (vec![6], Some(&6), 0));
        sse.push_for(Key::named("log:1"), &7_u8);
        assert_eq!(events(list), [6], "it is another one's");
        sse.push_for(Key::named("log:2"), &8_u8);
        let late = closure.list(1);
        assert_eq!((events(list), events(late)), (vec![6, 8], vec![8]));
    });
}

#[test]
fn an_event_that_changes_the_id_is_the_last_one_of_its_feed() {
    test(|sse| {
        for event in 1..=3_u8 {
            sse.push_for(1, &event);
            sse.push_for(2, &(event + 10));
        }
        let _kept = (use_sse::<u8>().id(1).feed(), use_sse::<u8>().id(2).feed());
        sse.advance(Duration::ZERO);
        let id = RwSignal::new(0);
        let feed = use_sse::<u8>().id(move || id.get()).feed();
        let (list, told) = (feed.list(10), StoredValue::new(Vec::new()));
        feed.on_event(move |event| {
            told.update_value(|told| told.push(*event));
            if *event == 2 {
                id.set(2);
            }
        });
        id.set(1);
        let mut told = told.get_value();
        told.dedup();
        assert_eq!(told, [1, 2, 11, 12, 13]);
        assert_eq!(list.get().iter().map(|event| **event).collect::<Vec<_>>(), [11, 12, 13]);
    });
}

#[test]
fn a_closure_for_an_id_lives_as_long_as_its_component_and_that_of_an_arc_signal_as_its_clones() {
    test(|sse| {
        let (id, lives) = (ArcRwSignal::new(1), Arc::new(()));
        let closure = || {
            let (id, lives) = (id.clone(), lives.clone());
            move || {
                let _ = &lives;
                id.get()
            }
        };
        let component = Owner::new();
        let signal = component.with(|| {
            let _ = (use_sse::<Count>().id(closure()).signal(), use_sse::<Count>().id(closure()).store());
            let _ = (use_sse::<Count>().id(closure()).status(), use_sse::<Count>().id(closure()).part::<u8>(""));
            provide_context(use_sse::<u8>().named("log").id(closure()).feed());
            use_sse::<Count>().id(closure()).arc_signal()
        });
        assert_eq!(Arc::strong_count(&lives), 1 + 6);
        component.cleanup();
        drop(component);
        assert_eq!(Arc::strong_count(&lives), 1 + 1, "the Arc signal's");
        sse.set_for(2, &count(20));
        id.set(2);
        sse.advance(Duration::ZERO);
        assert_eq!(signal.get_untracked().value, 20);
        let clone = signal.clone();
        drop(signal);
        assert_eq!(Arc::strong_count(&lives), 1 + 1);
        drop(clone);
        assert_eq!(Arc::strong_count(&lives), 1);
    });
}
