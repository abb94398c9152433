//! The member by which the items of a list are told apart.

use crate::document::{Fault, Name, Node, Object, Shape, is_private, with_key};
use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeMap, SerializeStruct},
};
use std::{fmt, hash::Hash, sync::Arc};

/// The names that are looked for, the first one first.
pub const USUAL: [Name; 4] =
    [Name::Borrowed("id"), Name::Borrowed("key"), Name::Borrowed("_id"), Name::Borrowed("uuid")];

/// No place at all.
pub const NOWHERE: u32 = u32::MAX;

/// By which member the items of one list are told apart, as the first one of them says it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identity<'c>(Option<Known<'c>>);

/// Where the first item has it.
#[derive(Clone, Copy, Debug)]
struct Known<'c> {
    shape: &'c Arc<Shape>,
    place: u32,
}

/// The id of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Id<'a> {
    Text(&'a str),
    Number(i128),
}

impl<'c> Identity<'c> {
    #[inline]
    pub(super) fn of(first: &'c Object, names: &[Name]) -> Self {
        let place = |name: &Name| first.find(name).filter(|place| Id::of(&first.nodes()[*place]).is_some());
        let place = names.iter().find_map(place).and_then(|place| u32::try_from(place).ok());
        Self(place.map(|place| Known { shape: first.shape(), place }))
    }

    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The place of the id in a held item, or [`NOWHERE`].
    #[inline]
    pub(super) fn place(&self, item: &Node) -> u32 {
        match (&self.0, item) {
            (Some(known), Node::Object(object)) if Arc::ptr_eq(known.shape, object.shape()) => known.place,
            (Some(known), Node::Object(object)) => known.place_in(object),
            _ => NOWHERE,
        }
    }

    /// The id of an item.
    #[inline]
    pub(super) fn id<'a>(&self, item: &'a Node) -> Option<Id<'a>> {
        let place = self.place(item);
        let Node::Object(object) = item else { return None };
        object.nodes().get(place as usize).and_then(Id::of)
    }

    /// Whether a value has the same id as an item.
    pub(super) fn is_of<T: Serialize + ?Sized>(&self, item: &Node, value: &T) -> bool {
        let id = self.id(item);
        self.probe(value, |probed| Some(probed) == id).unwrap_or(id.is_none())
    }

    /// Calls `then` with the id of a value, without serialising the members behind it; `None` when the value has no id.
    pub(super) fn probe<T, R>(&self, value: &T, then: impl FnOnce(Id<'_>) -> R) -> Option<R>
    where
        T: Serialize + ?Sized,
    {
        let name = self.0.as_ref()?.name();
        let mut found = None;
        // It ends with an error once the identity was found.
        let _ = value.serialize(Probe { name, then: Some(then), found: &mut found });
        found
    }
}

impl<'c> Known<'c> {
    fn name(&self) -> &'c str {
        &self.shape.names()[self.place as usize]
    }

    #[cold]
    fn place_in(&self, object: &Object) -> u32 {
        object.find(self.name()).and_then(|place| u32::try_from(place).ok()).unwrap_or(NOWHERE)
    }
}

impl<'a> Id<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match node {
            Node::String(text) => Some(Self::Text(text)),
            Node::Unsigned(number) => Some(Self::Number((*number).into())),
            Node::Negative(number) => Some(Self::Number((*number).into())),
            _ => None,
        }
    }
}

/// Ends a walk: the id was found, or there is none.
#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the identity was read")
    }
}

impl std::error::Error for Stop {}

impl serde::ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Serialises an item up to its identity.
struct Probe<'p, F, R> {
    name: &'p str,
    then: Option<F>,
    found: &'p mut Option<R>,
}

impl<F: FnOnce(Id<'_>) -> R, R> Probe<'_, F, R> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        if name != self.name {
            return Ok(());
        }
        if self.then.is_some() {
            let _ = value.serialize(Scalar { then: self.then.take(), found: self.found });
        }
        Err(Stop)
    }
}

impl<F: FnOnce(Id<'_>) -> R, R> SerializeStruct for Probe<'_, F, R> {
    type Ok = ();
    type Error = Stop;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl<F: FnOnce(Id<'_>) -> R, R> SerializeMap for Probe<'_, F, R> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Stop> {
        // A map that hands over keys and values apart is not looked into.
        Err(Stop)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Stop> {
        Err(Stop)
    }

    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), Stop> {
        with_key(key, |name| Ok(self.member(name, value))).unwrap_or(Err(Stop))
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

/// Reads an identity.
struct Scalar<'p, F, R> {
    then: Option<F>,
    found: &'p mut Option<R>,
}

impl<F: FnOnce(Id<'_>) -> R, R> Scalar<'_, F, R> {
    #[inline]
    fn take(self, id: Id<'_>) -> Result<(), Stop> {
        *self.found = self.then.map(|then| then(id));
        Ok(())
    }
}

/// Values that have no id.
macro_rules! passed_over {
    ($($method:ident($($argument:ty),*) $(-> $result:ident)?;)*) => {$(
        passed_over!(@ $method($($argument),*) $($result)?);
    )*};
    (@ $method:ident($($argument:ty),*)) => {
        fn $method(self, $(_: $argument),*) -> Result<(), Stop> {
            Err(Stop)
        }
    };
    (@ $method:ident($($argument:ty),*) $result:ident) => {
        fn $method(self, $(_: $argument),*) -> Result<Self::$result, Stop> {
            Err(Stop)
        }
    };
}

impl<F: FnOnce(Id<'_>) -> R, R> Serializer for Probe<'_, F, R> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Impossible<(), Stop>;
    type SerializeTuple = Impossible<(), Stop>;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Stop>;

    passed_over! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_seq(Option<usize>) -> SerializeSeq;
        serialize_tuple(usize) -> SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Stop> {
        Err(Stop)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Stop> {
        Ok(self)
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Stop> {
        Ok(self)
    }
}

macro_rules! whole_numbers {
    ($($method:ident: $type:ty;)*) => {$(
        #[inline]
        fn $method(self, number: $type) -> Result<(), Stop> {
            self.take(Id::Number(number.into()))
        }
    )*};
}

impl<F: FnOnce(Id<'_>) -> R, R> SerializeStruct for Scalar<'_, F, R> {
    type Ok = ();
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Stop> {
        let Some(then) = self.then.take() else { return Err(Stop) };
        let number = with_key(value, |text| text.parse().map_err(Fault::new));
        number
            .map_err(|_| Stop)
            .and_then(|number| Scalar { then: Some(then), found: self.found }.take(Id::Number(number)))
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl<F: FnOnce(Id<'_>) -> R, R> Serializer for Scalar<'_, F, R> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Impossible<(), Stop>;
    type SerializeTuple = Impossible<(), Stop>;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Impossible<(), Stop>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Stop>;

    whole_numbers! {
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
    }

    passed_over! {
        serialize_bool(bool);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_seq(Option<usize>) -> SerializeSeq;
        serialize_tuple(usize) -> SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_map(Option<usize>) -> SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }

    /// A number as its text.
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self, Stop> {
        if is_private(name) { Ok(self) } else { Err(Stop) }
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Stop> {
        self.take(Id::Text(text))
    }

    fn serialize_char(self, char: char) -> Result<(), Stop> {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stop> {
        self.serialize_str(variant)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Stop> {
        Err(Stop)
    }
}
