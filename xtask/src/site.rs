//! The apps of this repository, and how one becomes a site: a server,
//! and a folder of what the server gives to browsers. It does what `cargo leptos
//! build` does, with nothing to install.

use crate::paths;
use crate::task::Task;
use anyhow::{Context, Result, bail};
use cargo_metadata::{MetadataCommand, Package, TargetKind};
use serde::Deserialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const WASM: &str = "wasm32-unknown-unknown";

#[derive(Clone, Copy, PartialEq)]
pub enum Profile {
    Debug,
    /// An optimised server and the small wasm. A server of one profile does not
    /// fit the wasm of the other: such a page does not hydrate.
    Release,
}

/// A package with a server and a wasm library.
#[derive(Debug)]
pub struct App {
    pub name: String,
    /// The names of the two targets.
    bin: String,
    lib: String,
    dir: PathBuf,
    workspace: PathBuf,
    leptos: Leptos,
}

/// The part of `[package.metadata.leptos]` that a site needs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Leptos {
    output_name: Option<String>,
    site_pkg_dir: Option<String>,
    style_file: Option<PathBuf>,
    assets_dir: Option<PathBuf>,
    lib_features: Option<Vec<String>>,
}

/// The examples that are apps, by name.
pub fn examples() -> Result<Vec<App>> {
    apps_of(&paths::examples())
}

/// The app of the end-to-end tests.
pub fn lab() -> Result<App> {
    apps_of(&paths::lab())?.pop().context("the end-to-end tests' app is missing")
}

fn apps_of(workspace: &Path) -> Result<Vec<App>> {
    let metadata = MetadataCommand::new().current_dir(workspace).no_deps().exec()?;
    let packages = metadata.workspace_packages().into_iter();
    let apps = packages.filter_map(|package| App::new(package, workspace).transpose());
    let mut apps = apps.collect::<Result<Vec<_>>>()?;
    apps.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(apps)
}

/// Builds the server of an app, by itself: two of them in one build would share the features of what they have in common,
/// and a server function that has both frameworks' features brings one of the servers down.
pub fn build_server(app: &App, profile: Profile) -> Result<()> {
    server_task(app, profile).run()
}

/// Builds the site of an app, from scratch so that nothing of an earlier one stays.
pub fn build_site(app: &App, profile: Profile) -> Result<()> {
    app.wasm_task(profile).run()?;
    app.assemble(profile)
}

fn server_task(app: &App, profile: Profile) -> Task {
    let task = Task::new("cargo build --no-default-features --features ssr --bins").dir(&app.workspace);
    let task = task.arg("--package").arg(&app.name);
    if profile == Profile::Release { task.arg("--release") } else { task }
}

impl App {
    /// None for a package that has no server or nothing for the browser.
    fn new(package: &Package, workspace: &Path) -> Result<Option<Self>> {
        let is_lib = |kind: &TargetKind| matches!(kind, TargetKind::Lib | TargetKind::CDyLib | TargetKind::RLib);
        let bin = package.targets.iter().find(|target| target.is_bin());
        let lib = package.targets.iter().find(|target| target.kind.iter().any(is_lib));
        let (Some(bin), Some(lib)) = (bin, lib) else { return Ok(None) };
        let leptos = match package.metadata.get("leptos") {
            None => Leptos::default(),
            Some(value) => Leptos::deserialize(value)
                .with_context(|| format!("metadata.leptos of {} cannot be read", package.name))?,
        };
        let dir = package.manifest_path.parent().context("a manifest lies in a folder")?;
        Ok(Some(Self {
            name: package.name.to_string(),
            bin: bin.name.clone(),
            lib: lib.name.clone(),
            dir: dir.into(),
            workspace: workspace.to_owned(),
            leptos,
        }))
    }

    pub fn output_name(&self) -> &str {
        self.leptos.output_name.as_deref().unwrap_or(&self.name)
    }

    pub fn pkg_dir(&self) -> &str {
        self.leptos.site_pkg_dir.as_deref().unwrap_or("pkg")
    }

    /// The folder from which the server gives files to browsers.
    pub fn site_root(&self) -> PathBuf {
        paths::target().join("site").join(&self.name)
    }

    pub fn server(&self, profile: Profile) -> PathBuf {
        let folder = if profile == Profile::Release { "release" } else { "debug" };
        paths::target().join(folder).join(format!("{}{}", self.bin, std::env::consts::EXE_SUFFIX))
    }

