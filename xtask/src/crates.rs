//! The crates that are published: which there are, for which targets they are built, and by which features they differ.
//!
//! All of it stands in their manifests, so that a new crate is checked without a word here.

use crate::paths;
use anyhow::{Context, Result, bail};
use cargo_metadata::{MetadataCommand, Package};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub const HOST: &str = "x86_64-unknown-linux-gnu";
pub const WASM: &str = "wasm32-unknown-unknown";

/// A crate of the root's workspace that is published.
#[derive(Debug)]
pub struct Crate {
    pub name: String,
    /// The targets of its `[package.metadata.docs.rs]`: those for which it is meant.
    pub targets: Vec<String>,
    pub rust_version: String,
    /// The features by which its own code differs: those that its sources name in a `cfg`, and that it does not only hand on
    /// to a feature of the same name of another crate here.
    features: BTreeSet<String>,
    /// Whether it has tests that run in a browser.
    pub has_browser_tests: bool,
}

/// The published crates of the root's workspace, by name.
pub fn all() -> Result<Vec<Crate>> {
    let metadata = MetadataCommand::new().current_dir(paths::root()).no_deps().exec()?;
    let published = metadata.workspace_packages().into_iter().filter(|package| package.publish != Some(Vec::new()));
    let mut crates = published.map(Crate::new).collect::<Result<Vec<_>>>()?;
    crates.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(crates)
}

/// Arguments for cargo that choose these crates.
pub fn packages<'a>(crates: impl IntoIterator<Item = &'a Crate>) -> String {
    let names: Vec<_> = crates.into_iter().map(|package| format!("--package {}", package.name)).collect();
    names.join(" ")
}

impl Crate {
    fn new(package: &Package) -> Result<Self> {
        let name = package.name.to_string();
        let docs = &package.metadata["docs"]["rs"]["targets"];
        let targets: Vec<_> = docs.as_array().into_iter().flatten().filter_map(|target| target.as_str()).collect();
        if targets.is_empty() {
            bail!("{name} names no `targets` in its [package.metadata.docs.rs]");
        }
        let rust_version = package.rust_version.as_ref().with_context(|| format!("{name} has no rust-version"))?;
        let sources = package.manifest_path.parent().context("a manifest lies in a folder")?.join("src");
        let text = text_of(sources.as_std_path())?;
        let is_own = |feature: &&String| {
            let handed_on = format!("/{feature}");
            let is_handed_on = |to: &String| to.starts_with("leptos_sse_") && to.ends_with(&handed_on);
            let is_named = text.contains(&format!("feature = \"{feature}\""));
            is_named && !package.features[feature.as_str()].iter().any(is_handed_on)
        };
        Ok(Self {
            targets: targets.into_iter().map(str::to_owned).collect(),
            rust_version: format!("{}.{}", rust_version.major, rust_version.minor),
            features: package.features.keys().filter(is_own).cloned().collect(),
            has_browser_tests: package.dependencies.iter().any(|dependency| dependency.name == "wasm-bindgen-test"),
            name,
        })
    }

    /// Whether its code is the same whatever features are on.
    pub fn has_no_feature(&self) -> bool {
        self.features.is_empty()
    }

    pub fn is_for(&self, target: &str) -> bool {
        self.targets.iter().any(|own| own == target)
    }

    /// The features with which it is a program of its own: none, each alone, and all. With a name and as arguments for cargo.
    pub fn mixes(&self) -> Vec<(String, String)> {
        let none = ("no feature".to_owned(), "--no-default-features".to_owned());
        let each = self
            .features
            .iter()
            .map(|feature| (format!("feature {feature}"), format!("--no-default-features --features {feature}")));
        let all = ("all features".to_owned(), "--all-features".to_owned());
        std::iter::once(none).chain(each).chain([all]).collect()
    }
}

/// All sources below a folder, as one text.
fn text_of(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            text.push_str(&text_of(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Crate {
        all().unwrap().into_iter().find(|package| package.name == name).unwrap()
    }

    #[test]
    fn the_crate_of_apps_is_for_both_targets_and_the_derive_macro_for_this_one() {
        let apps = find("leptos_sse");
        assert!(apps.is_for(HOST) && apps.is_for(WASM) && apps.has_browser_tests);
        let macros = find("leptos_sse_macros");
        assert!(macros.is_for(HOST) && !macros.is_for(WASM));
        for pure in ["leptos_sse_client", "leptos_sse_core"].map(find) {
            assert!(pure.is_for(WASM) && pure.has_no_feature() && !pure.has_browser_tests);
        }
    }

    #[test]
    fn a_crate_is_built_with_each_feature_of_its_own_code() {
        assert!(find("leptos_sse_macros").has_no_feature());
        let mixes = find("leptos_sse").mixes();
        assert_eq!(mixes[0].0, "no feature");
        assert_eq!(mixes.last().unwrap().1, "--all-features");
        assert!(mixes.contains(&("feature hydrate".into(), "--no-default-features --features hydrate".into())));
        // The hub's crate has the code.
        assert!(mixes.iter().all(|(name, _)| name != "feature axum"));
        assert!(find("leptos_sse_hub").mixes().iter().any(|(name, _)| name == "feature axum"));
    }

    #[test]
    fn xtask_is_no_published_crate() {
        assert!(all().unwrap().iter().all(|package| package.name != "xtask"));
    }
}
