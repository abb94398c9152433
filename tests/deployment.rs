//! The guide for running a hub has every option, with the default that its documentation has.

#[test]
fn the_table_has_every_option_and_its_default() {
    let source = include_str!("../crates/hub/src/hub/options.rs");
    let guide = include_str!("../docs/deployment.md");
    let (_, setters) = source.split_once("pub fn new()").unwrap();
    let mut found = 0;
    for setter in setters.split("\n    pub fn ").skip(1) {
        let (option, _) = setter.split_once('(').unwrap();
        let (docs, _) = setters.split_once(&format!("pub fn {option}(")).unwrap();
        let docs = docs.rsplit("\n    }\n").next().unwrap().replace("\n    /// ", " ");
        let (_, default) = docs.split_once("Default is ").unwrap_or_else(|| panic!("{option} tells no default"));
        let (default, _) = default.split_once('.').unwrap();
        let default = default.trim_end_matches(" updates").trim_end_matches(" events");
        let row = guide.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{option}`")));
        let row = row.unwrap_or_else(|| panic!("no row has {option}"));
        assert!(row.contains(default), "{option} is {default} by default, and not as in\n{row}");
        found += 1;
    }
    assert_eq!(found, 14);
}
