//! What can be checked without running anything. Warnings are errors.

use super::report::Report;
use crate::crates::{self, Crate, HOST, WASM};
use crate::paths;
use crate::task::Task;
use crate::tools;
use anyhow::bail;
use std::path::PathBuf;

const STRICT: &str = "-- -D warnings";

pub fn run(report: &mut Report) {
    let ready = report.ready("lint", || {
        tools::ensure_linters()?;
        tools::ensure_wasm_target()?;
        crates::all()
    });
    if let Some(crates) = ready {
        format(report);
        lock_files(report);
        clippy(report, &crates);
        features(report, &crates);
        documentation(report, &crates);
        packages(report, &crates);
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
    report.check("lint: format of the crates and xtask", "it is as rustfmt has it", &check);
    let apps = apps().map(|(what, dir, _)| (what, dir));
    let others = [("the fuzz targets", paths::fuzz()), ("the window and its plugin", paths::desktop())];
    for (what, dir) in apps.into_iter().chain(programs()).chain(others) {
        report.check(&format!("lint: format of {what}"), "it is as rustfmt has it", &check.clone().dir(dir));
    }
}

/// Cargo brings a lock file up to date as it builds, which nobody would notice.
fn lock_files(report: &mut Report) {
    report.step(
        "lint: lock files",
        "each workspace is built with the versions that are committed",
        "build the workspace and commit its Cargo.lock",
        || {
            let mut outdated = Vec::new();
            for dir in paths::workspaces() {
                let read = Task::new("cargo update --workspace --locked --quiet").dir(&dir);
                if read.output().is_none() {
                    outdated.push(dir.strip_prefix(paths::root()).unwrap_or(&dir).display().to_string());
                }
            }
            if !outdated.is_empty() {
                bail!("the lock file does not fit the manifests in {}", outdated.join(", "));
            }
            Ok(())
        },
    );
}

fn clippy(report: &mut Report, crates: &[Crate]) {
    report.check(
        "lint: clippy on the crates and xtask, with all tests and benches",
        "no warning on this computer, all features on",
        &Task::new(&format!("cargo clippy --workspace --all-targets --all-features {STRICT}")),
    );
    report.check(
        "lint: clippy on the browser tests",
        "no warning in them as wasm",
        &Task::new(&format!("cargo clippy {} --target {WASM} {STRICT}", super::wasm::tests(crates))),
    );
    for (what, dir, browser) in apps() {
        let server = format!("cargo clippy --workspace --all-targets --features ssr {STRICT}");
        let page = format!("cargo clippy --workspace --lib --features {browser} --target {WASM} {STRICT}");
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
fn features(report: &mut Report, crates: &[Crate]) {
    report.check(
        "lint: the default features on this computer",
        "an app builds without a warning before it has chosen any feature",
        &Task::new(&format!("cargo clippy --package leptos_sse --lib {STRICT}")),
    );
    let without = Task::new(&format!("cargo check --package leptos_sse --lib --target {WASM}"));
    report.step(
        "lint: the default features on wasm32",
        "it does not build, and the error names the feature that is missing",
        &format!("see it with: {without}"),
        || without.fails_saying("add `leptos_sse/hydrate` to the feature `hydrate` of your package"),
    );
    for (place, target, argument) in places() {
        let (alike, differing): (Vec<_>, Vec<_>) =
            crates.iter().filter(|package| package.is_for(target)).partition(|package| package.has_no_feature());
        let mut check = |name: &str, arguments: &str| {
            report.check(
                &format!("lint: {name}, on {place}"),
                "it builds without a warning",
                &Task::new(&format!("cargo clippy --lib {arguments} {argument} {STRICT}")),
            );
        };
        check("the crates without features", &crates::packages(alike));
        for package in differing {
            for (mix, features) in package.mixes() {
                let name = &package.name;
                // The step above expects that it does not build.
                let is_misbuilt = name == "leptos_sse" && target == WASM && features == "--no-default-features";
                if !is_misbuilt {
                    check(&format!("{name}, {mix}"), &format!("--package {name} {features}"));
                }
            }
        }
    }
}

fn documentation(report: &mut Report, crates: &[Crate]) {
    for (place, target, argument) in places() {
        let documented = crates::packages(crates.iter().filter(|package| package.is_for(target)));
        report.check(
            &format!("lint: documentation for {place}"),
            "it builds for each crate that docs.rs builds there, and no link in it is broken",
            &Task::new(&format!("cargo doc --no-deps --all-features {documented} {argument}"))
                .env("RUSTDOCFLAGS", "-D warnings"),
        );
    }
}

/// What is published, without building it once more: `long` does that.
fn packages(report: &mut Report, crates: &[Crate]) {
    report.check(
        "lint: packages",
        "each crate can be packed as it would be published",
        &super::package::task(crates).arg("--no-verify"),
    );
    report.step(
        "lint: public items at the root of leptos_sse",
        "they are few enough to know",
        "give an item a module of its own, or take it away",
        super::public_items::check,
    );
}

/// The targets, with what each is called and the argument for cargo.
fn places() -> [(&'static str, &'static str, String); 2] {
    [("this computer", HOST, String::new()), ("wasm32", WASM, format!("--target {WASM}"))]
}
