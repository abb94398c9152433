//! JSON Pointers, as RFC 6901 has them.

use super::segment::Segment;
use crate::{
    document::{Flaw, Json, Name, Node},
    error::Error,
};
use std::borrow::Cow;

/// A place in a document; a pointer that exists is valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer(String);

/// Why a pointer, or an operation there, does not fit the document.
pub(super) type Misfit = Cow<'static, str>;

/// One step of a pointer, with its escapes.
#[derive(Clone, Copy)]
pub(super) struct Token<'a>(&'a str);

impl Pointer {
    /// # Errors
    ///
    /// When the text is no JSON Pointer.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::new(text).map_err(|why| Error::malformed("a JSON Pointer", why, text))
    }

    /// The node that it points to, if there is one.
    pub fn find<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.tokens().find(root).ok()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.bytes().filter(|byte| *byte == b'/').count()
    }

    /// Whether it leads into what is at the other one. There is one way only to write each step, as no escape stands for a
    /// character that could stand there by itself.
    pub(super) fn leads_into(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The tokens up to the last one, and the last one; `None` at the root.
    pub(super) fn split(&self) -> Option<(Tokens<'_>, Token<'_>)> {
        self.0.rsplit_once('/').map(|(parent, last)| (Tokens(parent), Token(last)))
    }

    pub(super) fn tokens(&self) -> Tokens<'_> {
        Tokens(&self.0)
    }

    #[inline(always)]
    fn new(text: &str) -> Result<Self, &'static str> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("it does not begin with `/`");
        }
        // "`~` (%x7E) […] needs to be encoded as `~0` and `/` […] as `~1`": anything else behind a `~` is an error.
        let mut parts = text.split('~');
        parts.next();
        if !parts.all(|part| part.starts_with(['0', '1'])) {
            return Err("a `~` is followed by neither `0` nor `1`");
        }
        Ok(Self(text.to_owned()))
    }
}

/// The steps of a pointer.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    pub(super) fn find(self, root: &Node) -> Result<&Node, Misfit> {
        self.iter().try_fold(root, |node, token| match node {
            Node::Object(object) => {
                let name = token.name();
                object.get(&name).ok_or_else(|| no_member(&name))
            }
            Node::Array(array) => Ok(&array.items[token.index(array.items.len())?]),
            _ => Err(no_way(token)),
        })
    }

    pub(super) fn find_mut(self, root: &mut Node) -> Result<&mut Node, Misfit> {
        self.iter().try_fold(root, |node, token| match node {
            Node::Object(object) => {
                let name = token.name();
                object.get_mut(&name).ok_or_else(|| no_member(&name))
            }
            Node::Array(array) => {
                let index = token.index(array.items.len())?;
                Ok(&mut array.items[index])
            }
            _ => Err(no_way(token)),
        })
    }

    /// The same, and notes the way.
    pub(super) fn trace<'n>(self, root: &'n mut Node, way: &mut Vec<Segment>) -> Result<&'n mut Node, Misfit> {
        self.iter().try_fold(root, |node, token| match node {
            Node::Object(object) => {
                let name = token.name();
                let place = object.find(&name).ok_or_else(|| no_member(&name))?;
                way.push(Segment::Name(Name::Owned(name.into_owned())));
                Ok(&mut object.nodes_mut()[place])
            }
            Node::Array(array) => {
                let index = token.index(array.items.len())?;
                way.push(Segment::Index(index));
                Ok(&mut array.items[index])
            }
            _ => Err(no_way(token)),
        })
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Token<'a>> {
        self.0.split('/').skip(1).map(Token)
    }
}

impl<'a> Token<'a> {
    /// As the name of a member. "first transforming any occurrence of the sequence '~1' to '/', and then […] '~0' to '~'".
    pub(super) fn name(self) -> Cow<'a, str> {
        let Some((start, rest)) = self.0.split_once('~') else { return self.0.into() };
        let mut name = start.to_owned();
        for part in rest.split('~') {
            name.push(if part.starts_with('1') { '/' } else { '~' });
            name.push_str(part.get(1..).unwrap_or_default());
        }
        name.into()
    }

    /// As the index of an item that is there.
    pub(super) fn index(self, len: usize) -> Result<usize, Misfit> {
        self.number().filter(|index| *index < len).ok_or_else(|| self.no_item(len))
    }

    /// As the index that a new item gets; `-` is that of one at the end.
    pub(super) fn new_index(self, len: usize) -> Result<usize, Misfit> {
        if self.0 == "-" {
            return Ok(len);
        }
        self.number().filter(|index| *index <= len).ok_or_else(|| self.no_item(len))
    }

    /// Whether this step is one that a patch took.
    pub(super) fn is(self, segment: &Segment) -> bool {
        match segment {
            Segment::Name(name) => self.name() == **name,
            Segment::Index(index) => self.number() == Some(*index),
        }
    }

    /// "characters comprised of digits […] without leading zeros".
    fn number(self) -> Option<usize> {
        let is_plain = self.0.bytes().all(|byte| byte.is_ascii_digit()) && (self.0 == "0" || !self.0.starts_with('0'));
        self.0.parse().ok().filter(|_| is_plain)
    }

    #[cold]
    fn no_item(self, len: usize) -> Misfit {
        format!("`{}` is no place in an array of {len}", shortened(self.0)).into()
    }
}

#[cold]
pub(super) fn no_member(name: &str) -> Misfit {
    format!("there is no member `{}`", shortened(name)).into()
}

#[cold]
pub(super) fn no_way(token: Token<'_>) -> Misfit {
    format!("`{}` leads into what is neither an object nor an array", shortened(token.0)).into()
}

/// The start of a text from the wire.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

impl Pointer {
    pub(super) fn read(json: &mut Json) -> Result<Self, Flaw> {
        let text = json.string("a JSON Pointer")?;
        Self::checked(&text).map_err(|why| json.flaw(why))
    }

    pub(super) fn checked(text: &str) -> Result<Self, Misfit> {
        Self::new(text).map_err(|why| format!("`{}` is no JSON Pointer: {why}", shortened(text)).into())
    }
}

/// By way of their texts, as tests have them within what they read.
#[cfg(test)]
impl<'de> serde::Deserialize<'de> for Pointer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::checked(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_written_rightly_or_is_none() {
        for text in ["", "/", "/a/b", "/~0~1", "/~01", "/a//b", "/é/🙂"] {
            assert!(Pointer::new(text).is_ok(), "{text}");
        }
        for text in ["a", "a/b", "/~", "/~2", "/a~", "/~~0", "#/a", " /a"] {
            assert!(Pointer::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escapes_are_read_once() {
        let names =
            [("a", "a"), ("~0", "~"), ("~1", "/"), ("~01", "~1"), ("~00", "~0"), ("a~1b~0c", "a/b~c"), ("", "")];
        for (text, name) in names {
            assert_eq!(Token(text).name(), name);
        }
    }

    #[test]
    fn an_index_has_no_leading_zero_and_no_sign() {
        for text in ["01", "00", "-1", "+1", "1.0", "1e0", " 1", "", "-", "99999999999999999999", "٣", "4"] {
            assert!(Token(text).index(4).is_err(), "{text}");
        }
        assert_eq!((Token("0").index(4), Token("3").index(4)), (Ok(0), Ok(3)));
        assert_eq!((Token("4").new_index(4), Token("-").new_index(4)), (Ok(4), Ok(4)));
        assert!(Token("5").new_index(4).is_err());
    }
}
