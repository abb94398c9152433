//! The crate as wasm in a headless Chromium.

use super::report::Report;
use crate::task::Task;
use crate::tools::{self, CHROMEDRIVER, CHROMIUM, WASM_TEST_RUNNER};

/// Files under `tests` that are for the browser.
const TESTS: [&str; 2] = ["hydrate", "wasm"];

pub fn run(report: &mut Report) {
    let ready = report.ready("wasm", || {
        tools::ensure_wasm_target()?;
        tools::ensure(&[&CHROMIUM, &CHROMEDRIVER, &WASM_TEST_RUNNER])?;
        CHROMEDRIVER.path()
    });
    let Some(driver) = ready else { return };
    // How Chromium is started stands in `webdriver.json`.
    let task = Task::new(&format!(
        "cargo test --features csr,hydrate,testing --lib {} --target wasm32-unknown-unknown",
        targets()
    ))
    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", WASM_TEST_RUNNER.program())
    .env("CHROMEDRIVER", driver);
    report.check("wasm: the browser tests", "the client does what its tests say, in a real Chromium", &task);
}

/// The browser tests as arguments for cargo.
pub fn targets() -> String {
    TESTS.map(|test| format!("--test {test}")).join(" ")
}
