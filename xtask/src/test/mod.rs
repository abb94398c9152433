//! `cargo xtask test`: everything that is checked, in parts that can be named.

mod desktop;
mod e2e;
mod lint;
mod report;
mod unit;
mod wasm;

use anyhow::Result;
use clap::ValueEnum;
use report::Report;
use std::process::ExitCode;

/// A part of the tests. They run in this order.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Part {
    /// Format, clippy, every mix of features on both targets, the documentation
    Lint,
    /// Tests of the crate and of the examples on this computer
    Unit,
    /// Tests of the crate as wasm in a headless Chromium
    Wasm,
    /// Built examples driven by real browsers
    E2e,
    /// The example in a window of Tauri, and its plugin. For its weight it runs only when it is named
    Desktop,
}

pub fn run(parts: &[Part]) -> Result<ExitCode> {
    let mut report = Report::new();
    for part in chosen(parts) {
        match part {
            Part::Lint => lint::run(&mut report),
            Part::Unit => unit::run(&mut report),
            Part::Wasm => wasm::run(&mut report),
            Part::E2e => e2e::run(&mut report),
            Part::Desktop => desktop::run(&mut report),
        }
    }
    Ok(report.close())
}

fn chosen(parts: &[Part]) -> impl Iterator<Item = Part> {
    let is_chosen = |part: &Part| if parts.is_empty() { *part != Part::Desktop } else { parts.contains(part) };
    Part::value_variants().iter().copied().filter(is_chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_every_part_but_the_heavy_one_and_the_order_is_always_the_same() {
        assert!(chosen(&[]).eq([Part::Lint, Part::Unit, Part::Wasm, Part::E2e]));
        assert!(chosen(&[Part::Desktop, Part::Lint]).eq([Part::Lint, Part::Desktop]));
        assert!(chosen(&[Part::E2e, Part::Unit, Part::Unit]).eq([Part::Unit, Part::E2e]));
    }
}
