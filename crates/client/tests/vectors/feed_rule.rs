//! Which steps of a feed the client takes.

use super::messages::parsed;
use leptos_sse_client::feeds::{FeedOutcome, Feeds};
use leptos_sse_core::{
    Key,
    protocol::{FeedUpdate, Hello, Removed},
};
use serde::Deserialize;

/// Runs all cases.
pub fn check_all() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("feed_rule.json")).unwrap();
    cases.iter().for_each(check);
}

#[derive(Deserialize)]
struct Case {
    name: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Event {
    Feed {
        feed: FeedUpdate,
        is: String,
    },
    Hello {
        #[serde(deserialize_with = "parsed")]
        hello: Hello,
    },
    Removed {
        #[serde(deserialize_with = "parsed")]
        removed: Removed,
    },
    Asks {
        asks: Option<u64>,
    },
    Retain {
        retain: Vec<Key>,
    },
    Opened {
        opened: bool,
    },
}

fn check(case: &Case) {
    let mut feeds = Feeds::default();
    for (at, event) in case.events.iter().enumerate() {
        let place = format!("{}: event {at}", case.name);
        match event {
            Event::Feed { feed, is } => {
                let step = match feeds.update(feed) {
                    FeedOutcome::Start => "start",
                    FeedOutcome::StartAfterGap => "start after a gap",
                    FeedOutcome::Repeat => "repeat",
                    FeedOutcome::Gap => "gap",
                    FeedOutcome::Next => "next",
                };
                assert_eq!(step, is, "{place}");
            }
            Event::Hello { hello } => feeds.hello(hello),
            Event::Removed { removed } => feeds.removed(removed),
            Event::Asks { asks } => assert_eq!(feeds.seq(&Key::named("log").unwrap()), *asks, "{place}"),
            Event::Retain { retain } => feeds.retain(|key| retain.contains(key)),
            Event::Opened { opened } => {
                assert!(opened, "{place}");
                feeds.opened();
            }
        }
    }
}
