use super::*;
use serde_json::json;

const FILLER: &str = "It was a bright cold day in April, and the clocks were striking thirteen. ";

/// The patches of these texts behind a long one, with edits within texts.
fn edits(texts: &[&str]) -> Vec<String> {
    let values: Vec<_> = texts.iter().map(|text| json!({ "text": format!("{FILLER}{text}") })).collect();
    follow(&values);
    let options = Options { string_edits: true, ..Options::default() };
    let patches = follow_with(options, &values);
    // At the start, in the middle and at the end, whether an edit is worth it or not.
    let around = |text: &&str| json!([text, format!("{text}{FILLER}"), format!("{FILLER}{text}{FILLER}")]);
    follow_with(options, &texts.iter().map(around).collect::<Vec<_>>());
    patches
}

#[test]
fn a_place_in_a_text_counts_units_of_utf_16() {
    let at = FILLER.len();
    let patches = edits(&["", "é", "é👍", "é👍!", "é👍?!", "👍?!"]);
    let insert =
        |place: usize, text: &str| format!(r#"[{{"op":"str_ins","path":"/text","pos":{place},"str":"{text}"}}]"#);
    assert_eq!(patches[1..5], [insert(at, "é"), insert(at + 1, "👍"), insert(at + 3, "!"), insert(at + 3, "?")]);
    assert_eq!(patches[5], format!(r#"[{{"op":"str_del","path":"/text","pos":{at},"len":1}}]"#));
}

/// The first two have their first unit of UTF-16 in common, the first and the third their second.
#[test]
fn a_pair_of_surrogates_is_never_split() {
    let texts = ["\u{1f44d}", "\u{1f44e}", "\u{1f84d}", "\u{1f44d}\u{1f44d}", "\u{1f44e}\u{1f44d}", "", "\u{1f44d}"];
    edits(&texts);
    for from in texts {
        for to in texts {
            edits(&[from, to]);
            edits(&[&format!("a{from}b"), &format!("a{to}b")]);
            edits(&[&format!("{to}{from}{to}"), &format!("{to}{from}{from}{to}")]);
        }
    }
}

/// In UTF-8 these have their first bytes, or their last ones, in common.
#[test]
fn a_char_of_many_bytes_is_never_split() {
    for (from, to) in
        [("é", "è"), ("é", "©"), ("日", "旦"), ("日", "月"), ("é", "e\u{301}"), ("\u{7f}", "\u{80}"), ("ÿ", "\u{7ff}")]
    {
        edits(&[from, to, from]);
        edits(&[&from.repeat(3), &format!("{from}{to}{from}"), &format!("{from}{from}")]);
    }
}

#[test]
fn marks_and_joined_signs_are_edited_like_any_other() {
    edits(&["e", "e\u{301}", "\u{301}", "\u{301}\u{301}", "\u{200d}", "👨‍👩‍👧", "👨‍👧", "👍🏽", "👍", "🏽", "🇩🇪", "🇩"]);
}

#[test]
fn ends_of_lines_nul_and_all_that_json_escapes_survive() {
    edits(&[
        "a\nb",
        "a\r\nb",
        "a\rb",
        "a\n\rb",
        "\0",
        "\0\0",
        "a\0b",
        "\u{8}\t\u{b}\u{c}\u{1f}\u{7f}",
        "\"",
        "\\",
        "\\\"",
        "\\n",
    ]);
    edits(&["\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}\u{ffff}", "\u{10ffff}", "</script>", "\u{0}\u{1}\u{e000}"]);
}

#[test]
fn a_repeated_text_grows_and_shrinks() {
    edits(&["aaa", "aaaa", "aaaaaaaa", "aa", "", "abab", "ababab", "abab", "baba", "aba"]);
}

#[test]
fn both_ends_of_a_text_change() {
    let patches = edits(&["middle", "and the middle goes on", "middle", "riddle", "midde", "the end"]);
    assert!(patches.iter().all(|patch| !patch.is_empty()));
}

#[test]
fn a_text_that_is_the_whole_document_is_edited_too() {
    let texts = [FILLER.to_owned(), format!("{FILLER}more"), FILLER.repeat(2), String::new()];
    let patches = follow_with(Options { string_edits: true, ..Options::default() }, &texts);
    assert_eq!(patches[1], format!(r#"[{{"op":"str_ins","path":"","pos":{},"str":"more"}}]"#, FILLER.len()));
    follow(&texts);
}

#[test]
fn operations_are_always_those_of_the_standard() {
    let mut differ = Differ::new().string_edits(true);
    differ.advance_patch(FILLER).unwrap().unwrap();
    let patch = differ.advance_patch(&*format!("{FILLER}more")).unwrap().unwrap();
    assert_eq!(json!(patch)[0]["op"], "replace");
    // The two ways go by turns.
    let mut text = Vec::new();
    assert!(differ.advance(&format!("{FILLER}more and more"), &mut text).unwrap());
    assert!(String::from_utf8(text).unwrap().contains("str_ins"));
}
