//! The crates with other versions of Leptos than the one that they are released with.

use crate::paths;
use crate::task::Task;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

/// Versions that belong together.
pub struct Version {
    pub leptos: &'static str,
    /// Each crate with its requirement.
    crates: [(&'static str, &'static str); 3],
}

pub const OTHERS: [Version; 1] = [Version {
    leptos: "0.9.0-rc1",
    crates: [("leptos", "=0.9.0-rc1"), ("reactive_stores", "=0.5.0-rc1"), ("hydration_context", "=0.4.0-rc1")],
}];

impl Version {
    /// Copies the repository's files into a folder of their own, with these versions in the manifests.
    pub fn copy(&self) -> Result<PathBuf> {
        let dir = paths::target().join("tmp").join(format!("leptos-{}", self.leptos));
        let files =
            Task::new("git ls-files --cached --others --exclude-standard").output().context("git does not answer")?;
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let mut changed = 0;
        // A file that git knows may be deleted by now.
        for file in files.lines().filter(|file| is_needed(file) && paths::root().join(file).is_file()) {
            let to = dir.join(file);
            fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
            fs::copy(paths::root().join(file), &to).with_context(|| format!("cannot copy {file}"))?;
            if file.ends_with("Cargo.toml") {
                let text = fs::read_to_string(&to)?;
                let new: String = text.split_inclusive('\n').map(|line| self.line(line)).collect();
                changed += usize::from(new != text);
                fs::write(&to, new)?;
            }
        }
        if changed == 0 {
            bail!("no manifest names a version of Leptos in a way that is known here");
        }
        Ok(dir)
    }

    /// A line of a manifest, with this version's requirement if it is one of its crates.
    fn line(&self, line: &str) -> String {
        for (name, requirement) in self.crates {
            let Some(rest) = line.strip_prefix(name) else { continue };
            // `leptos = "…"` or `leptos = { version = "…"`; `leptos.workspace` and `leptos_meta` are neither.
            if rest.starts_with(" = ")
                && let Some((before, after)) = rest.split_once('"')
                && let Some((_, after)) = after.split_once('"')
                && (before == " = " || before.ends_with("version = "))
            {
                return format!("{name}{before}\"{requirement}\"{after}");
            }
        }
        line.to_owned()
    }
}

/// Only what a build of the crates reads. The lock file names the other version.
fn is_needed(file: &str) -> bool {
    let others = ["end2end/", "examples/", "fuzz/"];
    file != "Cargo.lock" && !others.iter().any(|other| file.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_exchanged_wherever_it_stands() {
        let version = &OTHERS[0];
        assert_eq!(version.line("leptos = \"0.8\"\n"), "leptos = \"=0.9.0-rc1\"\n");
        let line = "reactive_stores = { version = \"0.4.4\", optional = true }\n";
        assert_eq!(version.line(line), "reactive_stores = { version = \"=0.5.0-rc1\", optional = true }\n");
        for other in [
            "leptos_sse_core = \"1\"\n",
            "leptos.workspace = true\n",
            "leptos = { path = \"x\" }\n",
            "name = \"leptos\"\n",
        ] {
            assert_eq!(version.line(other), other);
        }
    }
}
