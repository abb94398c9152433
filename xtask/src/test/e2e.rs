//! The built apps, driven by real browsers.

use super::filter;
use super::report::Report;
use crate::paths;
use crate::site::{self, App, Profile};
use crate::task::Task;
use crate::tools::{self, CHROMIUM, FIREFOX, GECKODRIVER, NGINX, NODE, NPM, OPENSSL};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;

const BROWSERS: &str = "e2e: the apps in real browsers";
const PROVES: &str = "what a user sees is what the server has, whatever happens in between";
const AGAIN: &str = "repeat it with: cargo xtask test e2e";

pub fn run(report: &mut Report) {
    if let Some(bench) = Bench::of_all(report) {
        bench.run(report, BROWSERS);
    }
}

/// Runs the tests of the files that these words name, and of those the ones that `name` fits.
pub fn run_some(report: &mut Report, words: &[String], name: Option<&str>) {
    let Some(files) = report.ready("e2e", || files(words)) else { return };
    let Some(apps) = report.ready("e2e", || {
        let texts = files.iter().map(|file| fs::read_to_string(paths::end2end().join("tests").join(file)));
        let text = texts.collect::<Result<String, _>>()?;
        Ok(apps()?.into_iter().filter(|app| is_used(&app.name, &text)).collect::<Vec<_>>())
    }) else {
        return;
    };
    let Some(bench) = Bench::of(report, &apps) else { return };
    let mut task = bench.task("node --test --test-reporter=spec");
    if let Some(name) = name {
        task = task.arg(format!("--test-name-pattern={name}"));
    }
    let task = files.iter().fold(task, |task, file| task.arg(format!("tests/{file}")));
    report.step(BROWSERS, PROVES, "repeat it with the same command", || filter::run_any(&task));
}

/// What the tests are told: where the apps are that were built, and the programs.
pub struct Bench {
    env: [(&'static str, OsString); 4],
}

impl Bench {
    /// Builds all apps.
    pub fn of_all(report: &mut Report) -> Option<Self> {
        let apps = report.ready("e2e", apps)?;
        Self::of(report, &apps)
    }

    fn of(report: &mut Report, apps: &[App]) -> Option<Self> {
        let (chromium, firefox, nginx) = report.ready("e2e", || {
            tools::ensure_wasm_target()?;
            tools::ensure(&[&CHROMIUM, &FIREFOX, &GECKODRIVER, &NGINX, &NODE, &NPM, &OPENSSL])?;
            tools::ensure_npm_packages(&paths::end2end())?;
            Ok((CHROMIUM.path()?, FIREFOX.path()?, NGINX.path()?))
        })?;
        let is_built = report.step("e2e: building the apps' servers", "every server builds", AGAIN, || {
            // Each by itself. In one build cargo would give what they share the features of both axum and actix-web, and a
            // server function that both have is then axum's in the server of actix-web, too, which it brings down.
            apps.iter().try_for_each(|app| site::build_server(app, Profile::Debug))
        }) && report.step("e2e: building the apps' pages", "every page builds", AGAIN, || {
            apps.iter().try_for_each(|app| site::build_site(app, Profile::Debug))
        });
        if !is_built {
            report.not_run(BROWSERS, "the apps do not build");
            return None;
        }
        let sites = sites(apps).to_string().into();
        let programs = [("CHROMIUM", chromium), ("FIREFOX", firefox), ("NGINX", nginx)];
        let [chromium, firefox, nginx] = programs.map(|(name, path)| (name, path.into()));
        Some(Self { env: [("LEPTOS_SSE_SITES", sites), chromium, firefox, nginx] })
    }

    /// Runs all tests. They start the servers themselves, since they also kill them.
    pub fn run(&self, report: &mut Report, name: &str) -> bool {
        report.step(name, PROVES, AGAIN, || self.task("npm test").run())
    }

    fn task(&self, line: &str) -> Task {
        let task = Task::new(line).dir(paths::end2end());
        self.env.iter().fold(task, |task, (name, value)| task.env(name, value))
    }
}

fn apps() -> Result<Vec<App>> {
    let mut apps = site::examples()?;
    apps.push(site::lab()?);
    Ok(apps)
}

/// The files of tests that the words name: by their whole name, or else by a part of it. All of them without a word.
fn files(words: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(paths::end2end().join("tests"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        all.extend(name.strip_suffix(".test.mjs").map(str::to_owned));
    }
    all.sort();
    let mut chosen = Vec::new();
    for word in words {
        let is_whole = all.contains(word);
        let fits = |name: &&String| if is_whole { *name == word } else { name.contains(word.as_str()) };
        let found: Vec<_> = all.iter().filter(fits).cloned().collect();
        if found.is_empty() {
            bail!("no end-to-end test has `{word}` in its file's name; there are {}", all.join(", "));
        }
        chosen.extend(found);
    }
    if words.is_empty() {
        chosen = all;
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen.into_iter().map(|name| format!("{name}.test.mjs")).collect())
}

/// Whether the text of a test names an app. The lab is the app of those that name none.
fn is_used(app: &str, text: &str) -> bool {
    let lab = ["bench.server()", "bench.wire()"];
    text.contains(&format!("'{app}'")) || app == "lab" && lab.iter().any(|call| text.contains(call))
}

/// Where the tests find each app.
fn sites(apps: &[App]) -> Value {
    apps.iter()
        .map(|app| {
            let site = json!({
                "bin": app.server(Profile::Debug),
                "site_root": app.site_root(),
                "output_name": app.output_name(),
                "pkg_dir": app.pkg_dir(),
            });
            (app.name.clone(), site)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_are_told_where_each_app_is() {
        let sites = sites(&site::examples().unwrap());
        let counter = &sites["counter-axum"];
        assert!(counter["bin"].as_str().unwrap().contains("counter-axum"));
        assert!(counter["site_root"].as_str().unwrap().ends_with("counter-axum"));
        assert_eq!(counter["output_name"], "counter-axum");
        assert_eq!(counter["pkg_dir"], "pkg");
    }

    #[test]
    fn files_are_chosen_by_their_whole_name_or_else_by_a_part_of_it() {
        let chosen = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            files(&words).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(&["tabs"]).unwrap(), ["tabs.test.mjs"]);
        assert_eq!(chosen(&["first", "tabs"]).unwrap(), ["first-paint.test.mjs", "tabs.test.mjs"]);
        assert!(chosen(&[]).unwrap().len() > 10);
        assert!(chosen(&["nothing"]).unwrap_err().contains("there are access, assistant,"));
    }

    #[test]
    fn each_file_of_tests_names_an_app() {
        let apps = apps().unwrap();
        for file in files(&[]).unwrap() {
            let text = fs::read_to_string(paths::end2end().join("tests").join(&file)).unwrap();
            assert!(apps.iter().any(|app| is_used(&app.name, &text)), "{file}");
        }
        assert!(is_used("lab", "await bench.server()") && !is_used("lab", "await bench.server('board')"));
    }
}
