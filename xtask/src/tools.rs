//! The tools that a command needs: found, or installed through their own
//! package manager, or named together with the command that would install them.

use crate::crates::WASM;
use crate::paths;
use crate::task::{self, Task};
use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// The version of wasm-bindgen in the lock files; its tools fit no other.
pub const WASM_BINDGEN: &str = "0.2.130";

/// How long `apt-get` waits for another one.
const LOCK_SECONDS: u64 = 120;

pub struct Tool {
    /// An environment variable that may name the program.
    variable: Option<&'static str>,
    /// The names under which systems know the program.
    programs: &'static [&'static str],
    version: Version,
    remedy: Remedy,
}

/// What `--version` must say.
enum Version {
    Any,
    Exactly(&'static str),
    /// This major version or a later one.
    Since(u32),
}

enum Remedy {
    /// A package of Debian.
    Apt(&'static str),
    /// What follows `cargo install`.
    Cargo(&'static str),
    /// What a person has to install.
    ByHand(&'static str),
}

pub const CHROMIUM: Tool = Tool {
    variable: Some("CHROMIUM"),
    programs: &["chromium", "chromium-browser", "google-chrome"],
    version: Version::Any,
    remedy: Remedy::Apt("chromium"),
};

pub const CHROMEDRIVER: Tool =
    Tool { variable: None, programs: &["chromedriver"], version: Version::Any, remedy: Remedy::Apt("chromium-driver") };

pub const FIREFOX: Tool = Tool {
    variable: Some("FIREFOX"),
    programs: &["firefox-esr", "firefox"],
    version: Version::Any,
    remedy: Remedy::Apt("firefox-esr"),
};

/// Not in Debian, hence from source.
pub const GECKODRIVER: Tool = Tool {
    variable: None,
    programs: &["geckodriver"],
    version: Version::Any,
    remedy: Remedy::Cargo("geckodriver --locked"),
};

/// Debian 12 has an older one than the tests need.
pub const NODE: Tool = Tool {
    variable: None,
    programs: &["node"],
    version: Version::Since(20),
    remedy: Remedy::ByHand("Node.js 20 or later from https://nodejs.org"),
};

pub const NPM: Tool = Tool { variable: None, programs: &["npm"], version: Version::Any, remedy: Remedy::Apt("npm") };

/// It lies where only the superuser's `PATH` leads.
pub const NGINX: Tool = Tool {
    variable: Some("NGINX"),
    programs: &["nginx", "/usr/sbin/nginx"],
    version: Version::Any,
    remedy: Remedy::Apt("nginx"),
};

/// An X server without a screen.
pub const XVFB: Tool = Tool { variable: None, programs: &["Xvfb"], version: Version::Any, remedy: Remedy::Apt("xvfb") };

pub const OPENSSL: Tool =
    Tool { variable: None, programs: &["openssl"], version: Version::Any, remedy: Remedy::Apt("openssl") };

/// It runs on nightly Rust, which alone has what it needs.
pub const CARGO_FUZZ: Tool = Tool {
    variable: None,
    programs: &["cargo-fuzz"],
    version: Version::Any,
    remedy: Remedy::Cargo("cargo-fuzz --locked"),
};

/// Without `--locked`: the lock file that it ships names a version of
/// webpki-roots that crates.io does not have.
pub const WASM_TEST_RUNNER: Tool = Tool {
    variable: None,
    programs: &["wasm-bindgen-test-runner"],
    version: Version::Exactly(WASM_BINDGEN),
    remedy: Remedy::Cargo("wasm-bindgen-cli --version 0.2.130 --no-default-features"),
};

impl Tool {
    /// Where the program is, if it is there in the version that is asked for.
    pub fn find(&self) -> Option<PathBuf> {
        let named = self.variable.and_then(std::env::var_os).map(PathBuf::from).filter(|program| program.is_file());
        let known = self.programs.iter().filter_map(|program| task::find(program));
        named.into_iter().chain(known).find(|program| self.version.fits(program))
    }

    /// The name by which the program is started.
    pub fn program(&self) -> &'static str {
        self.programs[0]
    }

    /// The program's path, once `ensure` has succeeded.
    pub fn path(&self) -> Result<PathBuf> {
        self.find().with_context(|| format!("{}{} is still not to be found", self.program(), self.version))
    }
}

impl Remedy {
    fn package(&self) -> Option<&'static str> {
        match self {
            Self::Apt(package) => Some(package),
            Self::Cargo(_) | Self::ByHand(_) => None,
        }
    }
}

impl Version {
    fn fits(&self, program: &Path) -> bool {
        if matches!(self, Self::Any) {
            return true;
        }
        let said = Task::program(program).arg("--version").output();
        said.is_some_and(|said| said.split_whitespace().any(|word| self.is(word)))
    }

    fn is(&self, word: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(version) => word == *version,
            Self::Since(major) => {
                let number = word.trim_start_matches('v').split('.').next();
                number.and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number >= *major)
            }
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Exactly(version) => write!(f, " {version}"),
            Self::Since(major) => write!(f, " {major} or later"),
        }
    }
}

/// Sees to it that all these tools are there. What cannot be installed is told
/// before anything is, since cargo takes minutes for some.
pub fn ensure(tools: &[&Tool]) -> Result<()> {
    let missing: Vec<_> = tools.iter().filter(|tool| tool.find().is_none()).collect();

    for tool in &missing {
        if let Remedy::ByHand(what) = tool.remedy {
            bail!("{}{} is missing: install {what}", tool.program(), tool.version);
        }
    }
    let packages: Vec<_> = missing.iter().filter_map(|tool| tool.remedy.package()).collect();
    if !packages.is_empty() {
        apt_install(&packages.join(" "))?;
    }
    for tool in &missing {
        if let Remedy::Cargo(what) = tool.remedy {
            cargo_install(what)?;
        }
    }
    missing.iter().try_for_each(|tool| tool.path().map(drop))
}

