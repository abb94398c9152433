//! The walk over a value, in step with the node that is held of it: true recursion over objects (`object`) and lists (`list`).

mod align;
mod list;
mod object;

use super::{
    change::{Change, Site},
    identity::NOWHERE,
    text::text_change,
    walk::Walk,
};
use crate::document::{Driven, Fault, Node, is_private, limits};
use list::ListWalk;
use object::ObjectWalk;
use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeStructVariant, SerializeTupleVariant},
};

/// Compares a value with a node while it is serialised; builds nodes only for the parts that changed.
pub struct Compare<'c> {
    pub walk: &'c mut Walk,
    pub old: &'c Node,
    pub site: Site,
    /// The place of the member by which an item is told apart: when it differs, this is another item.
    pub identity: u32,
    /// Whether it is the content of an `Option`, so that null can be read back.
    pub optional: bool,
}

impl<'c> Compare<'c> {
    #[inline]
    pub fn new(walk: &'c mut Walk, old: &'c Node, site: Site) -> Self {
        Self { walk, old, site, identity: NOWHERE, optional: false }
    }

    #[inline]
    fn leaf(self, is_same: bool, node: impl FnOnce() -> Node) -> Result<Change, Fault> {
        if is_same {
            Ok(Change::Same)
        } else if self.walk.strict {
            Err(Fault::AnotherItem)
        } else {
            Ok(Change::Became(node()))
        }
    }

    #[inline]
    fn signed(self, number: i64) -> Result<Change, Fault> {
        let is_same = match self.old {
            Node::Unsigned(old) => number >= 0 && *old == number.cast_unsigned(),
            Node::Negative(old) => *old == number,
            _ => false,
        };
        self.leaf(is_same, || Node::from_i64(number))
    }

    #[inline]
    fn unsigned(self, number: u64) -> Result<Change, Fault> {
        let is_same = matches!(self.old, Node::Unsigned(old) if *old == number);
        self.leaf(is_same, || Node::Unsigned(number))
    }

    #[inline]
    fn null(self) -> Result<Change, Fault> {
        let is_same = matches!(self.old, Node::Null);
        self.leaf(is_same, || Node::Null)
    }

    #[inline]
    fn object(self) -> Result<ObjectWalk<'c>, Fault> {
        match self.old {
            Node::Object(object) => ObjectWalk::open(self, object),
            _ => Err(other(self.walk)),
        }
    }

    #[inline]
    fn list(self, positional: bool) -> Result<ListWalk<'c>, Fault> {
        match self.old {
            Node::Array(array) => ListWalk::open(self, &array.items, positional),
            _ => Err(other(self.walk)),
        }
    }

    /// The content of an enum's variant, which is the only member of an object.
    fn content(self, variant: &str) -> Result<Self, Fault> {
        let old = match self.old {
            Node::Object(object) if object.len() == 1 && object.shape().is_at(0, variant) => &object.nodes()[0],
            _ => return Err(other(self.walk)),
        };
        let Some(depth) = self.site.depth.checked_sub(1) else { return Err(Fault::too_deep(limits::WRITTEN)) };
        let site = Site { depth, ..self.site.within(variant.len()) };
        Ok(Compare::new(self.walk, old, site))
    }
}

// Rare paths take the fields one by one, so that a `Compare` stays in registers.

#[cold]
fn not_finite(number: f64, optional: bool, old: &Node, strict: bool) -> Result<Change, Fault> {
    match old {
        _ if !optional => Err(Fault::not_finite(number)),
        Node::Null => Ok(Change::Same),
        _ if strict => Err(Fault::AnotherItem),
        _ => Ok(Change::Became(Node::Null)),
    }
}

#[cold]
fn other_text(walk: &Walk, old: &Node, text: &str, site: Site) -> Result<Change, Fault> {
    if walk.strict {
        return Err(Fault::AnotherItem);
    }
    Ok(text_change(old, text, walk.splices, site.prefix as usize))
}

/// The fault for a value of another kind than the held node.
#[cold]
fn other(walk: &Walk) -> Fault {
    if walk.strict { Fault::AnotherItem } else { Fault::Whole }
}

/// The change from a held node to another node.
pub fn node_change(walk: &mut Walk, old: &Node, node: Node, site: Site) -> Result<Change, Fault> {
    if !matches!(node, Node::Array(_) | Node::Object(_) | Node::String(_)) {
        return Ok(if *old == node { Change::Same } else { Change::Became(node) });
    }
    match Driven::<true>(&node).serialize(Compare::new(walk, old, site)) {
        Err(Fault::Rebuild) if *old == node => Ok(Change::Same),
        Err(Fault::Whole | Fault::Rebuild) => Ok(Change::Became(node)),
        change => change,
    }
}

/// The content of an enum's variant.
pub struct InVariant<W> {
    walk: W,
    variant: &'static str,
}

