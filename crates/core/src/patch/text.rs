//! Places in a text, counted in UTF-16 code units.

use crate::document::utf16_units;

/// How many bytes are looked at together.
const CHUNK: usize = 512;

/// The byte offset of a position in a text; `None` past the end, or between the two units of one character.
pub(super) fn offset(text: &str, position: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    // Each byte is one unit at most.
    let (mut units, mut start) = (0, 0);
    while start < bytes.len() {
        let chunk = &bytes[start..bytes.len().min(start + CHUNK)];
        let is_ascii = chunk.is_ascii();
        let len = if is_ascii { chunk.len() } else { utf16_units(chunk) };
        if position - units < len {
            return if is_ascii { Some(start + position - units) } else { within(text, start, position - units) };
        }
        units += len;
        start += chunk.len();
    }
    (units == position).then_some(bytes.len())
}

/// The same character by character, from the first one that begins here.
fn within(text: &str, start: usize, position: usize) -> Option<usize> {
    let start = (start..text.len()).find(|at| text.is_char_boundary(*at))?;
    let mut left = position;
    for (offset, char) in text[start..].char_indices() {
        if left == 0 {
            return Some(start + offset);
        }
        left = left.checked_sub(char.len_utf16())?;
    }
    (left == 0).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::utf16_len;

    /// Every position of texts of every kind, against a walk over their units.
    #[test]
    fn a_position_is_where_utf16_has_it() {
        let texts = ["", "a", "é", "🙂", "a🙂b", "e\u{301}\u{1F469}\u{200D}\u{1F680}", "日本語", "\u{FFFF}\u{10000}"];
        for text in texts {
            for times in [1, 2, 170] {
                check(&text.repeat(times));
                check(&format!("{}{}", "x".repeat(CHUNK - 2), text.repeat(times)));
            }
        }
    }

    fn check(text: &str) {
        assert_eq!(utf16_len(text), text.encode_utf16().count());
        let mut expected = vec![None; utf16_len(text) + 2];
        let mut at = 0;
        for (offset, char) in text.char_indices() {
            expected[at] = Some(offset);
            at += char.len_utf16();
        }
        expected[at] = Some(text.len());
        for (position, expected) in expected.into_iter().enumerate() {
            assert_eq!(offset(text, position), expected, "{position} of {} bytes", text.len());
        }
    }
}
