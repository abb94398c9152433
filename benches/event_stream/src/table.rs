//! Reads each stream with each crate, and prints what an event costs as a table.
//!
//! `cargo bench --bench table`, and after `--` parts of the workloads' names. Instructions are counted by callgrind in a
//! process of their own; times are the fastest of many rounds, in which the sides take turns.

use event_stream::{
    sides::{Read, SIDES, Side},
    workloads::{self, WORKLOADS, Workload},
};
use std::{
    env, fs,
    hint::black_box,
    process::Command,
    time::{Duration, Instant},
};

/// How long the rounds of one workload take, of all sides together.
const ROUNDS: Duration = Duration::from_secs(8);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(name) = arguments.first().and_then(|first| first.strip_prefix("--counted=")) {
        let workload = workloads::named(name).expect("a workload has this name");
        let side = arguments.get(1).and_then(|name| Side::named(name)).expect("a side has this name");
        // What is made once in a process is no part of it.
        side.read(&workload.parts);
        black_box(counted(side, &workload));
        return;
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|part| name.contains(part.as_str()));
    println!("| stream | read by | instructions | of ours | time | of ours | MB/s |\n|--|--|--:|--:|--:|--:|--:|");
    for (name, make) in WORKLOADS {
        if wanted(name) {
            report(&make());
        }
    }
}

fn report(workload: &Workload) {
    let read = Side::Ours.read(&workload.parts);
    assert_eq!(read.events, workload.events);
    assert!(SIDES.iter().all(|side| side.read(&workload.parts) == read), "each side reads the same");
    let times = times(workload);
    let counts = SIDES.map(|side| count(workload, side));
    let events = workload.events as f64;
    for ((side, time), count) in SIDES.into_iter().zip(times).zip(counts) {
        let name = if side == SIDES[0] { workload.name } else { "" };
        let nanoseconds = time.as_nanos() as f64;
        let (instructions, more) = match (count, counts[0]) {
            (Some(count), Some(ours)) => (thousands(count / events), times_more(count / ours)),
            _ => ("?".to_owned(), "?".to_owned()),
        };
        println!(
            "| {name} | {} | {instructions} | {more} | {} ns | {} | {} |",
            side.name(),
            thousands(nanoseconds / events),
            times_more(nanoseconds / times[0].as_nanos() as f64),
            thousands(workload.len as f64 * 1e3 / nanoseconds),
        );
    }
}

/// The fastest round of each side.
fn times(workload: &Workload) -> [Duration; SIDES.len()] {
    let mut fastest = [Duration::MAX; SIDES.len()];
    let start = Instant::now();
    while start.elapsed() < ROUNDS {
        for (side, fastest) in SIDES.into_iter().zip(&mut fastest) {
            let start = Instant::now();
            black_box(side.read(black_box(&workload.parts)));
            *fastest = start.elapsed().min(*fastest);
        }
    }
    fastest
}

/// Its name is what callgrind begins and ends its count with.
#[inline(never)]
fn counted(side: Side, workload: &Workload) -> Read {
    side.read(&workload.parts)
}

/// The instructions of one reading, or none without valgrind.
fn count(workload: &Workload, side: Side) -> Option<f64> {
    let out = env::temp_dir().join(format!("event-stream-{}.out", std::process::id()));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--toggle-collect=*table*counted*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe().ok()?)
        .args([format!("--counted={}", workload.name).as_str(), side.name()])
        .output();
    let text = fs::read_to_string(&out).ok();
    // What stays behind in the temporary directory is no harm.
    let _ = fs::remove_file(&out);
    if !run.is_ok_and(|output| output.status.success()) {
        return None;
    }
    text?.lines().rev().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

fn times_more(factor: f64) -> String {
    format!("{factor:.1}×")
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
