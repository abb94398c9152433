//! A value as a document: what `serde_json::to_value` does, in a smaller form.

use super::{
    fault::Fault,
    key::with_key,
    limits,
    node::{Node, Object},
    private::is_private,
    shape::Name,
    shapes::{ObjectBuilder, Shapes},
};
use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
        SerializeTupleVariant,
    },
};

/// Makes a node of a value.
pub struct Builder<'s> {
    shapes: &'s mut Shapes,
    /// How many levels may come below.
    depth: usize,
    /// Whether it is the content of an `Option`, so that null can be read back.
    optional: bool,
}

impl<'s> Builder<'s> {
    pub fn new(shapes: &'s mut Shapes, depth: usize) -> Self {
        Self { shapes, depth, optional: false }
    }

    pub fn optional(self, optional: bool) -> Self {
        Self { optional, ..self }
    }

    fn below(&self) -> Result<usize, Fault> {
        self.depth.checked_sub(1).ok_or_else(|| Fault::too_deep(limits::WRITTEN))
    }

    fn items(self, len: usize) -> Result<Items<'s>, Fault> {
        let depth = self.below()?;
        // Only so much, as the length is a hint.
        Ok(Items { shapes: self.shapes, depth, items: Vec::with_capacity(len.min(4_096)), variant: None })
    }

    fn fields(self, len: usize) -> Result<Fields<'s>, Fault> {
        let depth = self.below()?;
        let members = ObjectBuilder::with_capacity(len.min(4_096));
        Ok(Fields { shapes: self.shapes, depth, members, name: None, variant: None, private: None })
    }

    fn float(&self, number: f64, node: Node) -> Result<Node, Fault> {
        if number.is_finite() {
            Ok(node)
        } else if self.optional {
            Ok(Node::Null)
        } else {
            Err(Fault::not_finite(number))
        }
    }
}

/// The only member of an object, as an enum's variant with content is.
fn variant_of(shapes: &mut Shapes, variant: &'static str, node: Node) -> Node {
    let mut members = ObjectBuilder::with_capacity(1);
    members.insert(shapes, variant, node);
    members.finish(shapes).into()
}

/// The node of a text that is JSON already. A number that would lose digits is kept as it is.
fn node_of_json(text: &str, depth: usize) -> Result<Node, Fault> {
    // By `serde_json`, as its own `to_value` would read it.
    let node: Node = serde_json::from_str(text).map_err(Fault::new)?;
    match node {
        Node::Float(number) if zmij::Buffer::new().format_finite(number) != text => {
            Ok(Node::Number(text.trim().into()))
        }
        node if node.nests_within(depth) => Ok(node),
        _ => Err(Fault::too_deep(limits::WRITTEN)),
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty => $node:expr,)*) => {$(
        #[inline]
        fn $method(self, number: $type) -> Result<Node, Fault> {
            Ok($node(number.into()))
        }
    )*};
}

impl<'s> Serializer for Builder<'s> {
    type Ok = Node;
    type Error = Fault;
    type SerializeSeq = Items<'s>;
    type SerializeTuple = Items<'s>;
    type SerializeTupleStruct = Items<'s>;
    type SerializeTupleVariant = Items<'s>;
    type SerializeMap = Fields<'s>;
    type SerializeStruct = Fields<'s>;
    type SerializeStructVariant = Fields<'s>;

    numbers! {
        serialize_bool: bool => Node::Bool,
        serialize_i8: i8 => Node::from_i64,
        serialize_i16: i16 => Node::from_i64,
        serialize_i32: i32 => Node::from_i64,
        serialize_i64: i64 => Node::from_i64,
        serialize_u8: u8 => Node::Unsigned,
        serialize_u16: u16 => Node::Unsigned,
        serialize_u32: u32 => Node::Unsigned,
        serialize_u64: u64 => Node::Unsigned,
    }

    fn serialize_i128(self, number: i128) -> Result<Node, Fault> {
        Node::from_i128(number)
    }

    fn serialize_u128(self, number: u128) -> Result<Node, Fault> {
        Node::from_u128(number)
    }

    fn serialize_f32(self, number: f32) -> Result<Node, Fault> {
        self.float(number.into(), Node::Single(number))
    }

    fn serialize_f64(self, number: f64) -> Result<Node, Fault> {
        self.float(number, Node::Float(number))
    }

