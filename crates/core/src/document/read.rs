//! Values read from a document by reference, as from a `&serde_json::Value`.

use super::{
    float::float,
    node::{Node, Object},
    number::is_number,
    private::RAW_VALUE,
    shape::Name,
};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error as _, Expected, MapAccess, SeqAccess, Unexpected,
        VariantAccess, Visitor,
        value::{BorrowedStrDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Error;
use std::slice;

impl Node {
    /// Reads a value of `T`.
    ///
    /// # Errors
    ///
    /// When the node is no `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(Reader { node: self, by_place: true }).or_else(|_| T::deserialize(self.reader()))
    }

    fn reader(&self) -> Reader<'_> {
        Reader { node: self, by_place: false }
    }
}

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Error> {
            self.reader().$method($($argument,)* visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    forward! {
        deserialize_any() deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_bytes() deserialize_byte_buf() deserialize_option()
        deserialize_unit() deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }
}

/// The `Deserializer` over a node.
#[derive(Clone, Copy)]
struct Reader<'de> {
    node: &'de Node,
    /// Whether a struct gets its fields without their names where an object has just these, in their order, as those formats
    /// give them that write no names. A type that takes them by their names only gives an error then, and is read again.
    by_place: bool,
}

macro_rules! deserialize_number {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.node {
                Node::Unsigned(number) => visitor.visit_u64(*number),
                Node::Negative(number) => visitor.visit_i64(*number),
                Node::Float(number) => visitor.visit_f64(*number),
                Node::Single(number) => visitor.visit_f64(f64::from(*number)),
                Node::Number(text) => visitor.visit_f64(finite(text)?),
                _ => Err(self.node.invalid_type(&visitor)),
            }
        }
    )*};
}

/// The float that a number is which nothing else can hold.
fn finite(text: &str) -> Result<f64, Error> {
    is_number(text)
        .then(|| float(text))
        .filter(|float| float.is_finite())
        .ok_or_else(|| Error::custom("number out of range"))
}

/// Whole numbers that may be longer than all others.
macro_rules! deserialize_long_number {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.node {
                Node::Number(text) => serde_json::Deserializer::from_str(text).$method(visitor),
                _ => self.deserialize_f64(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(bool) => visitor.visit_bool(*bool),
            Node::Unsigned(number) => visitor.visit_u64(*number),
            Node::Negative(number) => visitor.visit_i64(*number),
            Node::Float(number) => visitor.visit_f64(*number),
            Node::Single(number) => visitor.visit_f64(f64::from(*number)),
            Node::Number(text) => serde_json::Deserializer::from_str(text).deserialize_any(visitor),
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::Array(array) => self.visit_items(&array.items, visitor),
            Node::Object(object) => self.visit_members(object, visitor),
        }
    }

    deserialize_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    deserialize_long_number! { deserialize_i128 deserialize_u128 }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Bool(bool) => visitor.visit_bool(*bool),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::String(text) => visitor.visit_borrowed_str(text),
            Node::Array(array) => self.visit_items(&array.items, visitor),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Null => visitor.visit_unit(),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == RAW_VALUE {
            let text = serde_json::to_string(self.node)?;
            return visitor.visit_map(MapDeserializer::new(std::iter::once((RAW_VALUE, text))));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Array(array) => self.visit_items(&array.items, visitor),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Object(object) => self.visit_members(object, visitor),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.node {
            Node::Array(array) => self.visit_items(&array.items, visitor),
            Node::Object(object) => self.visit_fields(object, fields, visitor),
            _ => Err(self.node.invalid_type(&visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.node {
            Node::String(name) => visitor.visit_enum(VariantReader { name, content: None, by_place: self.by_place }),
            Node::Object(object) => match (object.shape().names(), object.nodes()) {
                ([name], [content]) => {
                    visitor.visit_enum(VariantReader { name, content: Some(content), by_place: self.by_place })
                }
                _ => Err(Error::invalid_value(Unexpected::Map, &"map with a single key")),
            },
            _ => Err(Error::invalid_type(self.node.unexpected(), &"string or map")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

impl Node {
    #[cold]
    fn invalid_type(&self, expected: &dyn Expected) -> Error {
        Error::invalid_type(self.unexpected(), expected)
    }

    #[cold]
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(bool) => Unexpected::Bool(*bool),
            Self::Unsigned(number) => Unexpected::Unsigned(*number),
            Self::Negative(number) => Unexpected::Signed(*number),
            Self::Float(number) => Unexpected::Float(*number),
            Self::Single(number) => Unexpected::Float(f64::from(*number)),
            Self::Number(_) => Unexpected::Other("number"),
            Self::String(text) => Unexpected::Str(text),
            Self::Array(_) => Unexpected::Seq,
            Self::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> Reader<'de> {
    fn at(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    #[inline]
    fn visit_items<V: Visitor<'de>>(self, items: &'de [Node], visitor: V) -> Result<V::Value, Error> {
        let mut left = ItemsAccess { items: items.iter(), reader: self };
        let value = visitor.visit_seq(&mut left)?;
        if left.items.len() == 0 {
            Ok(value)
        } else {
            Err(Error::invalid_length(items.len(), &"fewer elements in array"))
        }
    }

    #[inline]
    fn visit_members<V: Visitor<'de>>(self, object: &'de Object, visitor: V) -> Result<V::Value, Error> {
        let names = object.shape().names().iter();
        let mut left = MembersAccess { names, nodes: object.nodes().iter(), reader: self };
        let value = visitor.visit_map(&mut left)?;
        if left.names.len() == 0 {
            Ok(value)
        } else {
            Err(Error::invalid_length(object.len(), &"fewer elements in map"))
        }
    }

    #[inline]
    fn visit_fields<V: Visitor<'de>>(
        self,
        object: &'de Object,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.by_place && object.shape().has_fields(fields) {
            self.visit_items(object.nodes(), visitor)
        } else {
            self.visit_members(object, visitor)
        }
    }
}

struct ItemsAccess<'de> {
    items: slice::Iter<'de, Node>,
    reader: Reader<'de>,
}

impl<'de> SeqAccess<'de> for ItemsAccess<'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.items.next().map(|node| seed.deserialize(self.reader.at(node))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The names are one ahead of the nodes between a key and its value.
struct MembersAccess<'de> {
    names: slice::Iter<'de, Name>,
    nodes: slice::Iter<'de, Node>,
    reader: Reader<'de>,
}

impl<'de> MapAccess<'de> for MembersAccess<'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.names.next().map(|name| seed.deserialize(KeyReader(name))).transpose()
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let node = self.nodes.next().ok_or_else(|| Error::custom("value is missing"))?;
        seed.deserialize(self.reader.at(node))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.names.len())
    }
}

