//! The project's own commands. `cargo xtask --help` lists them.

mod crates;
mod demo;
mod desktop;
mod fuzz;
mod leptos;
mod paths;
mod site;
mod task;
mod test;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build an example and serve it on this computer
    Demo(demo::Options),
    /// Look for inputs that break the engine, for a while
    Fuzz(fuzz::Options),
    /// Run the tests: those of every change, the parts that are named, or single tests of one part
    Test(test::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Test(options) => test::run(&options),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
