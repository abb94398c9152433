//! The keys of a map as texts, as `serde_json` writes them.

use super::fault::Fault;
use serde::{Serialize, Serializer, ser::Impossible};

/// Hands the text of a key on, without an allocation for what is a text already.
pub fn with_key<K, R>(key: &K, then: impl FnOnce(&str) -> Result<R, Fault>) -> Result<R, Fault>
where
    K: Serialize + ?Sized,
{
    key.serialize(KeySerializer(then))
}

struct KeySerializer<F>(F);

macro_rules! whole_numbers {
    ($($method:ident: $type:ty,)*) => {$(
        fn $method(self, number: $type) -> Result<R, Fault> {
            (self.0)(itoa::Buffer::new().format(number))
        }
    )*};
}

macro_rules! refused {
    ($($method:ident($($argument:ty),*) $kind:literal,)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<R, Fault> {
            Err(Fault::key($kind))
        }
    )*};
}

impl<F, R> Serializer for KeySerializer<F>
where
    F: FnOnce(&str) -> Result<R, Fault>,
{
    type Ok = R;
    type Error = Fault;
    type SerializeSeq = Impossible<R, Fault>;
    type SerializeTuple = Impossible<R, Fault>;
    type SerializeTupleStruct = Impossible<R, Fault>;
    type SerializeTupleVariant = Impossible<R, Fault>;
    type SerializeMap = Impossible<R, Fault>;
    type SerializeStruct = Impossible<R, Fault>;
    type SerializeStructVariant = Impossible<R, Fault>;

    whole_numbers! {
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
    }

    refused! {
        serialize_bytes(&[u8]) "bytes",
        serialize_unit() "a unit",
        serialize_unit_struct(&'static str) "a unit",
        serialize_none() "an option",
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<R, Fault> {
        (self.0)(text)
    }

    fn serialize_bool(self, bool: bool) -> Result<R, Fault> {
        (self.0)(if bool { "true" } else { "false" })
    }

    fn serialize_char(self, char: char) -> Result<R, Fault> {
        (self.0)(char.encode_utf8(&mut [0; 4]))
    }

    fn serialize_f32(self, number: f32) -> Result<R, Fault> {
        if number.is_finite() {
            (self.0)(zmij::Buffer::new().format_finite(number))
        } else {
            Err(Fault::key("not finite"))
        }
    }

    fn serialize_f64(self, number: f64) -> Result<R, Fault> {
        if number.is_finite() {
            (self.0)(zmij::Buffer::new().format_finite(number))
        } else {
            Err(Fault::key("not finite"))
        }
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<R, Fault> {
        (self.0)(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<R, Fault> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<R, Fault> {
        Err(Fault::key("an option"))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<R, Fault> {
        Err(Fault::key("an enum with content"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Fault> {
        Err(Fault::key("a list"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Fault> {
        Err(Fault::key("a tuple"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Fault> {
        Err(Fault::key("a tuple"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Fault> {
        Err(Fault::key("an enum with content"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Fault> {
        Err(Fault::key("a map"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Fault> {
        Err(Fault::key("a struct"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Fault> {
        Err(Fault::key("an enum with content"))
    }
}
