//! The diff and the patch of one update, counted in instructions, beside those of the crates before this one.
//!
//! `cargo bench --bench engine`, and after `--`:
//!
//! - `b h`: the workloads whose names start so, instead of all.
//! - `--hot`: where the instructions of this crate's server go, as `callgrind_annotate` has it; `--hot-client` for its client.
//! - `--keep DIRECTORY`: keeps callgrind's files.
//!
//! It runs itself under `valgrind --tool=callgrind`, once for each workload, so that a busy machine makes no difference.
//! `benches/README.md` has what it printed.

mod callgrind;
mod counted;
mod report;
mod sides;
mod table;
mod workloads;

use callgrind::Options;
use std::{env, io, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(name) = arguments.first().and_then(|first| first.strip_prefix("--counted=")) {
        counted::run(name);
        return ExitCode::SUCCESS;
    }
    // As cargo calls a benchmark; `cargo test --benches` does not, and has nothing to wait for.
    if !arguments.iter().any(|argument| argument == "--bench") {
        eprintln!("nothing is counted without `--bench`, which `cargo bench` adds");
        return ExitCode::SUCCESS;
    }
    match Options::parse(&arguments).and_then(|options| measure(&options).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> io::Result<()> {
    let wanted: Vec<_> = counted::all().into_iter().filter(|workload| options.wants(workload.name)).collect();
    if let Some(part) = options.hot {
        return wanted.iter().try_for_each(|workload| callgrind::annotate(workload.name, part));
    }
    let mut rows = Vec::new();
    for workload in wanted {
        eprintln!("{}", workload.name);
        let counts = callgrind::count(workload.name, options)?;
        rows.push(report::Row { name: workload.name, goal: workload.goal, counts });
    }
    report::print(&rows);
    Ok(())
}
