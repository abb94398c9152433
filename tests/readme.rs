//! The README shows what the examples and the doc-tests run.

use std::{fs, path::Path};

#[test]
fn the_first_screen_is_code_that_runs_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let sources = ["examples/counter-axum/src/main.rs", "examples/counter-actix/src/main.rs", "src/lib.rs"];
    let examples: String = sources.iter().map(|path| bare(&read(path).replace("//!", ""))).collect();
    let readme = read("README.md");
    let (first_screen, _) = readme.split_once("## See it").unwrap();

    let blocks: Vec<_> = first_screen.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() == 6, "{blocks:?}");
    for block in blocks {
        let is_code = |line: &&str| !line.starts_with("use ") && !line.starts_with("//");
        let code: Vec<_> = block.lines().filter(is_code).collect();
        for piece in code.join("\n").split("\n\n") {
            // In the examples the component is the app, and the handler stands where `main` does.
            let piece = piece
                .replace("fn Counter()", "fn App()")
                .replace("pub async fn", "async fn")
                .replace("axum::routing::get(", "get(")
                .replace("my_app::sse::", "");
            assert!(examples.contains(&bare(&piece)) || piece.ends_with("pub mod sse;"), "no example has\n{piece}");
        }
    }
}

#[test]
fn the_lines_about_the_hub_are_those_of_the_guide() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let (readme, guide) = (read("README.md"), bare(&read("tests/guide.rs")));
    let section = |name: &str| readme.split_once(name).unwrap().1.split_once("\n## ").unwrap().0;
    let sections = [section("## One value for everyone"), section("## Large values, row by row")].concat();
    let blocks = sections.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    // Those that name a file are built as an app: `cargo xtask test unit readme`.
    let (built, blocks): (Vec<_>, Vec<_>) = blocks.partition(|block| block.starts_with("// src/"));
    assert_eq!((built.len(), blocks.len()), (3, 4));
    for line in blocks.iter().flat_map(|block| block.lines()) {
        assert!(guide.contains(&bare(line)), "the guide has no\n{line}");
    }
}

#[test]
fn the_lines_without_a_browser_are_those_of_their_guide() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let (readme, guide) = (read("README.md"), bare(&read("docs/guide/native.md")));
    let (_, section) = readme.split_once("## Without a browser").unwrap();
    let block = section.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(guide.contains(&bare(block)), "the guide has no\n{block}");
}

/// The text without white space, which two formats may differ in.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}
