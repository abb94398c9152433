//! Tests that run on this computer, without a browser.

use super::report::Report;
use crate::paths;
use crate::task::Task;

pub fn run(report: &mut Report) {
    report.check(
        "unit: the crate, with the examples in its documentation",
        "what needs no browser does what its tests say, all features on",
        &Task::new("cargo test --package leptos_sse --all-features"),
    );
    report.check(
        "unit: the derive macro",
        "the names that it makes are those of serde",
        &Task::new("cargo test --package leptos_sse_macros"),
    );
    report.check(
        "unit: the engine, where numbers are kept as texts",
        "a feature of serde_json that another crate turns on changes nothing",
        &Task::new("cargo test").dir(paths::arbitrary_precision()).env("PROPTEST_CASES", "2000"),
    );
    report.check(
        "unit: the service of the contract tests",
        "a harness over real sockets is told what its native client reads",
        &Task::new("cargo test").dir(paths::contract_tests()),
    );
    report.check("unit: xtask", "the commands do what their tests say", &Task::new("cargo test --package xtask"));
    report.check(
        "unit: the examples",
        "their own tests pass on the server's side",
        &Task::new("cargo test --workspace --features ssr").dir(paths::examples()),
    );
}
