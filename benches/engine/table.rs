//! Tables as they stand in `benches/README.md`.

#[path = "../grouped.rs"]
mod grouped;

pub use grouped::grouped;
use std::fmt;

/// How many goals there are and are met.
#[derive(Default)]
pub struct Tally {
    met: usize,
    all: usize,
}

impl Tally {
    pub fn mark(&mut self, met: bool, goal: String) -> String {
        self.all += 1;
        self.met += usize::from(met);
        if met { format!("{goal}, met") } else { format!("**{goal}, missed**") }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} goals are met.", self.met, self.all)
    }
}

pub fn head(columns: &[&str]) {
    println!("| {} |\n|--|{}", columns.join(" | "), "--:|".repeat(columns.len() - 1));
}

pub fn line(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}
