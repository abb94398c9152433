//! JSON text, read step by step by callers that know what to expect.
//!
//! A reader that is not generic over what it reads takes a fraction of the code in the browser, where each type that `serde`
//! reads brings a copy: `serde_json` in its place makes a page's WebAssembly 27.5 kB larger (13.9 kB gzipped; a module that
//! reads a document, a patch and a struct, built with `opt-level = "z"`). It is no slower either: 1,000 objects of six members
//! take 7.2 million instructions, 7.6 million by `serde_json` into its `Value`, 8.9 million by `serde_json` into a document.

use super::{
    known_keys::KnownKeys,
    limits,
    node::Node,
    number::{number, number_len},
    object_parser::{KeyPlace, ObjectParser},
    write::next_escape,
};
use std::{borrow::Cow, fmt};

/// A text, and how far it is read.
pub struct Json<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// Why a text is not what it should be, and where.
#[derive(Debug)]
pub struct Flaw {
    why: Cow<'static, str>,
    /// After so many bytes.
    at: usize,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.why, self.at)
    }
}

impl<'t> Json<'t> {
    /// Reads a whole text.
    pub fn whole<V>(text: &'t str, read: impl FnOnce(&mut Self) -> Result<V, Flaw>) -> Result<V, Flaw> {
        let mut json = Self { text, at: 0, depth: 0 };
        let value = read(&mut json)?;
        match json.peek() {
            None => Ok(value),
            Some(_) => Err(json.flaw("trailing characters")),
        }
    }

    /// Reads any value, whose objects share the keys of those that were read with the same known before.
    pub fn node(&mut self, known: &mut KnownKeys) -> Result<Node, Flaw> {
        match self.peek() {
            Some(b'{') => self.object(known),
            Some(b'[') => {
                let mut items = Vec::new();
                self.items("a list", &mut |json| {
                    items.push(json.node(known)?);
                    Ok(())
                })?;
                Ok(items.into())
            }
            Some(b'"') => Ok(Node::String(self.string("a string")?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Node::Null),
            _ if self.takes("true") => Ok(Node::Bool(true)),
            _ if self.takes("false") => Ok(Node::Bool(false)),
            _ => Err(self.flaw("expected value")),
        }
    }

    fn object(&mut self, known: &mut KnownKeys) -> Result<Node, Flaw> {
        let mut members = ObjectParser::new(known);
        self.members("an object", &mut |name, json| {
            match members.key(name) {
                KeyPlace::Again(place) => {
                    let node = json.node(members.known())?;
                    members.replace(place, node);
                }
                KeyPlace::Next => {
                    let node = json.node(members.known())?;
                    members.push(node);
                }
            }
            Ok(())
        })?;
        Ok(members.into_object().into())
    }

    /// Reads an object: `each` reads the value of a name, and [skips](Self::skip) the values of names that it does not know.
    pub fn members(
        &mut self,
        what: &str,
        each: &mut dyn FnMut(&str, &mut Self) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        self.within(b'{', b'}', what, &mut |json| {
            if json.peek() != Some(b'"') {
                return Err(json.flaw("key must be a string"));
            }
            let name = json.string("a string")?;
            json.expect(b':', "expected `:`")?;
            each(&name, json)
        })
    }

    /// Reads an array: `each` reads an item.
    pub fn items(&mut self, what: &str, each: &mut dyn FnMut(&mut Self) -> Result<(), Flaw>) -> Result<(), Flaw> {
        self.within(b'[', b']', what, each)
    }

    fn within(
        &mut self,
        open: u8,
        close: u8,
        what: &str,
        each: &mut dyn FnMut(&mut Self) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        if self.peek() != Some(open) {
            return Err(self.unlike(what));
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > limits::PARSED {
            return Err(self.flaw("recursion limit exceeded"));
        }
        if self.peek() != Some(close) {
            loop {
                each(self)?;
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.depth -= 1;
        self.expect(close, if open == b'[' { "expected `,` or `]`" } else { "expected `,` or `}`" })
    }

    /// Reads a string.
    pub fn string(&mut self, what: &str) -> Result<Cow<'t, str>, Flaw> {
        if self.peek() != Some(b'"') {
            return Err(self.unlike(what));
        }
        self.at += 1;
        let plain = self.plain();
        if self.takes("\"") {
            return Ok(plain.into());
        }
        let mut text = plain.to_owned();
        loop {
            if self.takes("\"") {
                return Ok(text.into());
            }
            if !self.takes("\\") {
                let why =
                    if self.rest().is_empty() { "EOF while parsing a string" } else { "control character in a string" };
                return Err(self.flaw(why));
            }
            let escaped = self.escaped()?;
            text.push(escaped);
            text.push_str(self.plain());
        }
    }

    /// The start of the rest of a string that has no escapes.
    fn plain(&mut self) -> &'t str {
        let rest = self.rest();
        let len = next_escape(rest.as_bytes()).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn escaped(&mut self) -> Result<char, Flaw> {
        let byte = self.rest().bytes().next();
        self.at += 1;
        Ok(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = self.unit()?;
                let char = match unit {
                    0xd800..0xdc00 if self.takes("\\u") => {
                        let low = self.unit()?;
                        let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400);
                        low.and_then(|low| char::from_u32(0x1_0000 + ((unit - 0xd800) << 10 | low)))
                    }
                    _ => char::from_u32(unit),
                };
                char.ok_or_else(|| self.flaw("lone surrogate in hex escape"))?
            }
            _ => return Err(self.flaw("invalid escape")),
        })
    }

