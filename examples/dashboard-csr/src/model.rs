//! What the server says: one signal with all jobs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// The folder whose folders are looked at.
    pub root: String,
    /// How many jobs run at once.
    pub workers: usize,
    /// By the name of the folder; that of the files which lie in the root itself is a dot.
    pub jobs: BTreeMap<String, Job>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub state: State,
    /// Counts the runs of this job.
    pub run: u32,
    pub files: u32,
    pub bytes: u64,
    pub files_done: u32,
    pub bytes_done: u64,
    pub millis: u64,
    /// The latest checksum over all files and their names, in hexadecimal digits.
    pub checksum: Option<String>,
    /// How the files were in the latest run, next to the one before it.
    pub compared: Option<Compared>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum State {
    /// It has never run.
    #[default]
    Idle,
    Queued,
    Running,
    Done,
    Cancelled,
    Failed(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub added: u32,
    pub changed: u32,
    pub removed: u32,
}

impl State {
    /// Whether it waits or runs.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// The name by which the style sheet colours it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

impl Job {
    /// How much of it is done, from 0 to 100.
    pub fn percent(&self) -> u64 {
        match (&self.state, self.bytes) {
            (State::Done, _) => 100,
            (_, 0) => 0,
            (_, bytes) => (self.bytes_done * 100 / bytes).min(100),
        }
    }

    /// Bytes a second; none before there is a time to speak of.
    pub fn speed(&self) -> Option<u64> {
        (self.millis > 0 && self.bytes_done > 0).then(|| self.bytes_done * 1_000 / self.millis)
    }
}

impl Compared {
    pub fn is_same(self) -> bool {
        self == Self::default()
    }
}

/// Bytes for people.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", count / 1_000_000_000, count % 1_000_000_000 / 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_done_by_its_bytes() {
        let mut job = Job { state: State::Running, bytes: 400, bytes_done: 100, millis: 50, ..Job::default() };
        assert_eq!((job.percent(), job.speed()), (25, Some(2_000)));
        // A file that grew while it was read.
        job.bytes_done = 500;
        assert_eq!(job.percent(), 100);
        assert_eq!(Job { state: State::Done, ..Job::default() }.percent(), 100, "nothing is soon done");
        assert_eq!(Job::default().percent(), 0);
        assert_eq!(Job::default().speed(), None);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!([999, 12_345, 2_340_000, 5_600_000_000].map(bytes), ["999 B", "12 kB", "2.3 MB", "5.6 GB"]);
    }
}
