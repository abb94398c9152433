//! The files of a folder, and their checksums.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::model::Compared;

/// Folders that only hold what other programs make again.
const SKIPPED: [&str; 3] = [".git", "node_modules", "target"];
/// The job of the files that lie in the root itself.
pub const ROOT: &str = ".";

/// The checksums of the files by their path, as bytes.
pub type Sums = BTreeMap<PathBuf, [u8; 32]>;

/// The jobs that a root has: one for each folder, and one for its own files.
pub fn jobs(root: &Path) -> io::Result<Vec<String>> {
    let mut names = vec![ROOT.to_owned()];
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && !is_skipped(&entry.path()) {
            // A name that is no text has no place in JSON.
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// The files of a job and their lengths, by their path. Links are not followed.
pub fn files(root: &Path, job: &str) -> io::Result<BTreeMap<PathBuf, u64>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join(job)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_file() {
                found.insert(entry.path(), entry.metadata()?.len());
            } else if kind.is_dir() && job != ROOT && !is_skipped(&entry.path()) {
                folders.push(entry.path());
            }
        }
    }
    Ok(found)
}

fn is_skipped(folder: &Path) -> bool {
    SKIPPED.iter().any(|name| folder.ends_with(name))
}

/// The checksum of a file. `read` is told of the bytes as they come, and says whether to go on; none when it does not.
pub fn sum(path: &Path, mut read: impl FnMut(u64) -> bool) -> io::Result<Option<[u8; 32]>> {
    let mut file = File::open(path)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let len = file.read(&mut buffer)?;
        if len == 0 {
            return Ok(Some(sum.finalize().into()));
        }
        sum.update(&buffer[..len]);
        if !read(len as u64) {
            return Ok(None);
        }
    }
}

/// One checksum for all: that of their names, each with its own checksum.
pub fn sum_of_all(sums: &Sums, root: &Path) -> String {
    let mut all = Sha256::new();
    for (path, sum) in sums {
        let name = path.strip_prefix(root).unwrap_or(path);
        all.update(name.as_os_str().as_encoded_bytes());
        all.update([0]);
        all.update(sum);
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn compare(before: &Sums, now: &Sums) -> Compared {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Compared {
        added: count(now.keys().filter(|path| !before.contains_key(*path)).count()),
        changed: count(now.iter().filter(|(path, sum)| before.get(*path).is_some_and(|old| old != *sum)).count()),
        removed: count(before.keys().filter(|path| !now.contains_key(*path)).count()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A folder that goes with the test.
    pub(crate) struct Scratch(pub PathBuf);

    impl Scratch {
        pub(crate) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("dashboard-{name}-{}", std::process::id()));
            let scratch = Self(path);
            for (file, text) in [("top.txt", "abc"), ("a/one.txt", "abc"), ("a/deep/two.txt", ""), ("target/made", "x")]
            {
                scratch.write(file, text);
            }
            scratch
        }

        pub(crate) fn write(&self, file: &str, text: &str) {
            let path = self.0.join(file);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("it can be made");
            fs::write(path, text).expect("it can be written");
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_root_has_its_folders_and_its_own_files_as_jobs() {
        let scratch = Scratch::new("jobs");
        assert_eq!(jobs(&scratch.0).expect("it is read"), [".", "a"]);
        let names = |job| files(&scratch.0, job).expect("it is read").into_keys().collect::<Vec<_>>();
        assert_eq!(names("."), [scratch.0.join("./top.txt")]);
        assert_eq!(names("a"), ["a/deep/two.txt", "a/one.txt"].map(|name| scratch.0.join(name)));
        assert!(files(&scratch.0, "nowhere").is_err());
    }

    #[test]
    fn a_checksum_is_that_of_the_standard() {
        let scratch = Scratch::new("sum");
        let path = scratch.0.join("top.txt");
        let sum_of_abc = sum(&path, |_| true).expect("it is read").expect("it is not cancelled");
        // FIPS 180-2, appendix B.1.
        assert_eq!(sum_of_abc[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(sum(&path, |_| false).expect("it is read"), None);
    }

    #[test]
    fn runs_are_compared_by_name_and_content() {
        let sums = |files: &[(&str, u8)]| files.iter().map(|(name, byte)| (PathBuf::from(name), [*byte; 32])).collect();
        let before: Sums = sums(&[("a", 1), ("b", 2), ("c", 3)]);
        let now: Sums = sums(&[("b", 2), ("c", 4), ("d", 5), ("e", 6)]);
        assert_eq!(compare(&before, &now), Compared { added: 2, changed: 1, removed: 1 });
        assert!(compare(&now, &now).is_same());
        assert_ne!(sum_of_all(&before, Path::new("/")), sum_of_all(&now, Path::new("/")));
    }
}
