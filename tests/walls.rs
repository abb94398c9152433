//! What no compiler checks: the core and the client know no clock, no target and no feature.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn the_core_and_the_client_name_no_clock_no_target_and_no_feature() {
    for crate_name in ["core", "client"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(crate_name);
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("[features]") && !manifest.contains("[target"), "{crate_name}");
        let files = sources(root.join("src"));
        assert!(!files.is_empty(), "{crate_name} is not where it was");
        for file in files {
            let code = code(&file);
            for word in ["Instant::now", "SystemTime::now", "cfg(feature", "target_arch", "tokio::", "leptos::"] {
                assert!(!code.contains(word), "{} names `{word}`", file.display());
            }
        }
    }
}

fn sources(root: PathBuf) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root];
    }
    fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).flat_map(sources).collect()
}

/// The code of a file, without comments, which may name anything.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}
