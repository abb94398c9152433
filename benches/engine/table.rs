//! Tables as they stand in `benches/README.md`.

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

/// A number with a comma between thousands.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