    fn serialize_char(self, char: char) -> Result<Node, Fault> {
        Ok(Node::String(char.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Node, Fault> {
        Ok(Node::String(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Node, Fault> {
        self.below()?;
        Ok(bytes.iter().map(|byte| Node::Unsigned((*byte).into())).collect::<Vec<_>>().into())
    }

    fn serialize_none(self) -> Result<Node, Fault> {
        Ok(Node::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Fault> {
        value.serialize(self.optional(true))
    }

    fn serialize_unit(self) -> Result<Node, Fault> {
        Ok(Node::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, Fault> {
        Ok(Node::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, Fault> {
        Ok(Node::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Node, Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Fault> {
        let depth = self.below()?;
        let node = value.serialize(Builder::new(self.shapes, depth)).map_err(|fault| fault.within(variant))?;
        Ok(variant_of(self.shapes, variant, node))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items<'s>, Fault> {
        self.items(len.unwrap_or_default())
    }

    fn serialize_tuple(self, len: usize) -> Result<Items<'s>, Fault> {
        self.items(len)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items<'s>, Fault> {
        self.items(len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items<'s>, Fault> {
        let inner = Builder { depth: self.below()?, ..self };
        Ok(Items { variant: Some(variant), ..inner.items(len)? })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Fields<'s>, Fault> {
        self.fields(len.unwrap_or_default())
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Fields<'s>, Fault> {
        if is_private(name) {
            // The value that it stands for is not one level further in.
            let depth = self.depth;
            let (shapes, members) = (self.shapes, ObjectBuilder::default());
            return Ok(Fields { shapes, depth, members, name: None, variant: None, private: Some(Node::Null) });
        }
        self.fields(len)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'s>, Fault> {
        let inner = Builder { depth: self.below()?, ..self };
        Ok(Fields { variant: Some(variant), ..inner.fields(len)? })
    }
}

/// A list that is being made.
pub struct Items<'s> {
    shapes: &'s mut Shapes,
    depth: usize,
    items: Vec<Node>,
    variant: Option<&'static str>,
}

impl Items<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let item = value.serialize(Builder::new(self.shapes, self.depth));
        self.items.push(item.map_err(|fault| self.place(fault))?);
        Ok(())
    }

    #[cold]
    fn place(&self, fault: Fault) -> Fault {
        let fault = fault.within(self.items.len());
        if let Some(variant) = self.variant { fault.within(variant) } else { fault }
    }

    fn finish(self) -> Node {
        let (variant, list) = (self.variant, Node::from(self.items));
        match variant {
            Some(variant) => variant_of(self.shapes, variant, list),
            None => list,
        }
    }
}

/// An object that is being made.
pub struct Fields<'s> {
    shapes: &'s mut Shapes,
    depth: usize,
    members: ObjectBuilder,
    /// The key whose value is to come.
    name: Option<String>,
    variant: Option<&'static str>,
    /// The node that a private text of `serde_json` stands for.
    private: Option<Node>,
}

impl Fields<'_> {
    fn insert<N, T>(&mut self, name: N, value: &T) -> Result<(), Fault>
    where
        N: AsRef<str> + Into<Name>,
        T: Serialize + ?Sized,
    {
        match value.serialize(Builder::new(self.shapes, self.depth)) {
            Ok(node) => {
                self.members.insert(self.shapes, name, node);
                Ok(())
            }
            Err(fault) => Err(self.place(name.as_ref(), fault)),
        }
    }

    #[cold]
    fn place(&self, name: &str, fault: Fault) -> Fault {
        let fault = fault.within(name);
        if let Some(variant) = self.variant { fault.within(variant) } else { fault }
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        if self.private.is_none() {
            return self.insert(name, value);
        }
        let depth = self.depth;
        let node = with_key(value, |text| node_of_json(text, depth))?;
        self.private = Some(node);
        Ok(())
    }

    fn finish(self) -> Node {
        if let Some(node) = self.private {
            return node;
        }
        let object: Object = self.members.finish(self.shapes);
        match self.variant {
            Some(variant) => variant_of(self.shapes, variant, object.into()),
            None => object.into(),
        }
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = Node;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.name = Some(with_key(key, |text| Ok(text.to_owned()))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let name = self.name.take().ok_or_else(|| Fault::new("a value of a map came before its key"))?;
        self.insert(name, value)
    }

    fn end(self) -> Result<Node, Fault> {
        Ok(self.finish())
    }
}

macro_rules! ends {
    ($($trait:ident for $type:ident: $method:ident by $by:ident($($argument:ident: $kind:ty),*);)*) => {$(
        impl $trait for $type<'_> {
            type Ok = Node;
            type Error = Fault;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $($argument: $kind,)* value: &T) -> Result<(), Fault> {
                self.$by($($argument,)* value)
            }

            fn end(self) -> Result<Node, Fault> {
                Ok(self.finish())
            }
        }
    )*};
}

ends! {
    SerializeSeq for Items: serialize_element by push();
    SerializeTuple for Items: serialize_element by push();
    SerializeTupleStruct for Items: serialize_field by push();
    SerializeTupleVariant for Items: serialize_field by push();
    SerializeStruct for Fields: serialize_field by field(name: &'static str);
    SerializeStructVariant for Fields: serialize_field by field(name: &'static str);
}
