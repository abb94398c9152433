//! The hub's numbers for the [`metrics`](https://docs.rs/metrics) crate, whose exporters show them to Prometheus, StatsD
//! and others.
//!
//! An exporter that is asked for the numbers, as Prometheus' is, [publishes](publish) them before each answer; one that
//! sends them does so at its own pace:
//!
//! ```
//! # extern crate leptos_sse_hub as leptos_sse;
//! use leptos_sse::SseHub;
//! use std::time::Duration;
//!
//! async fn publish_now_and_then(hub: SseHub) {
//!     loop {
//!         leptos_sse::metrics::publish(&hub.stats());
//!         tokio::time::sleep(Duration::from_secs(10)).await;
//!     }
//! }
//! ```
//!
//! | name | kind | |
//! |---|---|---|
//! | `leptos_sse_connections` | gauge | connections that are open |
//! | `leptos_sse_signals` | gauge | signals that there are |
//! | `leptos_sse_feeds` | gauge | feeds that there are |
//! | `leptos_sse_updates_total` | counter | writes that changed something |
//! | `leptos_sse_sent_bytes_total` | counter | bytes given to connections |
//! | `leptos_sse_resumes_total` | counter | keys that a client came back for and missed only updates of |
//! | `leptos_sse_snapshots_total` | counter | snapshots given to connections |
//! | `leptos_sse_coalesced_total` | counter | updates that slow connections were spared |
//! | `leptos_sse_refused_total` | counter | keys and whole connections that were refused |

use crate::hub::SseHubStats;
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// Publishes the numbers of a hub to the recorder that is installed, with their descriptions; without one it does nothing.
///
/// They are of one hub. A server with several adds up what it wants to see before.
pub fn publish(stats: &SseHubStats) {
    for (name, unit, description, value) in gauges(stats) {
        describe_gauge!(name, unit, description);
        // Exact up to 2^53, which no server holds.
        #[allow(clippy::cast_precision_loss)]
        gauge!(name).set(value as f64);
    }
    for (name, unit, description, value) in counters(stats) {
        describe_counter!(name, unit, description);
        counter!(name).absolute(value);
    }
}

type Metric = (&'static str, Unit, &'static str, u64);

fn gauges(stats: &SseHubStats) -> [Metric; 3] {
    [
        ("leptos_sse_connections", Unit::Count, "Connections that are open", stats.connections),
        ("leptos_sse_signals", Unit::Count, "Signals that there are", stats.signals),
        ("leptos_sse_feeds", Unit::Count, "Feeds that there are", stats.feeds),
    ]
}

fn counters(stats: &SseHubStats) -> [Metric; 6] {
    [
        ("leptos_sse_updates_total", Unit::Count, "Writes that changed something", stats.updates),
        ("leptos_sse_sent_bytes_total", Unit::Bytes, "Bytes given to connections", stats.bytes),
        (
            "leptos_sse_resumes_total",
            Unit::Count,
            "Keys that a client came back for and missed only updates of",
            stats.resumes,
        ),
        ("leptos_sse_snapshots_total", Unit::Count, "Snapshots given to connections", stats.snapshots),
        ("leptos_sse_coalesced_total", Unit::Count, "Updates that slow connections were spared", stats.coalesced),
        ("leptos_sse_refused_total", Unit::Count, "Keys and whole connections that were refused", stats.refused),
    ]
}
