//! What the documentation promises has a test, and the test is there.

use std::{fs, path::Path};

#[test]
fn each_promise_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let promises = read("docs/promises.md");
    let rows = promises.lines().filter(|line| line.starts_with("| ")).map(cells).filter(|cells| cells.len() == 3);
    let rows: Vec<_> = rows.filter(|cells| cells[0] != "promise").collect();
    assert!(rows.len() > 30, "{}", rows.len());
    for row in rows {
        let [promise, test, file] = row[..] else { unreachable!("it has three cells") };
        let (test, file) = (test.trim_matches('`'), file.trim_matches('`'));
        assert!(read(file).contains(test), "{promise}: {file} has no test `{test}`");
    }
}

fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split(" | ").map(str::trim).collect()
}
