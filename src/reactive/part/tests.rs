use super::*;
use leptos::prelude::{GetUntracked, ImmediateEffect, Owner, ReadUntracked, Track};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    static READ: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it is read; it takes no negative number.
#[derive(Clone, Debug, PartialEq)]
struct Counted(u32);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READ.set(READ.get() + 1);
        u32::deserialize(deserializer).map(Self)
    }
}

struct Subscribed {
    document: Document,
    part: Part<Counted>,
    told: Arc<Mutex<Vec<Option<u32>>>>,
    _effect: ImmediateEffect,
}

fn follow_part(pointer: &str, document: &Value) -> Subscribed {
    let part = Part::<Counted>::new(Pointer::parse(pointer).unwrap());
    let told = Arc::<Mutex<Vec<_>>>::default();
    let effect = ImmediateEffect::new({
        let (signal, told) = (part.signal.clone(), told.clone());
        move || {
            signal.track();
            told.lock().unwrap().push(signal.get_untracked().map(|counted| counted.0));
        }
    });
    let document = Document::from(document);
    part.accept(&document, None).unwrap();
    READ.set(0);
    told.lock().unwrap().clear();
    Subscribed { document, part, told, _effect: effect }
}

impl Subscribed {
    fn patch(&mut self, patch: &Value) -> Result<(), Error> {
        let operations: leptos_sse_core::patch::Operations =
            leptos_sse_core::patch::Operations::parse(&patch.to_string()).unwrap();
        let touches = self.document.apply_operations(operations.0).unwrap();
        self.part.accept(&self.document, Some(&touches))
    }

    /// What was told since the last time, and how often the part was read for that.
    fn told(&self) -> (Vec<Option<u32>>, usize) {
        (std::mem::take(&mut *self.told.lock().unwrap()), READ.replace(0))
    }
}

#[test]
fn a_part_is_read_and_told_when_it_differs_and_not_else() {
    Owner::new().with(|| {
        let mut part = follow_part("/rows/1/n", &json!({ "rows": [{ "n": 1 }, { "n": 2 }, { "n": 3 }], "other": 7 }));
        part.patch(&json!([{ "op": "replace", "path": "/rows/0/n", "value": 9 }])).unwrap();
        part.patch(&json!([{ "op": "replace", "path": "/other", "value": 9 }])).unwrap();
        assert_eq!(part.told(), (vec![], 0), "beside it");
        part.patch(&json!([{ "op": "replace", "path": "/rows/1/n", "value": 2 }])).unwrap();
        part.patch(&json!([{ "op": "replace", "path": "/rows/1", "value": { "n": 2, "more": 1 } }])).unwrap();
        assert_eq!(part.told(), (vec![], 0), "the same again");
        part.patch(&json!([{ "op": "replace", "path": "/rows/1/n", "value": 5 }])).unwrap();
        assert_eq!(part.told(), (vec![Some(5)], 1));
        part.patch(&json!([{ "op": "remove", "path": "/rows/0" }])).unwrap();
        assert_eq!(part.told(), (vec![Some(3)], 1), "another one is in its place");
        part.patch(&json!([{ "op": "move", "from": "/rows/0", "path": "/rows/1" }])).unwrap();
        assert_eq!(part.told(), (vec![Some(5)], 1));
    });
}

#[test]
fn a_part_that_is_not_there_is_none_and_one_that_cannot_be_read_leaves_the_last_good_one() {
    Owner::new().with(|| {
        let mut part = follow_part("/a/b", &json!({ "a": { "b": 1 }, "c": 0 }));
        assert!(part.patch(&json!([{ "op": "replace", "path": "/a/b", "value": -1 }])).unwrap_err().is_unreadable());
        assert_eq!((part.told().0, part.part.signal.get_untracked()), (vec![], Some(Counted(1))));
        part.patch(&json!([{ "op": "replace", "path": "/a/b", "value": 2 }])).unwrap();
        assert_eq!(part.told().0, [Some(2)]);
        part.patch(&json!([{ "op": "remove", "path": "/a/b" }])).unwrap();
        assert_eq!(part.told().0, [None]);
        part.patch(&json!([{ "op": "remove", "path": "/a" }])).unwrap();
        assert_eq!(part.told().0, [], "it is none already");
        part.patch(&json!([{ "op": "add", "path": "/a", "value": { "b": 3 } }])).unwrap();
        assert_eq!(part.told().0, [Some(3)]);
        part.part.removed().unwrap();
        assert_eq!(part.told().0, [None]);
        part.patch(&json!([{ "op": "replace", "path": "", "value": { "a": { "b": 3 } } }])).unwrap();
        assert_eq!(part.told().0, [Some(3)]);
    });
}

#[test]
fn a_part_that_is_held_is_left_alone_and_taken_with_the_next_change_of_anything() {
    Owner::new().with(|| {
        let mut part = follow_part("/a", &json!({ "a": 1, "c": 0 }));
        let signal = part.part.signal.clone();
        let held = signal.read_untracked();
        assert!(part.patch(&json!([{ "op": "replace", "path": "/a", "value": 2 }])).is_err());
        assert_eq!(held.as_ref(), Some(&Counted(1)));
        drop(held);
        part.patch(&json!([{ "op": "replace", "path": "/c", "value": 1 }])).unwrap();
        assert_eq!(part.told().0, [Some(2)]);
    });
}

#[test]
fn a_part_does_not_make_each_change_a_copy_of_the_whole() {
    let part = Part::<Counted>::new(Pointer::parse("/a").unwrap());
    let document = Document::from(&json!({ "a": 1 }));
    part.accept(&document, None).unwrap();
    assert!(!document.is_shared());
}