    /// What a server is told by its environment.
    pub fn server_env(&self, profile: Profile, port: u16) -> [(&'static str, OsString); 5] {
        [
            ("LEPTOS_OUTPUT_NAME", self.output_name().into()),
            ("LEPTOS_SITE_ROOT", self.site_root().into()),
            ("LEPTOS_SITE_PKG_DIR", self.pkg_dir().into()),
            ("LEPTOS_SITE_ADDR", format!("127.0.0.1:{port}").into()),
            ("LEPTOS_ENV", if profile == Profile::Release { "PROD" } else { "DEV" }.into()),
        ]
    }

    /// The wasm, as a cdylib and nothing else: next to an rlib it would silently
    /// be built without link-time optimisation.
    fn wasm_task(&self, profile: Profile) -> Task {
        let features = self.leptos.lib_features.as_ref().map_or("hydrate".to_owned(), |features| features.join(","));
        let line = format!("cargo rustc --lib --crate-type cdylib --target {WASM} --no-default-features");
        let task = Task::new(&line).arg("--features").arg(features);
        let task = task.dir(&self.workspace).arg("--package").arg(&self.name);
        if profile == Profile::Release { task.arg("--profile").arg("wasm-release") } else { task }
    }

    fn assemble(&self, profile: Profile) -> Result<()> {
        let release = profile == Profile::Release;
        let folder = if release { "wasm-release" } else { "debug" };
        let wasm = paths::target().join(WASM).join(folder).join(format!("{}.wasm", self.lib.replace('-', "_")));
        let site = self.site_root();
        let pkg = site.join(self.pkg_dir());

        if site.exists() {
            fs::remove_dir_all(&site).with_context(|| format!("cannot clear {}", site.display()))?;
        }
        fs::create_dir_all(&pkg)?;
        // Names of functions make a panic of a debug build readable.
        Bindgen::new()
            .input_path(&wasm)
            .out_name(self.output_name())
            .web(true)?
            .typescript(false)
            .remove_name_section(release)
            .generate(&pkg)
            .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))?;
        if let Some(style) = &self.leptos.style_file {
            if style.extension() != Some("css".as_ref()) {
                bail!("the style of {} is no plain CSS: {}", self.name, style.display());
            }
            copy(&self.dir.join(style), &pkg.join(format!("{}.css", self.output_name())))?;
        }
        if let Some(assets) = &self.leptos.assets_dir {
            copy(&self.dir.join(assets), &site)?;
        }
        // The document of an app that no server renders.
        let index = self.dir.join("index.html");
        if index.exists() { copy(&index, &site.join("index.html")) } else { Ok(()) }
    }
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        App {
            name: "counter-axum".into(),
            bin: "counter-axum".into(),
            lib: "counter_axum".into(),
            dir: paths::examples().join("counter-axum"),
            workspace: paths::examples(),
            leptos: Leptos { style_file: Some("../counter/style.css".into()), ..Leptos::default() },
        }
    }

    #[test]
    fn the_counters_are_apps_and_what_they_share_is_none() {
        let names: Vec<_> = examples().unwrap().into_iter().map(|app| app.name).collect();
        assert!(names.contains(&"counter-axum".to_owned()));
        assert!(names.contains(&"counter-actix".to_owned()));
        assert!(!names.contains(&"counter".to_owned()));
    }

    #[test]
    fn a_release_has_its_own_profiles_on_both_sides() {
        assert!(!server_task(&app(), Profile::Debug).to_string().contains("release"));
        assert!(server_task(&app(), Profile::Release).to_string().ends_with("--release"));
        assert!(!app().wasm_task(Profile::Debug).to_string().contains("release"));
        assert!(app().wasm_task(Profile::Release).to_string().ends_with("--profile wasm-release"));
    }

    #[test]
    fn a_page_is_built_with_the_features_that_the_app_names() {
        assert!(app().wasm_task(Profile::Debug).to_string().contains("--features hydrate "));
        let apps = examples().unwrap();
        let csr = apps.iter().find(|app| app.name == "dashboard-csr").unwrap();
        assert!(csr.wasm_task(Profile::Debug).to_string().contains("--features csr "));
    }

    #[test]
    fn servers_listen_on_this_computer_alone() {
        let env = app().server_env(Profile::Debug, 3111);
        assert!(env.contains(&("LEPTOS_SITE_ADDR", "127.0.0.1:3111".into())));
        assert!(env.contains(&("LEPTOS_ENV", "DEV".into())));
        assert!(env.contains(&("LEPTOS_OUTPUT_NAME", "counter-axum".into())));
    }

    #[test]
    fn a_folder_is_copied_whole() {
        let base = paths::target().join("tmp").join("xtask-copy");
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(base.join("from/deep")).unwrap();
        fs::write(base.join("from/deep/file"), "text").unwrap();
        copy(&base.join("from"), &base.join("to")).unwrap();
        assert_eq!(fs::read_to_string(base.join("to/deep/file")).unwrap(), "text");
    }
}
