//! Where things lie in this repository.

use cargo_metadata::MetadataCommand;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root")
}

/// The examples' own workspace.
pub fn examples() -> PathBuf {
    root().join("examples")
}

/// The example in a window, a workspace of its own.
pub fn desktop() -> PathBuf {
    examples().join("desktop")
}

/// The plugin of that window, a package of npm too.
pub fn tauri_plugin() -> PathBuf {
    root().join("crates/tauri-plugin-sse")
}

/// The engine's tests with a feature of `serde_json`, a workspace of their own.
pub fn arbitrary_precision() -> PathBuf {
    root().join("crates/core/tests/arbitrary_precision")
}

/// The benchmark of the reader of event streams beside other crates, a workspace of its own.
pub fn event_stream_bench() -> PathBuf {
    root().join("benches/event_stream")
}

/// The fuzz targets, a workspace of their own.
pub fn fuzz() -> PathBuf {
    root().join("fuzz")
}

/// The end-to-end tests, a package of npm.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}

/// The end-to-end tests' app, a workspace too.
pub fn lab() -> PathBuf {
    end2end().join("lab")
}

/// The service of the contract tests of event streams, a workspace too.
pub fn contract_tests() -> PathBuf {
    end2end().join("contract-tests")
}

/// All workspaces.
pub fn workspaces() -> [PathBuf; 8] {
    [
        root().to_owned(),
        examples(),
        desktop(),
        lab(),
        contract_tests(),
        arbitrary_precision(),
        fuzz(),
        event_stream_bench(),
    ]
}

/// Where cargo puts what it builds, as cargo says.
pub fn target() -> &'static Path {
    static TARGET: LazyLock<PathBuf> = LazyLock::new(|| {
        let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec();
        metadata.map_or_else(|_| root().join("target"), |metadata| metadata.target_directory.into())
    });
    &TARGET
}

/// Command-line tools that this project installs for itself alone, so that it
/// never replaces the version that another project has.
pub fn tools() -> PathBuf {
    target().join("tools")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Task;

    #[test]
    fn each_lock_file_is_that_of_a_workspace_here() {
        let files = Task::new("git ls-files *Cargo.lock").output().unwrap();
        let mut found: Vec<_> = files.lines().map(|file| root().join(file).parent().unwrap().to_owned()).collect();
        // The README's apps, whose manifests xtask completes.
        found.retain(|dir| !dir.starts_with(root().join("tests/readme")));
        let mut known = workspaces().to_vec();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }
}
