//! The example `desktop`: the page of `dashboard-csr` in a window of Tauri, a workspace of its own because of its weight.

use crate::paths;
use crate::site::{self, App, Profile};
use crate::task::Task;
use crate::tools;
use anyhow::{Context, Result};
use serde_json::json;
use std::path::PathBuf;

/// The example whose page the window shows, and whose server it follows.
const CONTENT: &str = "dashboard-csr";

/// Sees to it that a window can be built.
pub fn ensure() -> Result<()> {
    tools::ensure_wasm_target()?;
    tools::ensure_webkit()
}

/// The example whose page the window shows.
pub fn content() -> Result<App> {
    let mut apps = site::examples()?.into_iter();
    apps.find(|app| app.name == CONTENT).with_context(|| format!("the example {CONTENT} is missing"))
}

/// Builds the window with the page of `content` in it, which must have been built before.
pub fn window_task(content: &App, profile: Profile) -> Task {
    let task = cargo(content, "build");
    if profile == Profile::Release { task.arg("--release") } else { task }
}

/// A command of cargo for the window and its plugin. The page of `content` must have been built before.
pub fn cargo(content: &App, command: &str) -> Task {
    // `tauri.conf.json` names where cargo puts it by default.
    let config = json!({ "build": { "frontendDist": content.site_root() } });
    Task::new(&format!("cargo {command}")).dir(paths::desktop()).env("TAURI_CONFIG", config.to_string())
}

/// The window's program.
pub fn window(profile: Profile) -> PathBuf {
    let folder = if profile == Profile::Release { "release" } else { "debug" };
    paths::target().join(folder).join(format!("desktop{}", std::env::consts::EXE_SUFFIX))
}

/// Starts the server and the window, until the window is closed. Browsers have the page at that port.
pub fn demo(profile: Profile, port: u16) -> Result<()> {
    let content = content()?;
    let env = content.server_env(profile, port);
    let server =
        env.into_iter().fold(Task::program(&content.server(profile)), |task, (name, value)| task.env(name, value));
    let _server = server.spawn()?;
    Task::program(&window(profile)).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_built_with_the_page_of_the_dashboard() {
        let task = window_task(&content().unwrap(), Profile::Debug).to_string();
        assert!(task.starts_with("cd examples/desktop && TAURI_CONFIG="), "{task}");
        assert!(task.contains("dashboard-csr") && task.ends_with("cargo build"), "{task}");
    }
}
