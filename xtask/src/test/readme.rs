//! The README as a new user takes it: its blocks, put where they say, make an app that builds.
//!
//! `tests/readme/` has an app for each server as `cargo leptos new` makes it. A Rust block of the README begins with a comment
//! that names its file, as `// src/sse.rs`, with `, with axum` or `, with actix-web` where it is for that server alone. Its
//! lines are added to that file. Lines under a comment of these go elsewhere in it:
//!
//! - ``// before `let app`:`` puts them before the line that begins so;
//! - ``// in place of `.fallback(`:`` puts them in the place of that line.

use super::report::Report;
use crate::paths;
use crate::task::Task;
use crate::tools;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The sections that make the app: the first screen alone, and then the hub in its place.
const STAGES: [(&str, &[&str]); 2] =
    [("the first screen", &["# leptos_sse"]), ("the hub", &["# leptos_sse", "## One value for everyone: the hub"])];

/// The servers: the name in the README, the folder of the app, the feature.
const SERVERS: [(&str, &str, &str); 2] = [("axum", "axum", "axum"), ("actix-web", "actix", "actix")];

pub fn run(report: &mut Report) {
    for (server, folder, feature) in SERVERS {
        for (stage, sections) in STAGES {
            let name = format!("unit: the README's app with {server}, {stage}");
            report.step(&name, "its blocks build as one app, server and page", "see the README", || {
                tools::ensure_wasm_target()?;
                let app = assemble(server, folder, feature, sections)?;
                let checks = [
                    // As a person does who looks whether it compiles, without any feature.
                    "cargo check --quiet",
                    "cargo check --quiet --features ssr",
                    "cargo check --quiet --lib --features hydrate --target wasm32-unknown-unknown",
                ];
                checks
                    .iter()
                    .try_for_each(|check| Task::new(check).dir(&app).env("CARGO_TARGET_DIR", paths::target()).run())
            });
        }
    }
}

/// Writes the app, and tells where it is.
fn assemble(server: &str, folder: &str, feature: &str, sections: &[&str]) -> Result<PathBuf> {
    let app = paths::target().join("readme").join(folder);
    let template = paths::root().join("tests/readme").join(folder);
    _ = fs::remove_dir_all(&app);
    copy(&template, &app)?;
    let readme = fs::read_to_string(paths::root().join("README.md"))?;
    write_manifest(&app, feature)?;
    for section in sections {
        for block in blocks(text_of(&readme, section)?) {
            // The others are lines of `tests/guide.rs`.
            let Some(place) = Place::of(block) else { continue };
            if place.server.is_none_or(|named| named == server) {
                put(&app, &place, block).with_context(|| format!("this block:\n{block}"))?;
            }
        }
    }
    Ok(app)
}

/// What the README's `cargo add` and its lines for the features do.
fn write_manifest(app: &Path, feature: &str) -> Result<()> {
    let file = app.join("Cargo.toml");
    let manifest = fs::read_to_string(&file)?;
    let root = paths::root().display();
    let manifest = manifest
        .replace(
            "[dependencies]\n",
            &format!(
                "[dependencies]\nfutures = \"0.3\"\nleptos_sse = {{ path = \"{root}\" }}\nserde = {{ version = \"1\", features = \
                 [\"derive\"] }}\ntokio-stream = {{ version = \"0.1\", features = [\"time\"] }}\n"
            ),
        )
        .replace("hydrate = [", "hydrate = [\"leptos_sse/hydrate\", ")
        .replace("ssr = [", &format!("ssr = [\"leptos_sse/{feature}\", "));
    fs::write(file, manifest)?;
    // The versions that all else here is built with.
    fs::copy(paths::examples().join("Cargo.lock"), app.join("Cargo.lock"))?;
    Ok(())
}

/// The text under a heading, up to the next one.
fn text_of<'t>(readme: &'t str, heading: &str) -> Result<&'t str> {
    let (_, rest) = readme.split_once(&format!("{heading}\n")).with_context(|| format!("no `{heading}`"))?;
    Ok(rest.split("\n## ").next().unwrap_or_default())
}

fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// Where a block goes.
#[derive(Debug, PartialEq)]
struct Place<'t> {
    file: &'t str,
    server: Option<&'t str>,
}

impl<'t> Place<'t> {
    fn of(block: &'t str) -> Option<Self> {
        let header = block.lines().next()?.strip_prefix("// ")?;
        let (file, server) = match header.split_once(", with ") {
            Some((file, server)) => (file, Some(server)),
            None => (header, None),
        };
        file.starts_with("src/").then_some(Self { file, server })
    }
}

/// Lines of a block that go together.
#[derive(Debug, PartialEq)]
enum Piece<'t> {
    Added(String),
    Before(&'t str, String),
    InPlaceOf(&'t str, String),
}

/// The pieces of a block, whose first line was read.
fn pieces(block: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![Piece::Added(String::new())];
    for line in block.lines().skip(1) {
        let named = |words| line.strip_prefix(words)?.strip_suffix("`:");
        if let Some(start) = named("// before `") {
            pieces.push(Piece::Before(start, String::new()));
        } else if let Some(start) = named("// in place of `") {
            pieces.push(Piece::InPlaceOf(start, String::new()));
        } else if let Some(Piece::Added(lines) | Piece::Before(_, lines) | Piece::InPlaceOf(_, lines)) =
            pieces.last_mut()
        {
            *lines += line;
            lines.push('\n');
        }
    }
    pieces
}

fn put(app: &Path, place: &Place<'_>, block: &str) -> Result<()> {
    let file = app.join(place.file);
    let mut text = if file.exists() { fs::read_to_string(&file)? } else { new_module(app, place.file)? };
    for piece in pieces(block) {
        text = match piece {
            Piece::Added(lines) => format!("{text}\n{lines}"),
            Piece::Before(start, lines) => {
                let line = line_of(&text, start)?;
                text.replacen(line, &format!("{lines}{line}"), 1)
            }
            Piece::InPlaceOf(start, lines) => text.replacen(line_of(&text, start)?, lines.trim_end(), 1),
        };
    }
    fs::write(file, text)?;
    Ok(())
}

fn line_of<'t>(text: &'t str, start: &str) -> Result<&'t str> {
    text.lines()
        .find(|line| line.trim_start().starts_with(start))
        .with_context(|| format!("no line begins with `{start}`"))
}

/// A module that is not there yet. The README has declared it before.
fn new_module(app: &Path, file: &str) -> Result<String> {
    let module = file.strip_prefix("src/").and_then(|file| file.strip_suffix(".rs")).context("it is not a module")?;
    let library = fs::read_to_string(app.join("src/lib.rs"))?;
    if !library.contains(&format!("mod {module};")) {
        bail!("the README does not declare `mod {module}` before it has its lines");
    }
    Ok(String::new())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_says_where_it_goes() {
        assert_eq!(Place::of("// src/app.rs\n"), Some(Place { file: "src/app.rs", server: None }));
        let with_axum = Place { file: "src/main.rs", server: Some("axum") };
        assert_eq!(Place::of("// src/main.rs, with axum\nlet a = 1;\n"), Some(with_axum));
        assert_eq!(Place::of("let hub = 1;\n"), None);
        let block =
            "// src/main.rs\nuse a;\n// before `let app`:\nlet b;\n// a comment\n// in place of `.fallback(`:\n.c()\n";
        let expected = [
            Piece::Added("use a;\n".to_owned()),
            Piece::Before("let app", "let b;\n// a comment\n".to_owned()),
            Piece::InPlaceOf(".fallback(", ".c()\n".to_owned()),
        ];
        assert_eq!(pieces(block), expected);
    }

    #[test]
    fn a_section_ends_with_the_next_heading() {
        let text = "# a\none\n## b\ntwo\n";
        assert_eq!((text_of(text, "# a").unwrap(), text_of(text, "## b").unwrap()), ("one", "two\n"));
        assert!(text_of(text, "## c").is_err());
    }
}
