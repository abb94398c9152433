//! Numbers, from their texts.

use super::{float::float, node::Node};

/// Whether `serde_json` keeps numbers as texts, which its feature `arbitrary_precision` decides, that any crate of an app may
/// turn on. It then hands over numbers as objects with a private name, which only then mean a number: else a sender chose the
/// name.
///
/// No API says so at compile time, hence the size. `tests/arbitrary_precision` fails if that stops to tell.
pub const GIVES_TEXTS: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// The node of a number as JSON writes it; `is_whole` when it has neither a fraction nor an exponent. `None` when it is too
/// large for a float.
#[inline]
pub fn number(text: &str, is_whole: bool) -> Option<Node> {
    if GIVES_TEXTS {
        return Some(number_of(text));
    }
    let whole = if is_whole { whole_number(text) } else { None };
    whole.or_else(|| Some(float(text)).filter(|float| float.is_finite()).map(Node::Float))
}

/// The node of a number's text: it keeps the text where no number would give the same text again.
pub fn number_of(text: &str) -> Node {
    let is_its_text = |float: &f64| float.is_finite() && zmij::Buffer::new().format_finite(*float) == text;
    // The text may come from a sender who only uses the name.
    let float = is_number(text).then(|| float(text)).filter(is_its_text);
    let number = whole_number(text).or(float.map(Node::Float));
    number.unwrap_or_else(|| Node::Number(text.into()))
}

fn whole_number(text: &str) -> Option<Node> {
    if let Ok(number) = text.parse() {
        return Some(Node::Unsigned(number));
    }
    text.parse().ok().filter(|_| text != "-0").map(Node::from_i64)
}

/// Whether a text is a JSON number.
pub fn is_number(text: &str) -> bool {
    number_len(text.as_bytes()).is_some_and(|(len, _)| len == text.len())
}

/// The length of the number that a text starts with, and whether it has neither a fraction nor an exponent. `None` when it is
/// not written as JSON requires.
pub fn number_len(text: &[u8]) -> Option<(usize, bool)> {
    let digits = |from: usize| {
        let digits = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (digits > 0).then_some(from + digits)
    };
    let start = usize::from(text.first() == Some(&b'-'));
    let mut end = digits(start)?;
    if text[start] == b'0' && end > start + 1 {
        return None;
    }
    let whole = end;
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let has_sign = matches!(text.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(has_sign))?;
    }
    Some((end, end == whole))
}
