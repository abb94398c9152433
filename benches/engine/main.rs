//! The diff and the patch of one update, counted in instructions, beside those of the crates before this one.
//!
//! `cargo bench --bench engine`, and after `--`:
//!
//! - `b h`: the workloads whose names start so, instead of all.
//! - `--hot`: where the instructions of this crate's server and client go, too, as `callgrind_annotate` has it.
//! - `--keep DIRECTORY`: keeps callgrind's files.
//!
//! It runs itself under `valgrind --tool=callgrind`, once for each part of each workload: a busy machine makes no difference,
//! and no part finds a heap that another one has left.
//! `benches/README.md` has what it printed.

mod callgrind;
mod counted;
mod report;
mod sides;
mod table;
mod workloads;

use callgrind::{Count, Options};
use counted::{Named, Part};
use report::Row;
use std::{env, io, process::ExitCode};
use workloads::Bytes;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(name) = arguments.first().and_then(|first| first.strip_prefix("--counted=")) {
        counted::run(name, arguments.get(1).map_or("", String::as_str));
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
    let mut rows = Vec::new();
    for Named { name, goal } in counted::all().into_iter().filter(|workload| options.wants(workload.name)) {
        eprintln!("{name}");
        let is_idle = |part: Part| matches!(goal.bytes, Bytes::Nothing) && part.is_client();
        let count = |part| if is_idle(part) { Ok(Count::default()) } else { callgrind::count(name, part, options) };
        rows.push(Row {
            name,
            goal,
            pass: count(Part::Pass)?,
            ours: count(Part::Ours)?,
            older: count(Part::Older)?,
            our_client: count(Part::OurClient)?,
            in_place: count(Part::InPlace)?,
            older_client: count(Part::OlderClient)?,
        });
    }
    report::print(&rows);
    Ok(())
}
