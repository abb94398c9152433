//! What `cargo xtask test long` adds: checks that take too long for every change, and are run before a release.

use super::e2e::Bench;
use super::package;
use super::report::Report;
use super::unit;
use crate::crates::{self, HOST, WASM};
use crate::fuzz;
use crate::leptos;
use crate::paths;
use crate::task::Task;
use crate::tools;
use anyhow::{Result, bail};
use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

/// A kind of checks.
struct Addition {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Report),
}

const ADDITIONS: [Addition; 7] = [
    Addition { name: "models", what: "model and property tests, with many cases and new seeds", run: models },
    Addition { name: "faults", what: "cuts and restarts over real sockets, five times beside busy loops", run: faults },
    Addition {
        name: "rust",
        what: "each crate with the Rust version that it declares, on both targets",
        run: rust_versions,
    },
    Addition { name: "leptos", what: "the crates with other versions of Leptos", run: other_leptos },
    Addition { name: "package", what: "each package built as it would be published", run: packages },
    Addition { name: "fuzz", what: "each fuzz target for a minute", run: fuzz_targets },
    Addition { name: "ten", what: "the end-to-end tests ten times, five of them beside two busy loops", run: ten_runs },
];

const BUSY_LOOPS: usize = 2;

/// Runs the additions that are named, or all.
pub fn run(report: &mut Report, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| ADDITIONS.iter().all(|addition| addition.name != **name)) {
        let known: Vec<_> = ADDITIONS.iter().map(|addition| addition.name).collect();
        bail!("`{unknown}` is nothing that `long` adds; there are {}", known.join(", "));
    }
    println!("\n`long` adds to `cargo xtask test`:");
    for Addition { name, what, .. } in &ADDITIONS {
        let left_out = if is_chosen(name, names) { "" } else { " (not a part of this run)" };
        println!("  {name:8} {what}{left_out}");
    }
    ADDITIONS.iter().filter(|addition| is_chosen(addition.name, names)).for_each(|addition| (addition.run)(report));
    Ok(())
}

fn is_chosen(name: &str, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|chosen| chosen == name)
}

fn models(report: &mut Report) {
    // Other cases each time; the line that repeats a failure has the seed.
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let seed = since.as_secs().to_string();
    report.check(
        "long: models of the client, the hub and the documents",
        "they hold for 4,000 cases each",
        &Task::new("cargo test --release --workspace --exclude xtask --all-features --lib")
            .env("PROPTEST_CASES", "4000")
            .env("PROPTEST_RNG_SEED", &seed),
    );
    report.check(
        "long: properties of the engine",
        "they hold for a million series of values each",
        &Task::new("cargo test --release --package leptos_sse_core --test engine -- properties")
            .env("PROPTEST_CASES", "1000000")
            .env("PROPTEST_RNG_SEED", &seed),
    );
}

fn faults(report: &mut Report) {
    for round in 1..=5 {
        let _busy = Busy::start(BUSY_LOOPS);
        for words in ["recovery::", "restarts", "sockets::"] {
            let name = format!("long: {words} beside {BUSY_LOOPS} busy loops, run {round} of 5");
            unit::run_some_as(report, &name, &[words.to_owned()]);
        }
    }
}

fn rust_versions(report: &mut Report) {
    let Some(crates) = report.ready("long rust", crates::all) else { return };
    let mut versions: Vec<_> = crates.iter().map(|package| package.rust_version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    for version in versions {
        if report.ready(&format!("Rust {version}"), || tools::ensure_toolchain(version, WASM)).is_none() {
            continue;
        }
        for (place, target, argument) in
            [("this computer", HOST, ""), ("wasm32", WASM, "--target wasm32-unknown-unknown")]
        {
            let built = crates.iter().filter(|package| package.rust_version == version && package.is_for(target));
            let built = crates::packages(built);
            report.check(
                &format!("long: Rust {version} on {place}"),
                "each crate builds with the version of Rust that it declares",
                &Task::new(&format!("cargo check --all-features {built} {argument}")).env("RUSTUP_TOOLCHAIN", version),
            );
        }
    }
}

fn other_leptos(report: &mut Report) {
    for version in leptos::OTHERS {
        let name = format!("long: Leptos {}", version.leptos);
        let Some(dir) = report.ready(&name, || version.copy()) else { continue };
        for (place, arguments) in [
            ("this computer", "--features axum,actix"),
            ("wasm32", "--features hydrate --target wasm32-unknown-unknown"),
        ] {
            report.check(
                &format!("{name} on {place}"),
                "the crate of apps builds with it",
                &Task::new(&format!("cargo check --package leptos_sse {arguments}"))
                    .dir(&dir)
                    .env("CARGO_TARGET_DIR", paths::target()),
            );
        }
    }
}

fn packages(report: &mut Report) {
    let Some(crates) = report.ready("long package", crates::all) else { return };
    report.check("long: packages", "each builds from what would be published", &package::task(&crates));
    println!("not packed: tauri-plugin-sse, whose registry has another leptos_sse until this one is published");
}

fn fuzz_targets(report: &mut Report) {
    if report.ready("long fuzz", fuzz::ensure).is_none() {
        return;
    }
    for (target, task) in fuzz::tasks(None, 60) {
        report.check(&format!("long: fuzz target {target}"), "no input of a minute breaks it", &task);
    }
}

fn ten_runs(report: &mut Report) {
    let Some(bench) = Bench::of_all(report) else { return };
    for round in 1..=10 {
        let _busy = (round > 5).then(|| Busy::start(BUSY_LOOPS));
        let beside = if round > 5 { ", beside two busy loops" } else { "" };
        bench.run(report, &format!("long: the end-to-end tests, run {round} of 10{beside}"));
    }
}

/// Threads that do nothing but take the processor, until this is dropped.
struct Busy {
    is_over: Arc<AtomicBool>,
}

impl Busy {
    fn start(loops: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        for _ in 0..loops {
            let is_over = is_over.clone();
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        Self { is_over }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_addition_is_answered_with_those_there_are() {
        let error = run(&mut Report::new(), &["fuz".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("`fuz`") && error.ends_with("models, faults, rust, leptos, package, fuzz, ten"),
            "{error}"
        );
    }
}
