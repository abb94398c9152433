//! Documents as JSON, byte for byte as `serde_json` writes it.

use super::{
    float::widened,
    node::{Array, Node, Object},
    private::NUMBER,
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq, SerializeStruct},
};
use std::fmt;

impl Node {
    /// Appends the node as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Unsigned(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
            Self::Negative(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
            Self::Float(number) => out.extend_from_slice(zmij::Buffer::new().format_finite(*number).as_bytes()),
            Self::Single(number) => {
                out.extend_from_slice(zmij::Buffer::new().format_finite(widened(*number)).as_bytes())
            }
            Self::Number(text) => out.extend_from_slice(text.as_bytes()),
            Self::String(text) => write_text(text, out),
            Self::Array(array) => write_array(array, out),
            Self::Object(object) => write_object(object, out),
        }
    }
}

fn write_array(array: &Array, out: &mut Vec<u8>) {
    let mut before = b'[';
    for item in &array.items {
        out.push(before);
        item.write(out);
        before = b',';
    }
    if before == b'[' {
        out.push(b'[');
    }
    out.push(b']');
}

fn write_object(object: &Object, out: &mut Vec<u8>) {
    let mut before = b'{';
    for (name, node) in object.iter() {
        out.push(before);
        write_text(name, out);
        out.push(b':');
        node.write(out);
        before = b',';
    }
    if before == b'{' {
        out.push(b'{');
    }
    out.push(b'}');
}

/// Appends a text in quotes.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    write_escaped(text, out);
    out.push(b'"');
}

/// Appends a text as it stands within quotes.
pub fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut written = 0;
    while let Some(next) = next_escape(&bytes[written..]) {
        out.extend_from_slice(&bytes[written..written + next]);
        write_escape(bytes[written + next], out);
        written += next + 1;
    }
    out.extend_from_slice(&bytes[written..]);
}

/// The place of the first byte that needs an escape, and so does not stand as it is in a text.
#[inline]
pub(super) fn next_escape(bytes: &[u8]) -> Option<usize> {
    // Two words at once, with one question for both.
    let (pairs, rest) = bytes.as_chunks::<16>();
    for (index, pair) in pairs.iter().enumerate() {
        let pair = u128::from_le_bytes(*pair);
        #[expect(clippy::cast_possible_truncation, reason = "these are its halves")]
        let (low, high) = (escapes_in(pair as u64), escapes_in((pair >> 64) as u64));
        if low | high != 0 {
            let bits = if low != 0 { low.trailing_zeros() } else { 64 + high.trailing_zeros() };
            return Some(16 * index + bits as usize / 8);
        }
    }
    let found = rest.iter().position(|byte| (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\'))?;
    Some(bytes.len() - rest.len() + found)
}

/// The high bit of each of eight bytes that needs an escape; above the first one there may be others.
#[inline]
fn escapes_in(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit));
    let (quotes, backslashes) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
    (below(word, 0x20) | below(quotes, 1) | below(backslashes, 1)) & !word & (ONES * 0x80)
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            return out.extend_from_slice(&digits);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Appends a name as a segment of a JSON Pointer within quotes, with its slash. Returns whether the segment takes no more bytes
/// than the name does as a key.
pub fn write_segment(name: &str, out: &mut Vec<u8>) -> bool {
    out.push(b'/');
    if name.bytes().all(is_plain) {
        out.extend_from_slice(name.as_bytes());
        return true;
    }
    let escaped = name.replace('~', "~0").replace('/', "~1");
    write_escaped(&escaped, out);
    escaped.len() == name.len()
}

/// Whether a byte stands for itself in a segment within quotes.
#[inline]
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [true; 256];
        let mut control = 0;
        while control < 0x20 {
            plain[control] = false;
            control += 1;
        }
        plain[b'"' as usize] = false;
        plain[b'\\' as usize] = false;
        plain[b'~' as usize] = false;
        plain[b'/' as usize] = false;
        plain
    };
    PLAIN[usize::from(byte)]
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Driven::<false>(self).serialize(serializer)
    }
}

/// A node that drives a serializer; an exact one keeps a number that nothing else can hold as its text, under the name that
/// `serde_json` has for it.
pub struct Driven<'n, const EXACT: bool>(pub &'n Node);

impl<const EXACT: bool> Serialize for Driven<'_, EXACT> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(bool) => serializer.serialize_bool(*bool),
            Node::Unsigned(number) => serializer.serialize_u64(*number),
            Node::Negative(number) => serializer.serialize_i64(*number),
            Node::Float(number) => serializer.serialize_f64(*number),
            Node::Single(number) if EXACT => serializer.serialize_f32(*number),
            Node::Single(number) => serializer.serialize_f64(widened(*number)),
            Node::Number(text) if EXACT => {
                let mut number = serializer.serialize_struct(NUMBER, 1)?;
                number.serialize_field(NUMBER, text)?;
                number.end()
            }
            Node::Number(text) => match text.parse::<serde_json::Number>() {
                Ok(number) => number.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
            Node::String(text) => serializer.serialize_str(text),
            Node::Array(array) => {
                let mut items = serializer.serialize_seq(Some(array.items.len()))?;
                array.items.iter().try_for_each(|item| items.serialize_element(&Driven::<EXACT>(item)))?;
                items.end()
            }
            Node::Object(object) => {
                let mut members = serializer.serialize_map(Some(object.len()))?;
                object.iter().try_for_each(|(name, node)| members.serialize_entry(&**name, &Driven::<EXACT>(node)))?;
                members.end()
            }
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_byte_is_written_as_serde_json_writes_it() {
        let texts = (0..=0x7f_u8).map(|byte| format!("{}{}ü😀", "x".repeat(byte.into()), char::from(byte)));
        for text in texts.chain(["".to_owned(), "\"\\\n".repeat(40), "a".repeat(100)]) {
            let mut out = Vec::new();
            write_text(&text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn a_document_is_written_as_serde_json_writes_it() {
        let value =
            json!({ "a": [1, -1, 1.0, 1e300, -0.0, 0.1, null, true, false, [], {}], "b": { "c\n": "d\"" }, "": 0 });
        assert_eq!(Node::from(&value).to_string(), value.to_string());
        assert_eq!(serde_json::to_string(&Node::from(&value)).unwrap(), value.to_string());
    }

    #[test]
    fn an_f32_is_short_unless_it_would_be_rounded_twice() {
        for (number, text) in [(0.1_f32, "0.1"), (16_777_216.0, "16777216.0"), (7.038_531e-26, "7.038530691851209e-26")]
        {
            assert_eq!(Node::Single(number).to_string(), text);
        }
    }
}
