//! The hub's numbers, as a recorder of the `metrics` crate sees them.

use leptos_sse::{Key, SseHub, SseHubStats, SseRequest};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use std::collections::BTreeMap;

/// The metrics by name, each with its description.
fn recorded(snapshotter: &Snapshotter) -> BTreeMap<String, (DebugValue, String)> {
    let metrics = snapshotter.snapshot().into_vec().into_iter();
    metrics
        .map(|(key, _, description, value)| {
            assert_eq!(key.key().labels().count(), 0);
            (key.key().name().to_owned(), (value, description.unwrap().to_string()))
        })
        .collect()
}

#[test]
fn a_recorder_gets_every_number_of_the_hub() {
    let mut stats = SseHubStats::default();
    let SseHubStats { connections, signals, feeds, updates, bytes, resumes, snapshots, coalesced, refused, .. } =
        &mut stats;
    let gauges = [("connections", connections), ("signals", signals), ("feeds", feeds)];
    let counters = [
        ("updates_total", updates),
        ("sent_bytes_total", bytes),
        ("resumes_total", resumes),
        ("snapshots_total", snapshots),
        ("coalesced_total", coalesced),
        ("refused_total", refused),
    ];
    let mut expected = BTreeMap::new();
    for (number, (name, field)) in gauges.into_iter().enumerate() {
        *field = number as u64 + 1;
        expected.insert(format!("leptos_sse_{name}"), DebugValue::Gauge((*field as f64).into()));
    }
    for (number, (name, field)) in counters.into_iter().enumerate() {
        *field = number as u64 + 10;
        expected.insert(format!("leptos_sse_{name}"), DebugValue::Counter(*field));
    }

    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        leptos_sse::metrics::publish(&stats);
        // Twice, as a counter is set and not added to.
        leptos_sse::metrics::publish(&stats);
    });
    let recorded: BTreeMap<_, _> = recorded(&snapshotter).into_iter().map(|(name, (value, _))| (name, value)).collect();
    assert_eq!(recorded, expected);
}

#[test]
fn a_hub_s_own_numbers_are_published() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 1).set(2);
    let _subscription = hub.subscribe(SseRequest::parse("s=count", None).unwrap()).unwrap();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || leptos_sse::metrics::publish(&hub.stats()));
    let recorded = recorded(&snapshotter);
    assert_eq!(recorded["leptos_sse_connections"].0, DebugValue::Gauge(1.0.into()));
    assert_eq!(recorded["leptos_sse_updates_total"].0, DebugValue::Counter(1));
}

/// The table in the module's documentation is what users see.
#[test]
fn every_name_and_description_stands_in_the_documentation() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || leptos_sse::metrics::publish(&SseHubStats::default()));
    let source = include_str!("../src/metrics.rs").to_lowercase();
    for (name, (value, description)) in recorded(&snapshotter) {
        let kind = if matches!(value, DebugValue::Gauge(_)) { "gauge" } else { "counter" };
        let row = format!("//! | `{name}` | {kind} | {} |", description.to_lowercase());
        assert!(source.contains(&row), "no row\n{row}");
    }
}
