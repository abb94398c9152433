//! The example in a window of Tauri, and the plugin behind it.

use super::report::Report;
use crate::desktop;
use crate::paths;
use crate::site::{self, Profile};
use crate::task::Task;
use crate::tools::{self, NODE, XVFB};
use serde_json::json;

const WINDOW: &str = "desktop: the window";

pub fn run(report: &mut Report) {
    let ready = report.ready("desktop", || {
        tools::ensure_linters()?;
        tools::ensure(&[&NODE, &XVFB])?;
        desktop::ensure()?;
        desktop::content()
    });
    let Some(content) = ready else { return };
    let again = "repeat it with: cargo xtask test desktop";
    report.check(
        "desktop: the class of the plugin",
        "it is the browser's EventSource to whoever uses it, on an app that the test plays",
        &Task::new(
            "node --test --test-reporter=spec guest-js/tests/event-source.test.mjs guest-js/tests/replace.test.mjs",
        )
        .dir(paths::tauri_plugin()),
    );
    let built = report.step("desktop: building the page and its server", "they build", again, || {
        site::build_server(&content, Profile::Debug)?;
        site::build_site(&content, Profile::Debug)
    }) && report.check(
        "desktop: building the window",
        "it builds, with the page in it",
        &desktop::window_task(&content, Profile::Debug),
    );
    if !built {
        return report.not_run(WINDOW, "it does not build");
    }
    report.check(
        "desktop: the plugin",
        "it opens what a capability allows and nothing else, and closes what nobody hears any more",
        &desktop::cargo(&content, "test --workspace"),
    );
    report.check(
        "desktop: clippy on the window and its plugin",
        "no warning on this computer",
        &desktop::cargo(&content, "clippy --workspace --all-targets -- -D warnings"),
    );
    let site = json!({
        "bin": content.server(Profile::Debug),
        "site_root": content.site_root(),
        "output_name": content.output_name(),
        "pkg_dir": content.pkg_dir(),
    });
    let task = Task::new("node --test --test-reporter=spec desktop/window.test.mjs")
        .dir(paths::end2end())
        .env("LEPTOS_SSE_SITES", json!({ content.name: site }).to_string())
        .env("LEPTOS_SSE_DESKTOP", desktop::window(Profile::Debug));
    report.check(
        WINDOW,
        "it shows what the server has, by the webview or by the app, through restarts of the server",
        &task,
    );
}
