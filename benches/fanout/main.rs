//! A load program: real connections over loopback to a hub in axum and in actix-web, beside bare `write()` calls.
//!
//! `cargo bench --bench fanout --features axum,actix`, and after `--`:
//!
//! - `--quick`: fewer rounds and no more than 1,000 connections.
//! - `--connections 1,1000`: how many followers there are in turn.
//! - `--server axum`, `actix`, or `axum-nodelay`, which is axum with `TCP_NODELAY`. The first two by default.
//! - `--only fanout`, `set`, `latency`, `heap` or `catch-up`: this one alone.
//! - `--rounds 15`: how often hub and `write()` take turns.
//!
//! The servers, and the bare `write()` calls, are processes of their own: this binary, called with another argument. The
//! readers are here. `docs/performance.md` has what it printed, and on what machine.

mod bare;
mod catch_up;
mod child;
mod heap;
mod measure;
mod options;
mod readers;
mod rounds;
mod server;
mod table;

use options::{Options, Part};
use std::{env, io, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(role) = arguments.first().and_then(|first| first.strip_prefix("--serve=")) {
        return done(server::serve(role));
    }
    // As cargo calls a benchmark; `cargo test --benches` does not, and has nothing to wait for.
    if !arguments.iter().any(|argument| argument == "--bench") {
        eprintln!("nothing is measured without `--bench`, which `cargo bench` adds");
        return ExitCode::SUCCESS;
    }
    match Options::parse(&arguments) {
        Ok(options) => done(measure(&options)),
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> io::Result<()> {
    // Each connection is a file to both its ends.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let wanted = |part| options.only.is_none_or(|only| only == part);
    if wanted(Part::Fanout) {
        rounds::fanout(options)?;
    }
    if wanted(Part::Set) {
        rounds::set(options)?;
    }
    if wanted(Part::Latency) {
        rounds::latency(options)?;
    }
    if wanted(Part::Heap) {
        heap::measure(options)?;
    }
    if wanted(Part::CatchUp) {
        catch_up::measure(options)?;
    }
    Ok(())
}

fn done(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
