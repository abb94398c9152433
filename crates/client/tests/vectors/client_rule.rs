//! Which updates of a signal the client takes.

use super::messages::parsed;
use leptos_sse_client::{
    documents::{Documents, Outcome},
    update::Update,
};
use leptos_sse_core::{
    Document, Key,
    protocol::{Hello, Refused, Removed},
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Runs all cases.
pub fn check_all() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("client_rule.json")).unwrap();
    cases.iter().for_each(check);
}

#[derive(Deserialize)]
struct Case {
    name: String,
    events: Vec<Event>,
    documents: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    Update {
        #[serde(deserialize_with = "parsed")]
        update: Update,
        is: String,
    },
    Hello {
        #[serde(deserialize_with = "parsed")]
        hello: Hello,
    },
    Heartbeat {
        heartbeat: String,
        behind: Option<Vec<Key>>,
    },
    Removed {
        #[serde(deserialize_with = "parsed")]
        removed: Removed,
    },
    Refused {
        #[serde(deserialize_with = "parsed")]
        refused: Refused,
        news: bool,
    },
    Asks {
        asks: BTreeMap<String, Option<u64>>,
    },
    Retain {
        retain: Vec<String>,
    },
    Opened {
        opened: bool,
    },
    Start {
        start: String,
        at: String,
        document: Value,
        counts: bool,
    },
}

fn check(case: &Case) {
    let mut documents = Documents::default();
    for (at, event) in case.events.iter().enumerate() {
        let place = format!("{}: event {at}", case.name);
        match event {
            Event::Update { update, is } => {
                let outcome = match documents.update(&update.name, update.change.clone()) {
                    Outcome::Changed { .. } => "changed",
                    Outcome::Dropped => "dropped",
                    Outcome::OutOfStep(_) => "out of step",
                };
                assert_eq!(outcome, is, "{place}");
            }
            Event::Hello { hello } => documents.hello(hello).unwrap(),
            Event::Heartbeat { heartbeat, behind } => {
                let keys = documents
                    .heartbeat(&heartbeat.parse().unwrap())
                    .map(|behind| behind.into_iter().map(|(key, _)| key).collect())
                    .ok();
                assert_eq!(&keys, behind, "{place}");
            }
            Event::Removed { removed } => drop(documents.removed(removed)),
            Event::Refused { refused, news } => assert_eq!(documents.refused(refused), *news, "{place}"),
            Event::Asks { asks } => {
                let asked = |key: &String| (key.clone(), documents.seq(&Key::named(key.clone()).unwrap()));
                assert_eq!(&asks.keys().map(asked).collect::<BTreeMap<_, _>>(), asks, "{place}");
            }
            Event::Retain { retain } => documents.retain(|key| retain.iter().any(|kept| kept == key.as_str())),
            Event::Start { start, at, document, counts } => {
                let key = Key::named(start.clone()).unwrap();
                let counted = documents.start(&key, &document.into(), &at.parse().unwrap());
                assert_eq!(counted, *counts, "{place}");
            }
            Event::Opened { opened } => {
                assert!(opened, "{place}");
                documents.opened();
            }
        }
    }
    for (key, expected) in &case.documents {
        let document = documents.document(&Key::named(key.clone()).unwrap());
        let held = document.as_ref().map_or(Value::Null, Document::to_value);
        assert_eq!(&held, expected, "{}: {key}", case.name);
    }
}
