//! What can be checked without running anything. Warnings are errors.

use super::report::Report;
use crate::paths;
use crate::task::Task;
use crate::tools;
use std::path::PathBuf;

const WASM: &str = "--target wasm32-unknown-unknown";
const STRICT: &str = "-- -D warnings";

/// The features of the crate, each alone, and all.
const MIXES: [(&str, &str); 13] = [
    ("no feature", "--no-default-features"),
    ("ssr without Leptos", "--no-default-features --features ssr"),
    ("axum and actix without Leptos", "--no-default-features --features axum,actix,metrics"),
    ("native without Leptos", "--no-default-features --features native"),
    ("native with a server and its tests", "--features native,ssr,testing"),
    ("ssr", "--features ssr"),
    ("axum", "--features axum"),
    ("actix", "--features actix"),
    ("metrics", "--features metrics"),
    ("hydrate", "--features hydrate"),
    ("csr", "--features csr"),
    ("testing", "--features testing"),
    ("all features", "--all-features"),
];

pub fn run(report: &mut Report) {
    let ready = report.ready("lint", || {
        tools::ensure_linters()?;
        tools::ensure_wasm_target()
    });
    if ready.is_some() {
        format(report);
        clippy(report);
        features(report);
        documentation(report);
    }
}

/// The workspaces of apps, by what they hold, with the features of their pages.
fn apps() -> [(&'static str, PathBuf, &'static str); 2] {
    [("the examples", paths::examples(), "hydrate,csr"), ("the end-to-end tests' app", paths::lab(), "hydrate")]
}

/// The workspaces of programs that run on this computer alone.
fn programs() -> [(&'static str, PathBuf); 2] {
    [
        ("the benchmark beside other readers of event streams", paths::event_stream_bench()),
        ("the service of the contract tests", paths::contract_tests()),
    ]
}

fn format(report: &mut Report) {
    let check = Task::new("cargo fmt --all --check");
    report.check("lint: format of the crate, its derive macro and xtask", "it is as rustfmt has it", &check);
    let apps = apps().map(|(what, dir, _)| (what, dir));
    let others = [("the fuzz targets", paths::fuzz()), ("the window and its plugin", paths::desktop())];
    for (what, dir) in apps.into_iter().chain(programs()).chain(others) {
        report.check(&format!("lint: format of {what}"), "it is as rustfmt has it", &check.clone().dir(dir));
    }
}

fn clippy(report: &mut Report) {
    report.check(
        "lint: clippy on the crate, its derive macro and xtask, with all tests and benches",
        "no warning on this computer, all features on",
        &Task::new(&format!("cargo clippy --workspace --all-targets --all-features {STRICT}")),
    );
    report.check(
        "lint: clippy on the browser tests",
        "no warning in them as wasm",
        &Task::new(&format!("cargo clippy --features csr,hydrate,testing {} {WASM} {STRICT}", super::wasm::targets())),
    );
    for (what, dir, browser) in apps() {
        let server = format!("cargo clippy --workspace --all-targets --features ssr {STRICT}");
        let page = format!("cargo clippy --workspace --lib --features {browser} {WASM} {STRICT}");
        report.check(
            &format!("lint: clippy on {what}, server"),
            "no warning, tests included",
            &Task::new(&server).dir(&dir),
        );
        report.check(&format!("lint: clippy on {what}, page"), "no warning as wasm", &Task::new(&page).dir(dir));
    }
    for (what, dir) in programs() {
        report.check(
            &format!("lint: clippy on {what}"),
            "no warning, with all that it has",
            &Task::new(&format!("cargo clippy --all-targets {STRICT}")).dir(dir),
        );
    }
}

/// Clippy and not `check`, since it finds warnings too and costs the same.
fn features(report: &mut Report) {
    report.check(
        "lint: no feature on this computer",
        "it builds without a warning",
        &Task::new(&format!("cargo clippy --lib {STRICT}")),
    );
    let without = Task::new(&format!("cargo check --lib {WASM}"));
    report.step(
        "lint: no feature on wasm32",
        "it does not build, and the error names the feature that is missing",
        &format!("see it with: {without}"),
        || without.fails_saying("add `leptos_sse/hydrate` to the feature `hydrate` of your package"),
    );
    for (place, target) in [("this computer", ""), ("wasm32", WASM)] {
        for (mix, features) in MIXES {
            report.check(
                &format!("lint: {mix} on {place}"),
                "it builds without a warning",
                &Task::new(&format!("cargo clippy --lib {features} {target} {STRICT}")),
            );
        }
    }
}

fn documentation(report: &mut Report) {
    for (place, target) in [("this computer", ""), ("wasm32", WASM)] {
        report.check(
            &format!("lint: documentation for {place}"),
            "it builds, and no link in it is broken",
            &Task::new(&format!(
                "cargo doc --no-deps --all-features --package leptos_sse --package leptos_sse_macros {target}"
            ))
            .env("RUSTDOCFLAGS", "-D warnings"),
        );
    }
}
