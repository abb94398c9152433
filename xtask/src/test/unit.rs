//! Tests that run on this computer, without a browser.

use super::report::Report;
use super::{filter, readme};
use crate::paths;
use crate::task::Task;
use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, Message, MetadataCommand, TargetKind};
use std::path::PathBuf;

/// The tests of one workspace.
struct Suite {
    what: &'static str,
    proves: &'static str,
    /// Arguments for cargo: which packages, and with which features.
    packages: &'static str,
    features: &'static str,
    dir: PathBuf,
    env: Option<(&'static str, &'static str)>,
}

impl Suite {
    fn task(&self, arguments: &str) -> Task {
        let task = Task::new(&format!("cargo test {} {arguments}", self.features)).dir(&self.dir);
        self.env.iter().fold(task, |task, (name, value)| task.env(name, *value))
    }
}

fn suites() -> [Suite; 5] {
    [
        Suite {
            what: "the crates, with the examples in their documentation",
            proves: "what needs no browser does what its tests say, all features on",
            packages: "--workspace --exclude xtask",
            features: "--all-features",
            dir: paths::root().to_owned(),
            env: None,
        },
        // By itself: beside the crates its dependencies would be built again, with the features of theirs.
        Suite {
            what: "xtask",
            proves: "the commands do what their tests say",
            packages: "--package xtask",
            features: "",
            dir: paths::root().to_owned(),
            env: None,
        },
        Suite {
            what: "the engine, where numbers are kept as texts",
            proves: "a feature of serde_json that another crate turns on changes nothing",
            packages: "",
            features: "",
            dir: paths::arbitrary_precision(),
            env: Some(("PROPTEST_CASES", "2000")),
        },
        Suite {
            what: "the service of the contract tests",
            proves: "a harness over real sockets is told what its native client reads",
            packages: "",
            features: "",
            dir: paths::contract_tests(),
            env: None,
        },
        Suite {
            what: "the examples",
            proves: "their own tests pass on the server's side",
            packages: "--workspace",
            features: "--features ssr",
            dir: paths::examples(),
            env: None,
        },
    ]
}

pub fn run(report: &mut Report) {
    for suite in suites() {
        report.check(&format!("unit: {}", suite.what), suite.proves, &suite.task(suite.packages));
    }
    readme::run(report);
}

/// Runs the tests whose paths contain one of these words, from the first workspace that has such tests.
///
/// A path is that of the crate or of the test's file, and then that of the test: `leptos_sse_hub::log::tests::…`. `readme`
/// alone is the README's app.
pub fn run_some(report: &mut Report, words: &[String]) {
    if words == ["readme"] {
        return readme::run(report);
    }
    run_some_as(report, &format!("unit: the tests with {} in their path", words.join(" or ")), words);
}

/// The same, under another name in the report.
pub fn run_some_as(report: &mut Report, name: &str, words: &[String]) {
    let remedy = "see what there is with: cargo test --workspace --all-features -- --list";
    report.step(name, "they do what they say", remedy, || {
        for suite in suites() {
            let found = find(&suite, words)?;
            if !found.is_empty() {
                println!("not looked at: other workspaces, and the examples in the documentation (cargo test --doc)");
                return found.iter().try_for_each(filter::run_any);
            }
            println!("none in {}", suite.what);
        }
        bail!("no test has that in its path")
    });
}

/// A command for each test program that has such tests.
fn find(suite: &Suite, words: &[String]) -> Result<Vec<Task>> {
    let metadata = MetadataCommand::new().current_dir(&suite.dir).no_deps().exec()?;
    let mut found = Vec::new();
    for artifact in test_programs(suite)? {
        let Some(program) = &artifact.executable else { continue };
        let package = metadata.packages.iter().find(|package| package.id == artifact.package_id);
        let package = package.context("cargo builds packages that it knows")?;
        let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
        let mut listed = Vec::new();
        let list = Task::program(program.as_std_path()).arg("--list").arg("--format").arg("terse").dir(folder);
        list.read_lines(|line| listed.extend(line.strip_suffix(": test").map(str::to_owned)))?;
        let target = &artifact.target.name;
        listed.retain(|test| words.iter().any(|word| format!("{target}::{test}").contains(word.as_str())));
        if !listed.is_empty() {
            let target = match artifact.target.kind.first() {
                Some(TargetKind::Test) => format!("--test {target}"),
                Some(TargetKind::Bin) => format!("--bin {target}"),
                _ => "--lib".to_owned(),
            };
            let task = suite.task(&format!("--package {} {target} -- --exact", package.name));
            found.push(listed.into_iter().fold(task, Task::arg));
        }
    }
    Ok(found)
}

/// Builds the test programs, and tells which there are.
fn test_programs(suite: &Suite) -> Result<Vec<Artifact>> {
    let mut programs = Vec::new();
    let build = suite.task(&format!("{} --no-run --message-format json-render-diagnostics", suite.packages));
    build.read_lines(|line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line)
            && artifact.profile.test
        {
            programs.push(artifact);
        }
    })?;
    Ok(programs)
}