impl<'c> Serializer for Compare<'c> {
    type Ok = Change;
    type Error = Fault;
    type SerializeSeq = ListWalk<'c>;
    type SerializeTuple = ListWalk<'c>;
    type SerializeTupleStruct = ListWalk<'c>;
    type SerializeTupleVariant = InVariant<ListWalk<'c>>;
    type SerializeMap = ObjectWalk<'c>;
    type SerializeStruct = ObjectWalk<'c>;
    type SerializeStructVariant = InVariant<ObjectWalk<'c>>;

    #[inline]
    fn serialize_bool(self, bool: bool) -> Result<Change, Fault> {
        let is_same = matches!(self.old, Node::Bool(old) if *old == bool);
        self.leaf(is_same, || Node::Bool(bool))
    }

    #[inline]
    fn serialize_i8(self, number: i8) -> Result<Change, Fault> {
        self.signed(number.into())
    }

    #[inline]
    fn serialize_i16(self, number: i16) -> Result<Change, Fault> {
        self.signed(number.into())
    }

    #[inline]
    fn serialize_i32(self, number: i32) -> Result<Change, Fault> {
        self.signed(number.into())
    }

    #[inline]
    fn serialize_i64(self, number: i64) -> Result<Change, Fault> {
        self.signed(number)
    }

    #[inline]
    fn serialize_u8(self, number: u8) -> Result<Change, Fault> {
        self.unsigned(number.into())
    }

    #[inline]
    fn serialize_u16(self, number: u16) -> Result<Change, Fault> {
        self.unsigned(number.into())
    }

    #[inline]
    fn serialize_u32(self, number: u32) -> Result<Change, Fault> {
        self.unsigned(number.into())
    }

    #[inline]
    fn serialize_u64(self, number: u64) -> Result<Change, Fault> {
        self.unsigned(number)
    }

    fn serialize_i128(self, number: i128) -> Result<Change, Fault> {
        let node = Node::from_i128(number)?;
        let is_same = *self.old == node;
        self.leaf(is_same, || node)
    }

    fn serialize_u128(self, number: u128) -> Result<Change, Fault> {
        let node = Node::from_u128(number)?;
        let is_same = *self.old == node;
        self.leaf(is_same, || node)
    }

    #[inline]
    fn serialize_f32(self, number: f32) -> Result<Change, Fault> {
        let is_same = matches!(self.old, Node::Single(old) if old.to_bits() == number.to_bits());
        if !is_same && !number.is_finite() {
            return not_finite(number.into(), self.optional, self.old, self.walk.strict);
        }
        self.leaf(is_same, || Node::Single(number))
    }

    #[inline]
    fn serialize_f64(self, number: f64) -> Result<Change, Fault> {
        let is_same = matches!(self.old, Node::Float(old) if old.to_bits() == number.to_bits());
        if !is_same && !number.is_finite() {
            return not_finite(number, self.optional, self.old, self.walk.strict);
        }
        self.leaf(is_same, || Node::Float(number))
    }

    fn serialize_char(self, char: char) -> Result<Change, Fault> {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<Change, Fault> {
        match self.old {
            Node::String(old) if old == text => Ok(Change::Same),
            _ => other_text(self.walk, self.old, text, self.site),
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Change, Fault> {
        let mut list = self.list(false)?;
        bytes.iter().try_for_each(|byte| list.serialize_element(byte))?;
        SerializeSeq::end(list)
    }

    #[inline]
    fn serialize_none(self) -> Result<Change, Fault> {
        self.null()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Change, Fault> {
        value.serialize(Compare { optional: true, ..self })
    }

    #[inline]
    fn serialize_unit(self) -> Result<Change, Fault> {
        self.null()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Change, Fault> {
        self.null()
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Change, Fault> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Change, Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Change, Fault> {
        let mut object = self.object()?;
        object.field(variant, Some(variant), value)?;
        object.finish()
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<ListWalk<'c>, Fault> {
        self.list(false)
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<ListWalk<'c>, Fault> {
        self.list(true)
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<ListWalk<'c>, Fault> {
        self.list(true)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<InVariant<ListWalk<'c>>, Fault> {
        Ok(InVariant { walk: self.content(variant)?.list(true)?, variant })
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<ObjectWalk<'c>, Fault> {
        self.object()
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<ObjectWalk<'c>, Fault> {
        if is_private(name) {
            // Not yet another item: its text may say the same.
            return Err(Fault::Rebuild);
        }
        self.object()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<InVariant<ObjectWalk<'c>>, Fault> {
        Ok(InVariant { walk: self.content(variant)?.object()?, variant })
    }
}

impl SerializeTupleVariant for InVariant<ListWalk<'_>> {
    type Ok = Change;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.walk.item(value).map_err(|fault| fault.within(self.variant))
    }

    fn end(self) -> Result<Change, Fault> {
        self.walk.finish_variant()
    }
}

impl SerializeStructVariant for InVariant<ObjectWalk<'_>> {
    type Ok = Change;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.walk.field(name, Some(name), value).map_err(|fault| fault.within(self.variant))
    }

    fn end(self) -> Result<Change, Fault> {
        self.walk.finish_variant()
    }
}
