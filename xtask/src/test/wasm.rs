//! The crates as wasm in a headless Chromium.

use super::filter;
use super::report::Report;
use crate::crates::{self, Crate, WASM};
use crate::task::Task;
use crate::tools::{self, CHROMEDRIVER, CHROMIUM, WASM_TEST_RUNNER};

pub fn run(report: &mut Report) {
    if let Some(task) = ready(report) {
        report.check("wasm: the browser tests", "the client does what its tests say, in a real Chromium", &task);
    }
}

/// Runs the tests whose names contain this word.
pub fn run_some(report: &mut Report, words: &[String]) {
    let Some(task) = ready(report) else { return };
    let [word] = words else {
        return report.not_run("wasm: some tests", "the browser's test runner takes one word");
    };
    let task = task.arg("--").arg(word);
    let name = format!("wasm: the tests with {word} in their name");
    report.step(&name, "they do what they say", &format!("repeat it with: {task}"), || filter::run_any(&task));
}

fn ready(report: &mut Report) -> Option<Task> {
    let (driver, crates) = report.ready("wasm", || {
        tools::ensure_wasm_target()?;
        tools::ensure(&[&CHROMIUM, &CHROMEDRIVER, &WASM_TEST_RUNNER])?;
        Ok((CHROMEDRIVER.path()?, crates::all()?))
    })?;
    // How Chromium is started stands in `webdriver.json`.
    let task = Task::new(&format!("cargo test {} --target {WASM}", tests(&crates)));
    let task = task.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", WASM_TEST_RUNNER.program());
    Some(task.env("CHROMEDRIVER", driver))
}

/// The browser tests, as arguments for cargo: the unit tests of each crate that has some, and those of the whole.
pub fn tests(crates: &[Crate]) -> String {
    let tested = crates::packages(crates.iter().filter(|package| package.has_browser_tests));
    let features = ["csr", "hydrate", "testing"].map(|feature| format!("leptos_sse/{feature}")).join(",");
    format!("{tested} --lib --test hydrate --test wasm --features {features}")
}
