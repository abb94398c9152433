//! The crates as they would be published.

use crate::crates::{self, Crate};
use crate::task::Task;

/// Packs the crates. It takes the files as they are, since a change is tested before it is committed.
pub fn task(crates: &[Crate]) -> Task {
    Task::new(&format!("cargo package --quiet --allow-dirty {}", crates::packages(crates)))
}
