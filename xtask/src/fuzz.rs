//! `cargo xtask fuzz`: the fuzz targets, each for a while.

use crate::task::Task;
use crate::tools;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

const TARGETS: [&str; 4] = ["applier", "differ", "event_stream", "protocol"];

#[derive(Args)]
pub struct Options {
    /// One target; all of them if none is named
    #[arg(value_parser = TARGETS)]
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    ensure()?;
    for (_, task) in tasks(options.target.as_deref(), options.seconds) {
        println!("\n==> {task}");
        task.run()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sees to it that there is what runs the targets.
pub fn ensure() -> Result<()> {
    tools::ensure_nightly()?;
    tools::ensure(&[&tools::CARGO_FUZZ])
}

/// Each target, or the one that is named, with the command that runs it for a while.
pub fn tasks(wanted: Option<&str>, seconds: u32) -> impl Iterator<Item = (&'static str, Task)> {
    let targets = TARGETS.into_iter().filter(move |target| wanted.is_none_or(|wanted| wanted == *target));
    targets.map(move |target| {
        let limits = format!("-max_total_time={seconds} -max_len=2048");
        (target, Task::new(&format!("rustup run nightly cargo fuzz run {target} -- {limits}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn each_target_has_its_file() {
        let mut files: Vec<_> = std::fs::read_dir(paths::root().join("fuzz/fuzz_targets"))
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        files.sort();
        assert_eq!(files, TARGETS);
    }
}
