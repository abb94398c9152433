//! Changes within a text.

use super::{
    change::Change,
    cost::{OPERATION, splice_cost},
    edit::Splice,
};
use crate::document::Node;

/// Texts up to this length are replaced: an edit would take as many bytes.
const SHORT: usize = 24;

/// The change from a held node to a text.
pub fn text_change(old: &Node, text: &str, splices: bool, prefix: usize) -> Change {
    if splices
        && text.len() > SHORT
        && let Node::String(old) = old
    {
        let splice = splice(old, text);
        if splice_cost(&splice, prefix) < OPERATION + prefix + text.len() {
            return Change::Spliced(Box::new(splice));
        }
    }
    Change::Became(Node::String(text.to_owned()))
}

/// The one change that leads from a text to another: what lies between their common start and their common end.
fn splice(old: &str, new: &str) -> Splice {
    let shorter = old.len().min(new.len());
    let mut start = common_start(old.as_bytes(), new.as_bytes());
    // The texts are equal up to here, so that this is a character boundary in both or in neither.
    while !old.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = common_end(&old.as_bytes()[start..], &new.as_bytes()[start..]).min(shorter - start);
    while !old.is_char_boundary(old.len() - end) {
        end -= 1;
    }
    Splice { start, removed: old.len() - end - start, inserted: new[start..new.len() - end].to_owned() }
}

/// How many bytes are compared at once.
const CHUNK: usize = 1_024;

fn common_start(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.chunks_exact(CHUNK).zip(b.chunks_exact(CHUNK));
    let same = CHUNK * chunks.take_while(|(a, b)| a == b).count();
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

fn common_end(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.rchunks_exact(CHUNK).zip(b.rchunks_exact(CHUNK));
    let same = CHUNK * chunks.take_while(|(a, b)| a == b).count();
    let rest = a[..a.len() - same].iter().rev().zip(b[..b.len() - same].iter().rev());
    same + rest.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_splice_leads_from_one_text_to_the_other_and_splits_no_character() {
        let long = "äb😀".repeat(1_000);
        let cases = [
            ("", ""),
            ("abc", "abc"),
            ("abc", "abcd"),
            ("abc", "ab"),
            ("aaaa", "aaa"),
            ("aXb", "aYb"),
            // These share the first three of four bytes, or the last two.
            ("😀", "😁"),
            ("a😀b", "a🤀b"),
            ("é", "è"),
            ("Ā", "ā"),
            ("ab", "ba"),
        ];
        let long_cases = [
            (long.clone(), format!("{long}x")),
            (long.clone(), format!("x{long}")),
            (long.clone(), long.replacen("b😀ä", "b😁ä", 1)),
            (long[..5_000].to_owned(), long.clone()),
        ];
        let cases = cases.map(|(old, new)| (old.to_owned(), new.to_owned()));
        for (old, new) in cases.into_iter().chain(long_cases) {
            let Splice { start, removed, inserted } = splice(&old, &new);
            let mut text = old.clone();
            text.replace_range(start..start + removed, &inserted);
            assert_eq!(text, new);
            assert!(removed + inserted.len() <= old.len() + new.len());
        }
    }
}
