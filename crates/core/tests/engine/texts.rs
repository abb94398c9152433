//! Texts and keys in which an edit can go wrong.

use crate::choices::Choices;

/// What is one sign to a reader is often more than one `char`, one unit of UTF-16, or one byte.
const PIECES: [&str; 32] = [
    "a",
    "b",
    " ",
    "word ",
    "the ",
    "lorem ipsum ",
    "0",
    "é",
    "e\u{301}",
    "\u{301}",
    "ß",
    "日本",
    "語",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\t",
    "\"",
    "\\",
    "/",
    "~",
    "\u{2028}",
    "\u{feff}",
    "\u{200d}",
    "\u{ffff}",
    // In UTF-16 the first two begin alike, the first and the third end alike.
    "\u{1f44d}",
    "\u{1f44e}",
    "\u{1f84d}",
    "👍🏽",
    "👨‍👩‍👧",
    "\u{10ffff}",
];

const KEYS: [&str; 32] = [
    "a",
    "b",
    "c",
    "d",
    "id",
    "name",
    "key",
    "text",
    "done",
    "value",
    "",
    "/",
    "~",
    "~0",
    "~1",
    "~01",
    "a/b",
    "a~b",
    "0",
    "1",
    "-",
    "01",
    "é",
    "👍",
    "\"",
    "\\",
    "\n",
    "\0",
    "a b",
    "%20",
    "__proto__",
    "a key that is longer than most of them",
];

pub fn short(choices: &mut Choices) -> String {
    (0..choices.below(4)).map(|_| *choices.pick(&PIECES)).collect()
}

/// One that is long enough for an edit within it to be shorter than the text.
pub fn long(choices: &mut Choices) -> String {
    let start =
        "It was a bright cold day in April, and the clocks were striking thirteen. ".repeat(1 + choices.below(3));
    start + &(0..choices.below(24)).map(|_| *choices.pick(&PIECES)).collect::<String>()
}

pub fn key(choices: &mut Choices) -> String {
    // The first ones more often, so that keys come back.
    let many = if choices.chance(128) { 6 } else { KEYS.len() };
    choices.pick(&KEYS[..many]).to_string()
}

/// Puts something in, takes something out, or both, anywhere between two `char`s.
pub fn edit(choices: &mut Choices, text: &mut String) {
    let (start, end) = (place(choices, text), place(choices, text));
    let piece = *choices.pick(&PIECES);
    match choices.below(10) {
        0..=2 => text.push_str(piece),
        3 => text.insert_str(0, piece),
        4 | 5 => text.insert_str(start, piece),
        6 => drop(text.drain(start.min(end)..start.max(end))),
        7 => text.replace_range(start.min(end)..start.max(end), piece),
        8 => *text = long(choices),
        _ => *text = text.chars().rev().collect(),
    }
}

fn place(choices: &mut Choices, text: &str) -> usize {
    let places: Vec<_> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    // More of them than a byte counts.
    places[(choices.below(256) * 256 + choices.below(256)) % places.len()]
}
