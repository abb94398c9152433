//! A command to run, which can be shown so that a reader can repeat it.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Variables that `cargo run` sets for xtask and that are not meant for the
/// commands it starts: build scripts that watch one of them would run again
/// whenever the same build is started with and without xtask.
const CARGO_S_OWN: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

#[derive(Clone)]
pub struct Task {
    words: Vec<String>,
    dir: PathBuf,
    env: Vec<(&'static str, OsString)>,
}

impl Task {
    /// A command line as a shell reads it, run in the root of the repository.
    pub fn new(line: &str) -> Self {
        let words = shlex::split(line).unwrap_or_default();
        assert!(!words.is_empty(), "no command line: {line}");
        Self { words, dir: paths::root().to_owned(), env: Vec::new() }
    }

    /// A program by its path.
    pub fn program(path: &Path) -> Self {
        Self { words: vec![path.display().to_string()], dir: paths::root().to_owned(), env: Vec::new() }
    }

    #[must_use]
    pub fn arg(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    #[must_use]
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = dir.into();
        self
    }

    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Runs it with this process's terminal, and fails unless it succeeds.
    pub fn run(&self) -> Result<()> {
        let status = self.command().status().with_context(|| self.cannot_start())?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.line());
        }
        Ok(())
    }

    /// Runs it like `run`, and hands its standard output to `line` instead of the terminal, line by line.
    pub fn read_lines(&self, mut line: impl FnMut(&str)) -> Result<()> {
        let mut child = self.command().stdout(Stdio::piped()).spawn().with_context(|| self.cannot_start())?;
        let output = BufReader::new(child.stdout.take().context("its output is a pipe")?);
        for text in output.split(b'\n') {
            let text = text?;
            line(&String::from_utf8_lossy(&text));
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.line());
        }
        Ok(())
    }

    /// Starts it; it is ended when what is returned is dropped.
    pub fn spawn(&self) -> Result<Running> {
        Ok(Running(self.command().spawn().with_context(|| self.cannot_start())?))
    }

    /// Runs it and returns what it writes, or nothing if it fails.
    pub fn output(&self) -> Option<String> {
        let output = self.command().stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    }

    /// Runs it, and fails with what it says on its standard error unless it succeeds.
    pub fn run_or_say(&self) -> Result<()> {
        let output = self.command().stdout(Stdio::inherit()).output().with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("`{}` failed:\n{}", self.line(), String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Runs it, and fails unless it fails and says this.
    pub fn fails_saying(&self, words: &str) -> Result<()> {
        let output = self.command().output().with_context(|| self.cannot_start())?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            bail!("`{}` succeeded", self.line());
        }
        if !said.contains(words) {
            bail!("`{}` failed, but did not say `{words}`:\n{said}", self.line());
        }
        Ok(())
    }

    /// Becomes the command: where the system can, by taking its place, so that
    /// a signal to this process is one to the command.
    pub fn exec(&self) -> Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            Err(self.command().exec()).with_context(|| self.cannot_start())
        }
        #[cfg(not(unix))]
        self.run()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(&self.dir).env("PATH", search_path());
        for (name, _) in std::env::vars_os() {
            if is_cargo_s_own(&name) {
                command.env_remove(name);
            }
        }
        // What runs here is meant for this computer, whatever is built elsewhere.
        command.env_remove("CARGO_BUILD_TARGET");
        // A relative one would be another folder for each folder that a task runs in.
        if std::env::var_os("CARGO_TARGET_DIR").is_some() {
            command.env("CARGO_TARGET_DIR", paths::target());
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn line(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| quote(word)).collect();
        words.join(" ")
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`", self.words[0])
    }
}

/// A command that runs.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// The command as one line for a shell in the root of the repository.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dir != paths::root() {
            let dir = self.dir.strip_prefix(paths::root()).unwrap_or(&self.dir);
            write!(f, "cd {} && ", quote(&dir.to_string_lossy()))?;
        }
        for (name, value) in &self.env {
            write!(f, "{name}={} ", quote(&value.to_string_lossy()))?;
        }
        f.write_str(&self.line())
    }
}

/// Finds a program, in this project's own tools first.
pub fn find(program: &str) -> Option<PathBuf> {
    which::which_in(program, Some(search_path()), paths::root()).ok()
}

fn search_path() -> OsString {
    let own = paths::tools().join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own.clone()).chain(std::env::split_paths(&path).filter(|dir| dir != Path::new(&own)));
    std::env::join_paths(all).unwrap_or(path)
}

fn is_cargo_s_own(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    CARGO_S_OWN.iter().any(|prefix| name.starts_with(prefix))
}

fn quote(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| format!("{word:?}"), |word| word.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_shown_as_a_line_that_can_be_repeated() {
        let task = Task::new("cargo doc --no-deps").dir(paths::examples()).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(task.to_string(), "cd examples && RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[test]
    fn quotes_of_a_command_line_hold_a_word_together() {
        assert_eq!(Task::new("echo 'a b' c").words, ["echo", "a b", "c"]);
    }

    #[test]
    fn what_a_command_says_is_returned_and_what_fails_is_not() {
        assert!(Task::new("rustc --version").output().is_some_and(|text| text.starts_with("rustc ")));
        assert_eq!(Task::new("rustc --no-such-flag").output(), None);
        assert_eq!(Task::new("no-such-program-anywhere").output(), None);
    }

    #[test]
    fn the_lines_of_a_command_can_be_read_while_it_runs() {
        let mut lines = Vec::new();
        Task::new("rustc --version --verbose").read_lines(|line| lines.push(line.to_owned())).unwrap();
        assert!(lines[0].starts_with("rustc ") && lines.iter().any(|line| line.starts_with("host: ")));
        assert!(Task::new("rustc --no-such-flag").read_lines(|_| {}).is_err());
    }

    #[test]
    fn what_is_to_fail_fails_for_the_reason_that_is_named() {
        let task = Task::new("rustc --no-such-flag");
        task.fails_saying("no-such-flag").unwrap();
        assert!(task.fails_saying("no disk").unwrap_err().to_string().contains("did not say `no disk`"));
        assert!(Task::new("rustc --version").fails_saying("").unwrap_err().to_string().contains("succeeded"));
    }

    #[test]
    fn the_variables_of_cargo_run_stay_here() {
        assert!(is_cargo_s_own(OsStr::new("CARGO_PKG_NAME")));
        assert!(!is_cargo_s_own(OsStr::new("CARGO_HOME")));
        assert!(!is_cargo_s_own(OsStr::new("CARGO_TARGET_DIR")));
    }
}
