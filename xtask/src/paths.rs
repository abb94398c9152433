//! Where things lie in this repository.

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

/// The end-to-end tests, a package of npm.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}

/// The end-to-end tests' app, a workspace too.
pub fn lab() -> PathBuf {
    end2end().join("lab")
}

/// Where cargo puts what it builds, as the environment or else `.cargo/config.toml` says.
pub fn target() -> &'static Path {
    static TARGET: LazyLock<PathBuf> = LazyLock::new(|| {
        let asked = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
        let asked = asked.and_then(|dir| std::path::absolute(dir).ok());
        asked.unwrap_or_else(|| root().join("target"))
    });
    &TARGET
}

/// Command-line tools that this project installs for itself alone, so that it
/// never replaces the version that another project has.
pub fn tools() -> PathBuf {
    target().join("tools")
}
