//! Documents from any `serde` deserializer, for documents within other types.
//!
//! Each object has keys of its own here. JSON text is better read by [`Document::parse`](super::Document::parse), which shares
//! keys among objects and takes a fifth fewer instructions.

use super::{
    Document,
    node::{Node, Object},
    number::{GIVES_TEXTS, number_of},
    private::NUMBER,
    shape::Name,
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer).map(Self::new)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
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
        Node::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
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
        let mut items: Vec<Node> = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut object = Object::default();
        while let Some(name) = access.next_key::<String>()? {
            if GIVES_TEXTS && object.len() == 0 && name == NUMBER {
                return access.next_value::<String>().map(|text| number_of(&text));
            }
            // Of a key that comes twice, the last value counts.
            object.insert(Name::Owned(name), access.next_value()?);
        }
        Ok(object.into())
    }
}
