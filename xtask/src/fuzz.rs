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
    tools::ensure_nightly()?;
    tools::ensure(&[&tools::CARGO_FUZZ])?;
    let targets = TARGETS.into_iter().filter(|target| options.target.as_deref().is_none_or(|wanted| wanted == *target));
    for target in targets {
        let limits = format!("-max_total_time={} -max_len=2048", options.seconds);
        let task = Task::new(&format!("rustup run nightly cargo fuzz run {target} -- {limits}"));
        println!("\n==> {task}");
        task.run()?;
    }
    Ok(ExitCode::SUCCESS)
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
