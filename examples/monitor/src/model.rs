//! What the server says about its machine: three signals on one connection.
//!
//! Their shapes keep the patches small. What changes every second stands in one
//! [`Sample`], added to the [`History`] as a whole; processes are keyed by their
//! id; and numbers carry no more digits than the page shows, so that what looks
//! unchanged costs no bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is true of the machine for longer than a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    pub host: String,
    /// Name and version of the operating system.
    pub system: String,
    pub kernel: String,
    /// The processor's own name for itself.
    pub processor: String,
    pub uptime_minutes: u64,
    /// Over one, five and fifteen minutes. Windows has none.
    pub load: Option<[f64; 3]>,
    /// In bytes.
    pub memory: u64,
    /// Absent where the machine has no swap at all.
    pub swap: Option<Usage>,
    /// By mount point.
    pub disks: BTreeMap<String, Usage>,
}

/// So many bytes of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    pub used: u64,
    pub total: u64,
}

impl Usage {
    pub fn percent(self) -> f64 {
        percent(self.used, self.total)
    }
}

/// The last two minutes, one sample a second, by the number of the second.
///
/// A map and not a list: the newest sample is one added entry and the oldest one
/// a removed entry, where a list that moves on would change in every place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(BTreeMap<u64, Sample>);

/// One second of what never stands still.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Percent of all cores together.
    pub cpu: f64,
    /// Percent of each core.
    pub cores: Vec<u8>,
    /// Bytes of memory in use.
    pub memory: u64,
    /// Bytes per second.
    pub received: u64,
    /// Bytes per second.
    pub sent: u64,
}

impl History {
    /// How many seconds a chart shows.
    pub const SECONDS: u64 = 120;

    pub fn push(&mut self, sample: Sample) {
        let now = self.now() + 1;
        self.0.insert(now, sample);
        // One more on each side than the chart shows: a curve that slides out
        // at the left must not end before the edge.
        self.0.retain(|second, _| second + Self::SECONDS + 2 > now);
    }

    /// The number of the newest second, 0 before the first.
    pub fn now(&self) -> u64 {
        self.0.last_key_value().map_or(0, |(second, _)| *second)
    }

    /// The load of each core now.
    pub fn cores(&self) -> &[u8] {
        self.latest().map_or(&[], |sample| &sample.cores)
    }

    pub fn latest(&self) -> Option<&Sample> {
        self.0.values().next_back()
    }

    /// Each sample with its age in seconds, the oldest first.
    pub fn by_age(&self) -> impl Iterator<Item = (u64, &Sample)> {
        let now = self.now();
        self.0.iter().map(move |(second, sample)| (now - second, sample))
    }
}

/// The process table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Processes {
    /// How many run, of which `rows` are the busiest and the largest.
    pub running: usize,
    pub rows: BTreeMap<u32, Process>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Process {
    pub name: String,
    /// Percent of one core.
    pub cpu: f64,
    /// Bytes that are resident.
    pub memory: u64,
}

/// `part` of `whole` in percent; 0 of nothing.
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 100.0).clamp(0.0, 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_keeps_two_minutes_and_forgets_the_rest() {
        let mut history = History::default();
        for second in 0..1_000 {
            history.push(Sample { sent: second, ..Sample::default() });
        }
        assert_eq!(history.latest().map(|sample| sample.sent), Some(999));
        let ages: Vec<_> = history.by_age().map(|(age, _)| age).collect();
        assert_eq!(ages.first(), Some(&(History::SECONDS + 1)));
        assert_eq!(ages.last(), Some(&0));
        assert_eq!(ages.len() as u64, History::SECONDS + 2);
    }

    #[test]
    fn an_empty_history_has_no_latest_sample() {
        assert_eq!(History::default().latest(), None);
        assert_eq!(History::default().by_age().count(), 0);
    }

    #[test]
    fn a_machine_without_memory_does_not_divide_by_zero() {
        assert_eq!(Usage::default().percent(), 0.0);
        assert_eq!(percent(3, 2), 100.0);
    }
}
