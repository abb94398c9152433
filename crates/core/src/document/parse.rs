//! Documents from JSON text, in which objects with the same keys share them.

use super::{
    Document,
    float::float,
    json::is_number,
    known_keys::KnownKeys,
    node::Node,
    object::{Name, Object, Shape},
    shapes::LARGEST,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use std::{fmt, sync::Arc};

/// The name by which `serde_json` gives a number's text, when its feature `arbitrary_precision` is on.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer).map(Self::new)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NodeSeed(&mut KnownKeys::default()).deserialize(deserializer)
    }
}

/// Reads a node whose objects share the keys of those that were read with the same known before.
pub struct NodeSeed<'a>(pub &'a mut KnownKeys);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Node, E> {
        Ok(Node::Bool(bool))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Unsigned(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::from_i64(number))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Node, E> {
        Ok(u64::try_from(number).map_or_else(|_| Node::Number(number.to_string().into()), Node::Unsigned))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Node, E> {
        Ok(i64::try_from(number).map_or_else(|_| number_of(&number.to_string()), Node::from_i64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        if number.is_finite() { Ok(Node::Float(number)) } else { Err(E::custom("a number that JSON does not have")) }
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(NodeSeed(self.0))? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut members = Members::new(self.0);
        while let Some(place) = access.next_key_seed(KeySeed(&mut members))? {
            match place {
                Place::Next => {
                    let node = access.next_value_seed(NodeSeed(members.known))?;
                    members.push(node);
                }
                Place::Again(place) => members.nodes[place] = access.next_value_seed(NodeSeed(members.known))?,
                Place::Number => return access.next_value::<String>().map(|text| number_of(&text)),
            }
        }
        Ok(members.into_object().into())
    }
}

/// The members of an object that is being read.
pub(super) struct Members<'a> {
    known: &'a mut KnownKeys,
    /// The first and the last key, while all are known ones.
    first: Option<u32>,
    last: Option<u32>,
    /// Else its own keys.
    own: Option<Own>,
    nodes: Vec<Node>,
}

struct Own {
    shape: Shape,
    /// Whether each key so far is greater than the one before, so that a greater one is new.
    is_sorted: bool,
}

/// Where a node goes.
pub(super) enum Place {
    Next,
    /// To a key that was there before: the last one counts.
    Again(usize),
    /// Nowhere: it is the text of a number.
    Number,
}

impl<'a> Members<'a> {
    pub(super) fn new(known: &'a mut KnownKeys) -> Self {
        Self { known, first: None, last: None, own: None, nodes: Vec::new() }
    }

    /// Takes the next key.
    #[inline]
    pub(super) fn key(&mut self, name: &str) -> Place {
        if self.own.is_none() {
            if self.nodes.len() < LARGEST
                && let Some(step) = self.known.find(self.last, name)
            {
                self.step(step);
                return Place::Next;
            }
            return self.new_key(name);
        }
        self.own_key(name)
    }

    #[inline]
    fn step(&mut self, step: u32) {
        if self.first.is_none() {
            self.first = Some(step);
            self.nodes.reserve_exact(self.known.len_after(step));
        }
        self.last = Some(step);
    }

    fn new_key(&mut self, name: &str) -> Place {
        let len = self.nodes.len();
        if let Some(place) = self.known.place(self.last, len, name) {
            return Place::Again(place);
        }
        if len < LARGEST
            && let Some(step) = self.known.add(self.last, name)
        {
            self.step(step);
            return Place::Next;
        }
        let names = self.known.names(self.last, len);
        let is_sorted = names.is_sorted();
        self.own = Some(Own { shape: Shape::new(names), is_sorted });
        self.own_key(name)
    }

    fn own_key(&mut self, name: &str) -> Place {
        let Some(own) = &mut self.own else { return self.new_key(name) };
        own.is_sorted = own.is_sorted && own.shape.names().last().is_none_or(|last| **last < *name);
        if !own.is_sorted
            && let Some(place) = own.shape.find(name)
        {
            return Place::Again(place);
        }
        own.shape.push(Name::Owned(name.to_owned()));
        Place::Next
    }

    pub(super) fn known(&mut self) -> &mut KnownKeys {
        self.known
    }

    /// Puts a node in place of the one that was read before.
    pub(super) fn replace(&mut self, place: usize, node: Node) {
        self.nodes[place] = node;
    }

    #[inline]
    pub(super) fn push(&mut self, node: Node) {
        self.nodes.push(node);
    }

    pub(super) fn into_object(self) -> Object {
        let len = self.nodes.len();
        if let Some(first) = self.first {
            self.known.set_len_after(first, len);
        }
        match (self.own, self.last) {
            (Some(own), _) => Object::new(Arc::new(own.shape), self.nodes),
            (None, Some(last)) => Object::new(self.known.shape(last, len), self.nodes),
            (None, None) => Object::default(),
        }
    }
}

struct KeySeed<'m, 'a>(&'m mut Members<'a>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_, '_> {
    type Value = Place;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Place, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_, '_> {
    type Value = Place;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string key")
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<Place, E> {
        let is_number = GIVES_TEXTS && self.0.nodes.is_empty() && name == NUMBER;
        Ok(if is_number { Place::Number } else { self.0.key(name) })
    }
}

/// Whether `serde_json` keeps numbers as texts, and gives them as objects with their text, which its feature
/// `arbitrary_precision` decides, that any other crate may turn on. Only then has that object a meaning of its own; else it is
/// what somebody sent.
const GIVES_TEXTS: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// The node of a number as it stands in JSON, with whether it is written as a whole one; none when it is too large for a float.
pub(super) fn number(text: &str, is_whole: bool) -> Option<Node> {
    if GIVES_TEXTS {
        return Some(number_of(text));
    }
    let whole = if is_whole { whole_number(text) } else { None };
    whole.or_else(|| Some(float(text)).filter(|float| float.is_finite()).map(Node::Float))
}

/// The node of a number's text: as a text, where it cannot be had again from a number.
fn number_of(text: &str) -> Node {
    let is_its_text = |float: &f64| float.is_finite() && zmij::Buffer::new().format_finite(*float) == text;
    // It may be that of somebody who only uses the name.
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

#[cfg(test)]
mod tests;
