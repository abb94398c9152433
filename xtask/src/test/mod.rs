//! `cargo xtask test`: everything that is checked, in parts that can be named, or single tests of one part.

mod desktop;
mod e2e;
mod filter;
mod lint;
mod long;
mod package;
mod public_items;
mod readme;
mod report;
mod unit;
mod wasm;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use report::Report;
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = HELP)]
pub struct Options {
    /// Parts to run; or one part, and words that choose some of its tests
    #[arg(value_name = "PART")]
    words: Vec<String>,
    /// With `e2e`: run the tests whose names match this regular expression
    #[arg(long, value_name = "PATTERN")]
    name: Option<String>,
}

const HELP: &str = "\
Parts, in the order in which they run:
  lint     format, clippy for each real mix of features on both targets, the documentation
  unit     tests on this computer, without a browser
  wasm     tests as wasm, in a headless Chromium and in Node
  e2e      built examples driven by real browsers
  desktop  the example in a window of Tauri, and its plugin
  long     all of the above, and what is run before a release: it prints what that is

Without a part: lint, unit, wasm and e2e, as for every change.

Single tests:
  cargo xtask test unit hub::resume         tests on this computer with this text in their path
  cargo xtask test wasm store               browser tests with this text in their name
  cargo xtask test e2e tabs --name leads    end-to-end tests of one file, by their name
  cargo xtask test long fuzz rust           some of what `long` adds, and nothing else";

/// A part of the tests. They run in this order.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Part {
    Lint,
    Unit,
    Wasm,
    E2e,
    Desktop,
    Long,
}

/// Whether `cargo xtask test` without a part runs it.
fn is_usual(part: Part) -> bool {
    !matches!(part, Part::Desktop | Part::Long)
}

/// What a command line asks for.
#[derive(Debug, PartialEq)]
enum Selection {
    /// Whole parts, in their order.
    Parts(Vec<Part>),
    /// The tests of one part that `words` and `name` choose.
    Some { part: Part, words: Vec<String>, name: Option<String> },
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let mut report = Report::new();
    match select(&options.words, options.name.as_deref())? {
        Selection::Parts(parts) => {
            parts.iter().try_for_each(|part| run_part(*part, &mut report))?;
            let left_out = Part::value_variants().iter().filter(|part| !parts.contains(part));
            let left_out: Vec<_> = left_out.map(|part| part_name(*part)).collect();
            if !left_out.is_empty() {
                println!("\nnot a part of this run: {}", left_out.join(", "));
            }
        }
        Selection::Some { part, words, name } => match part {
            Part::Unit => unit::run_some(&mut report, &words),
            Part::Wasm => wasm::run_some(&mut report, &words),
            Part::E2e => e2e::run_some(&mut report, &words, name.as_deref()),
            Part::Long => long::run(&mut report, &words)?,
            Part::Lint | Part::Desktop => bail!("`{}` has no single tests", part_name(part)),
        },
    }
    Ok(report.close())
}

fn run_part(part: Part, report: &mut Report) -> Result<()> {
    match part {
        Part::Lint => lint::run(report),
        Part::Unit => unit::run(report),
        Part::Wasm => wasm::run(report),
        Part::E2e => e2e::run(report),
        Part::Desktop => desktop::run(report),
        Part::Long => long::run(report, &[])?,
    }
    Ok(())
}

fn select(words: &[String], name: Option<&str>) -> Result<Selection> {
    let named: Vec<_> = words.iter().map_while(|word| Part::from_str(word, false).ok()).collect();
    let rest = &words[named.len()..];
    if rest.is_empty() && name.is_none() {
        let is_chosen = |part: &Part| match named[..] {
            [] => is_usual(*part),
            _ => named.contains(part) || named.contains(&Part::Long),
        };
        return Ok(Selection::Parts(Part::value_variants().iter().copied().filter(is_chosen).collect()));
    }
    match named[..] {
        [part] if name.is_none() || part == Part::E2e => {
            Ok(Selection::Some { part, words: rest.to_vec(), name: name.map(str::to_owned) })
        }
        [_] => bail!("--name chooses among the tests of `e2e`"),
        [] if !rest.is_empty() => bail!("`{}` is no part; there are {}", rest[0], part_names()),
        _ => bail!("single tests are those of one part: name it alone"),
    }
}

fn part_name(part: Part) -> String {
    part.to_possible_value().expect("no part is hidden").get_name().to_owned()
}

fn part_names() -> String {
    let names: Vec<_> = Part::value_variants().iter().map(|part| part_name(*part)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(line: &str, name: Option<&str>) -> Result<Selection, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        select(&words, name).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_name_all_parts_but_the_heavy_ones_run_and_the_order_is_always_the_same() {
        let parts = |line| match selected(line, None).unwrap() {
            Selection::Parts(parts) => parts,
            some => panic!("{some:?}"),
        };
        assert_eq!(parts(""), [Part::Lint, Part::Unit, Part::Wasm, Part::E2e]);
        assert_eq!(parts("desktop lint"), [Part::Lint, Part::Desktop]);
        assert_eq!(parts("long"), Part::value_variants());
        assert_eq!(parts("e2e unit unit"), [Part::Unit, Part::E2e]);
    }

    #[test]
    fn words_after_one_part_choose_its_tests() {
        let some = |part, words: &[&str], name: Option<&str>| Selection::Some {
            part,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            name: name.map(str::to_owned),
        };
        assert_eq!(selected("unit hub::resume", None).unwrap(), some(Part::Unit, &["hub::resume"], None));
        assert_eq!(selected("e2e tabs", Some("leads")).unwrap(), some(Part::E2e, &["tabs"], Some("leads")));
        assert_eq!(selected("e2e", Some("leads")).unwrap(), some(Part::E2e, &[], Some("leads")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(selected("unti", None).unwrap_err().contains("`unti` is no part; there are lint, unit,"));
        assert!(selected("unit wasm hub", None).unwrap_err().contains("one part"));
        assert!(selected("unit", Some("leads")).unwrap_err().contains("--name"));
        assert!(selected("", Some("leads")).unwrap_err().contains("one part"));
    }

    #[test]
    fn the_help_has_every_part() {
        for part in Part::value_variants() {
            assert!(HELP.contains(&format!("\n  {} ", part_name(*part))), "{part:?}");
        }
    }
}