struct VariantReader<'de> {
    name: &'de str,
    content: Option<&'de Node>,
    by_place: bool,
}

impl<'de> EnumAccess<'de> for VariantReader<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Content<'de>), Error> {
        let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(self.name);
        let content = self.content.map(|node| Reader { node, by_place: self.by_place });
        Ok((seed.deserialize(name)?, Content(content)))
    }
}

struct Content<'de>(Option<Reader<'de>>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), <()>::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.expect(&"newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        let content = self.expect(&"tuple variant")?;
        match content.node {
            Node::Array(array) if array.items.is_empty() => visitor.visit_unit(),
            Node::Array(array) => content.visit_items(&array.items, visitor),
            other => Err(Error::invalid_type(other.unexpected(), &"tuple variant")),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let content = self.expect(&"struct variant")?;
        match content.node {
            Node::Object(object) => content.visit_fields(object, fields, visitor),
            other => Err(Error::invalid_type(other.unexpected(), &"struct variant")),
        }
    }
}

impl<'de> Content<'de> {
    fn expect(self, expected: &dyn Expected) -> Result<Reader<'de>, Error> {
        self.0.ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, expected))
    }
}

/// The key of a member: a text, but also what JSON can only write as one.
struct KeyReader<'de>(&'de str);

macro_rules! deserialize_numeric_key {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let starts = self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            // No blanks behind it either, which a parser of JSON would skip.
            if !starts || !self.0.ends_with(|last: char| last.is_ascii_digit()) {
                return Err(not_a_number());
            }
            let mut parser = serde_json::Deserializer::from_str(self.0);
            let number = parser.$method(visitor)?;
            parser.end().map_err(|_| not_a_number())?;
            Ok(number)
        }
    )*};
}

#[cold]
fn not_a_number() -> Error {
    Error::custom("invalid value: expected key to be a number in quotes")
}

impl<'de> Deserializer<'de> for KeyReader<'de> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    deserialize_numeric_key! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Error::invalid_type(Unexpected::Str(other), &visitor)),
        }
    }

    /// A key is never null.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        BorrowedStrDeserializer::new(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
