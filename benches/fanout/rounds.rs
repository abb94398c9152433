//! One write to everyone: how many deliveries a second, how late, and what the write itself takes.

use crate::{
    child::{Child, Kind},
    options::Options,
    readers::Readers,
    table::{grouped, head, millis, quantile, quartiles, row},
};
use std::{io, thread, time::Instant};

/// A server and those who read from it.
struct Side {
    server: Child,
    readers: Readers,
    followers: usize,
}

impl Side {
    fn start(kind: Kind, followers: usize) -> io::Result<Self> {
        let server = Child::start(kind)?;
        let readers = Readers::connect(server.address, followers)?;
        Ok(Self { server, readers, followers })
    }

    /// Has one write made, and waits until all have read it.
    fn write(&mut self, how: &str) -> io::Result<()> {
        let events = self.readers.events() + self.followers as u64;
        self.server.tell(how)?;
        self.readers.wait_for(events)
    }

    /// Some writes, one after the other.
    fn round(&mut self, how: &str, writes: usize) -> io::Result<Round> {
        let (cpu, start) = (self.server.cpu()?, Instant::now());
        for _ in 0..writes {
            self.write(how)?;
        }
        let deliveries = (writes * self.followers) as f64;
        let per_second = deliveries / start.elapsed().as_secs_f64();
        Ok(Round { per_second, cpu: (self.server.cpu()? - cpu) as f64 / 1e3 / deliveries })
    }

    /// Bare `write()` calls of what this side's readers were sent last.
    fn bare(&mut self, threads: usize) -> io::Result<Self> {
        self.write("write")?;
        let mut bare = Self::start(Kind::Bare(threads), self.followers)?;
        bare.server.give(&self.readers.last())?;
        Ok(bare)
    }
}

/// What came of some writes.
#[derive(Clone, Copy)]
struct Round {
    /// Deliveries a second.
    per_second: f64,
    /// The microseconds that one took of a processor, where it was written.
    cpu: f64,
}

impl Round {
    fn per_second(&self) -> f64 {
        self.per_second
    }

    fn cpu(&self) -> f64 {
        self.cpu
    }
}

pub fn fanout(options: &Options) -> io::Result<()> {
    let columns = [
        "server",
        "followers",
        "deliveries/s",
        "bare `write()`/s",
        "share",
        "quartiles",
        "CPU/delivery",
        "CPU/`write()`",
        "allocations/write",
    ];
    head("One write to everyone", &columns);
    let threads = thread::available_parallelism()?.get();
    for &kind in &options.servers {
        for &followers in &options.connections {
            let mut hub = Side::start(kind, followers)?;
            let mut bare = hub.bare(threads)?;
            let writes = (if options.quick { 20_000 } else { 40_000 } / followers).clamp(5, 3_000);
            bare.round("write", writes / 4 + 1)?;
            hub.round("write", writes / 4 + 1)?;
            let mut ours = Vec::new();
            let mut theirs = [Vec::new(), Vec::new()];
            let before = hub.server.ask("heap")?[1];
            for _ in 0..options.rounds {
                theirs[0].push(bare.round("write-alone", writes)?);
                ours.push(hub.round("write", writes)?);
                theirs[1].push(bare.round("write", writes)?);
            }
            let allocations = hub.server.ask("heap")?[1] - before;
            // Beside the faster of one thread and many.
            let middle = |rounds: &[Round], of: fn(&Round) -> f64| quartiles(rounds.iter().map(of).collect())[1];
            let [one, many] = &theirs;
            let alone = middle(one, Round::per_second) > middle(many, Round::per_second);
            let theirs = if alone { one } else { many };
            let shares = ours.iter().zip(theirs).map(|(ours, theirs)| ours.per_second / theirs.per_second);
            let [low, share, high] = quartiles(shares.collect()).map(|share| format!("{share:.2}"));
            row(&[
                kind.name(),
                grouped(followers as f64),
                grouped(middle(&ours, Round::per_second)),
                grouped(middle(theirs, Round::per_second)),
                format!("**{share}**"),
                format!("{low}–{high}"),
                format!("{:.1} µs", middle(&ours, Round::cpu)),
                format!("{:.1} µs", middle(theirs, Round::cpu)),
                format!("{:.1}", allocations as f64 / (writes * options.rounds) as f64),
            ]);
        }
    }
    Ok(())
}

pub fn set(options: &Options) -> io::Result<()> {
    let columns = ["server", "followers", "in a task", "its fastest tenth", "in a plain thread", "its fastest tenth"];
    head("What `signal.set(..)` takes", &columns);
    let writes = if options.quick { 50 } else { 200 };
    for &kind in &options.servers {
        for followers in [0].into_iter().chain(options.connections.iter().copied()) {
            let mut side = Side::start(kind, followers)?;
            let mut cells = vec![kind.name(), grouped(followers as f64)];
            for how in ["write", "write-outside"] {
                side.server.ask("took")?;
                for _ in 0..writes {
                    side.write(how)?;
                }
                cells.extend(side.server.ask("took")?.into_iter().map(|nanos| format!("{:.1} µs", nanos as f64 / 1e3)));
            }
            row(&cells);
        }
    }
    Ok(())
}

pub fn latency(options: &Options) -> io::Result<()> {
    let columns = ["server", "followers", "writes/s", "p50", "p99", "max", "deliveries"];
    head("From a write to its readers", &columns);
    let seconds = if options.quick { 3 } else { 10 };
    let threads = thread::available_parallelism()?.get();
    for &followers in options.connections.iter().filter(|followers| **followers <= 1_000) {
        for per_second in [20, 100] {
            for &kind in &options.servers {
                row(&at_rate(&mut Side::start(kind, followers)?, &kind.name(), per_second, seconds)?);
            }
            let mut bare = Side::start(Kind::Axum, followers)?.bare(threads)?;
            row(&at_rate(&mut bare, "bare `write()`", per_second, seconds)?);
        }
    }
    Ok(())
}

fn at_rate(side: &mut Side, name: &str, per_second: usize, seconds: usize) -> io::Result<Vec<String>> {
    let writes = per_second * seconds;
    side.write("write")?;
    side.readers.set_timed(true);
    side.server.ask(&format!("rate {per_second} {writes}"))?;
    side.readers.wait_for_quiet();
    side.readers.set_timed(false);
    let mut latencies = side.readers.take_latencies();
    let deliveries = latencies.len();
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|of| millis(quantile(&mut latencies, of)));
    Ok(vec![
        name.to_owned(),
        grouped(side.followers as f64),
        per_second.to_string(),
        p50,
        p99,
        max,
        grouped(deliveries as f64),
    ])
}
