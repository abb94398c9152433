//! The account of a run: what is being done, what it proved, how to repeat what failed.

use crate::task::Task;
use anyhow::Result;
use std::process::ExitCode;
use std::time::{Duration, Instant};

pub struct Report {
    start: Instant,
    passed: usize,
    /// Per failed check its name and what to do about it.
    failed: Vec<(String, String)>,
}

impl Report {
    pub fn new() -> Self {
        Self { start: Instant::now(), passed: 0, failed: Vec::new() }
    }

    /// Runs a command whose success proves what `proves` says.
    pub fn check(&mut self, name: &str, proves: &str, task: &Task) -> bool {
        self.step(name, proves, &format!("repeat it with: {task}"), || task.run())
    }

    /// Does something that is no single command; `remedy` is what to do when it fails.
    pub fn step(&mut self, name: &str, proves: &str, remedy: &str, act: impl FnOnce() -> Result<()>) -> bool {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = act();
        let elapsed = shown(start.elapsed());
        match &outcome {
            Ok(()) => {
                self.passed += 1;
                println!("ok, {elapsed}: {proves}");
            }
            Err(error) => {
                println!("FAILED, {elapsed}: {name}: {error:#}\n{remedy}");
                self.failed.push((name.to_owned(), remedy.to_owned()));
            }
        }
        outcome.is_ok()
    }

    /// Prepares what a part needs. Without it its checks cannot run, which is a failure.
    pub fn ready<T>(&mut self, part: &str, prepare: impl FnOnce() -> Result<T>) -> Option<T> {
        prepare().map_err(|error| self.not_run(&format!("all of {part}"), &format!("{error:#}"))).ok()
    }

    /// Notes checks that could not be run, which counts as a failure: nothing is skipped in silence.
    pub fn not_run(&mut self, name: &str, why: &str) {
        println!("\n==> {name}\nNOT RUN: {why}");
        self.failed.push((name.to_owned(), format!("not run: {why}")));
    }

    /// Ends the account with its sum on a line of its own.
    pub fn close(&self) -> ExitCode {
        println!("\nall of it took {}", shown(self.start.elapsed()));
        for (name, remedy) in &self.failed {
            println!("failed: {name}\n  {remedy}");
        }
        println!("{}", self.sum());
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn sum(&self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed.len())
    }
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 60 {
        0 => format!("{:.1} s", time.as_secs_f64()),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn passes_failures_and_what_could_not_run_are_counted() {
        let mut report = Report::new();
        assert!(report.step("good", "it works", "", || Ok(())));
        assert!(!report.step("bad", "it works", "try again", || bail!("it does not")));
        assert_eq!(report.ready::<()>("browser", || bail!("no browser")), None);
        assert_eq!(report.sum(), "1 passed, 2 failed");
        assert_eq!(report.close(), ExitCode::FAILURE);
    }

    #[test]
    fn time_is_shown_in_the_unit_that_fits() {
        assert_eq!(shown(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(shown(Duration::from_secs(125)), "2 min 5 s");
    }
}