/// Sees to it that there is the webview of Linux to build with. Other systems have their own.
pub fn ensure_webkit() -> Result<()> {
    if !cfg!(target_os = "linux") || Task::new("pkg-config --exists webkit2gtk-4.1").output().is_some() {
        return Ok(());
    }
    apt_install("libwebkit2gtk-4.1-dev pkg-config")
}

/// Sees to it that rustc can build for the browser.
pub fn ensure_wasm_target() -> Result<()> {
    let sysroot =
        Task::new("rustc --print sysroot").output().context("rustc does not answer; see https://rustup.rs")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).exists() {
        return Ok(());
    }
    rustup(&format!("target add {WASM}"))
}

/// Sees to it that there is a nightly Rust.
pub fn ensure_nightly() -> Result<()> {
    match Task::new("rustup run nightly rustc --version").output() {
        Some(_) => Ok(()),
        None => rustup("toolchain install nightly --profile minimal"),
    }
}

/// Sees to it that there is this version of Rust, which can build for this target, too.
pub fn ensure_toolchain(version: &str, target: &str) -> Result<()> {
    let sysroot = Task::new(&format!("rustup run {version} rustc --print sysroot")).output();
    if sysroot.is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(target).exists()) {
        return Ok(());
    }
    rustup(&format!("toolchain install {version} --profile minimal --target {target}"))
}

/// Sees to it that clippy and rustfmt are there.
pub fn ensure_linters() -> Result<()> {
    for component in ["clippy", "rustfmt"] {
        if Task::new(&format!("cargo {} --version", component.trim_start_matches("rust"))).output().is_none() {
            rustup(&format!("component add {component}"))?;
        }
    }
    Ok(())
}

/// Sees to it that the packages of npm are there as its lock file has them.
pub fn ensure_npm_packages(dir: &Path) -> Result<()> {
    // npm leaves its own lock file behind; while that is no older than ours,
    // nothing has to be done.
    let age = |file: &str| dir.join(file).metadata().and_then(|meta| meta.modified());
    if let (Ok(installed), Ok(wanted)) = (age("node_modules/.package-lock.json"), age("package-lock.json"))
        && installed >= wanted
    {
        return Ok(());
    }
    install(&Task::new("npm ci --no-audit --no-fund").dir(dir))
}

fn rustup(what: &str) -> Result<()> {
    if task::find("rustup").is_none() {
        bail!("rustup is missing, which would run `rustup {what}`; see https://rustup.rs");
    }
    install(&Task::new(&format!("rustup {what}")))
}

fn cargo_install(what: &str) -> Result<()> {
    install(&Task::new(&format!("cargo install {what} --root")).arg(paths::tools().display().to_string()))
}

fn apt_install(packages: &str) -> Result<()> {
    // A machine that has just started updates itself, and has the lock for a while.
    let line = format!("apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout={LOCK_SECONDS} {packages}");
    let root = Task::new("id -u").output().as_deref() == Some("0");
    if !root || task::find("apt-get").is_none() {
        bail!("missing: {packages}. Install what has these names on your system; on Debian: sudo {line}");
    }
    apt_update()?;
    install(&Task::new(&line).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// `DPkg::Lock::Timeout` does not hold for the lock of the lists of packages: there `apt-get` fails at once.
fn apt_update() -> Result<()> {
    let update = Task::new("apt-get update -q").env("LC_ALL", "C");
    let end = Instant::now() + Duration::from_secs(LOCK_SECONDS);
    while let Err(error) = update.run_or_say() {
        if !error.to_string().contains("Could not get lock") || Instant::now() > end {
            return Err(error);
        }
        println!("another apt-get has the lock; waiting for it");
        thread::sleep(Duration::from_secs(2));
    }
    Ok(())
}

fn install(task: &Task) -> Result<()> {
    println!("installing: {task}");
    task.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_files_and_the_tools_name_one_version_of_wasm_bindgen() {
        for workspace in [paths::root().to_owned(), paths::examples(), paths::lab()] {
            let text = std::fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
            let entry = format!("name = \"wasm-bindgen\"\nversion = \"{WASM_BINDGEN}\"\n");
            assert!(text.contains(&entry), "{} has another wasm-bindgen than {WASM_BINDGEN}", workspace.display());
        }
        let Remedy::Cargo(install) = WASM_TEST_RUNNER.remedy else { panic!("it is installed by cargo") };
        assert!(install.contains(&format!("--version {WASM_BINDGEN} ")));
    }

    #[test]
    fn a_version_is_a_whole_word_of_what_a_program_says() {
        assert!(Version::Exactly("0.2.130").is("0.2.130"));
        assert!(!Version::Exactly("0.2.13").is("0.2.130"));
        assert!(Version::Since(20).is("v20.20.2") && Version::Since(20).is("22.0.0"));
        assert!(!Version::Since(20).is("v18.19.0") && !Version::Since(20).is("node"));
    }

    #[test]
    fn a_program_is_asked_for_its_version() {
        let rustc = task::find("rustc").unwrap();
        assert!(Version::Since(1).fits(&rustc));
        assert!(!Version::Since(1000).fits(&rustc));
    }

    #[test]
    fn a_tool_that_is_nowhere_is_not_found() {
        let tool = Tool {
            variable: None,
            programs: &["no-such-program-anywhere"],
            version: Version::Any,
            remedy: Remedy::Apt("none"),
        };
        assert!(tool.find().is_none());
        assert!(tool.path().unwrap_err().to_string().contains("no-such-program-anywhere"));
    }
}