    /// One unit of UTF-16, as four digits.
    fn unit(&mut self) -> Result<u32, Flaw> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.flaw("invalid escape"))?;
        self.at += 4;
        Ok(unit)
    }

    /// Reads a whole number that is not negative.
    pub fn unsigned(&mut self) -> Result<u64, Flaw> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.unlike("u64"));
        }
        match self.number()? {
            Node::Unsigned(number) => Ok(number),
            _ => Err(self.flaw("invalid value: expected u64")),
        }
    }

    #[inline(always)]
    fn number(&mut self) -> Result<Node, Flaw> {
        let rest = self.rest();
        let (len, is_whole) = number_len(rest.as_bytes()).ok_or_else(|| self.flaw("invalid number"))?;
        let number = number(&rest[..len], is_whole).ok_or_else(|| self.flaw("number out of range"))?;
        self.at += len;
        Ok(number)
    }

    /// Reads a value that may be null.
    pub fn optional<V>(&mut self, read: impl FnOnce(&mut Self) -> Result<V, Flaw>) -> Result<Option<V>, Flaw> {
        self.peek();
        if self.takes("null") { Ok(None) } else { read(self).map(Some) }
    }

    /// Skips any value.
    pub fn skip(&mut self) -> Result<(), Flaw> {
        self.node(&mut KnownKeys::default()).map(drop)
    }

    /// The member, or an error when it is missing.
    pub fn required<V>(&self, member: Option<V>, name: &str) -> Result<V, Flaw> {
        member.ok_or_else(|| self.flaw(format!("missing field `{name}`")))
    }

    /// An error at this place.
    #[cold]
    pub fn flaw(&self, why: impl Into<Cow<'static, str>>) -> Flaw {
        Flaw { why: why.into(), at: self.at }
    }

    /// The error for a value of another type than the expected one.
    #[cold]
    fn unlike(&self, what: &str) -> Flaw {
        let found = match self.rest().bytes().next() {
            Some(b'{') => "map",
            Some(b'[') => "sequence",
            Some(b'"') => "string",
            Some(b'n') => "null",
            Some(b't' | b'f') => "boolean",
            Some(b'-' | b'0'..=b'9') => "number",
            _ => return self.flaw("expected value"),
        };
        self.flaw(format!("invalid type: {found}, expected {what}"))
    }

    fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), Flaw> {
        if self.peek() != Some(byte) {
            return Err(self.flaw(why));
        }
        self.at += 1;
        Ok(())
    }

    fn takes(&mut self, text: &str) -> bool {
        let takes = self.bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()));
        self.at += if takes { text.len() } else { 0 };
        takes
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes().get(self.at) {
            self.at += 1;
        }
        self.bytes().get(self.at).copied()
    }

    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
