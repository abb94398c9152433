//! Operations, read from JSON straight into nodes.

use super::Pointer;
use crate::document::{KnownKeys, Node, NodeSeed};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// One operation of a patch: those of RFC 6902, and two that change a part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(super) path: Pointer,
    pub(super) action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Add(Node),
    Remove,
    Replace(Node),
    Move {
        from: Pointer,
    },
    Copy {
        from: Pointer,
    },
    Test(Node),
    /// Positions and lengths are in UTF-16 code units, as in JavaScript.
    InsertText {
        position: usize,
        text: String,
    },
    DeleteText {
        position: usize,
        what: Deleted,
    },
}

/// What of a text is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deleted {
    Units(usize),
    Text(String),
}

/// The operations of a patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Operations(pub(crate) Vec<Operation>);

impl Operations {
    /// Reads the operations of a JSON Patch.
    ///
    /// # Errors
    ///
    /// When the text is none.
    pub(crate) fn parse(text: &str) -> Result<Self, crate::Error> {
        serde_json::from_str(text).map_err(|error| crate::Error::malformed("a patch", error, text))
    }

    /// Whether the patch replaces the whole document, and does nothing else: it fits any document then.
    pub(crate) fn is_root_replace(&self) -> bool {
        matches!(self.0.as_slice(), [Operation { path, action: Action::Replace(_) }] if path.is_root())
    }
}

impl Action {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove => "remove",
            Self::Replace(_) => "replace",
            Self::Move { .. } => "move",
            Self::Copy { .. } => "copy",
            Self::Test(_) => "test",
            Self::InsertText { .. } => "str_ins",
            Self::DeleteText { .. } => "str_del",
        }
    }
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor).map(Self)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<Operation>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of operations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<Operation>, A::Error> {
        let mut known = KnownKeys::default();
        let mut operations = Vec::new();
        while let Some(operation) = access.next_element_seed(OperationSeed(&mut known))? {
            operations.push(operation);
        }
        Ok(operations)
    }
}

/// The values of a patch share the keys of their objects.
struct OperationSeed<'a>(&'a mut KnownKeys);

impl<'de> DeserializeSeed<'de> for OperationSeed<'_> {
    type Value = Operation;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Operation, D::Error> {
        deserializer.deserialize_map(self)
    }
}

/// "Members that are not explicitly defined for the operation in question MUST be ignored."
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Op,
    Path,
    From,
    Value,
    Pos,
    Str,
    Len,
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(variant_identifier, rename_all = "snake_case")]
enum Op {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
    StrIns,
    StrDel,
}

/// What was read of an operation. What only some have is read as any value, as it has no meaning for the others, and `op` may
/// come last.
#[derive(Default)]
struct Members {
    op: Option<Op>,
    path: Option<Pointer>,
    from: Option<Node>,
    value: Option<Node>,
    position: Option<Node>,
    text: Option<Node>,
    len: Option<Node>,
}

impl<'de> Visitor<'de> for OperationSeed<'_> {
    type Value = Operation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an operation of a JSON Patch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Operation, A::Error> {
        let mut members = Members::default();
        while let Some(member) = access.next_key()? {
            match member {
                Member::Op => members.op = Some(access.next_value()?),
                Member::Path => members.path = Some(access.next_value()?),
                Member::Value if members.op.is_none_or(Op::takes_value) => {
                    members.value = Some(access.next_value_seed(NodeSeed(self.0))?);
                }
                Member::From => members.from = Some(access.next_value()?),
                Member::Pos => members.position = Some(access.next_value()?),
                Member::Str => members.text = Some(access.next_value()?),
                Member::Len => members.len = Some(access.next_value()?),
                Member::Value | Member::Other => drop(access.next_value::<IgnoredAny>()?),
            }
        }
        members.into_operation()
    }
}

impl Op {
    fn takes_value(self) -> bool {
        matches!(self, Self::Add | Self::Replace | Self::Test)
    }
}

impl Members {
    fn into_operation<E: Error>(self) -> Result<Operation, E> {
        let action = match required(self.op, "op")? {
            Op::Add => Action::Add(required(self.value, "value")?),
            Op::Remove => Action::Remove,
            Op::Replace => Action::Replace(required(self.value, "value")?),
            Op::Move => Action::Move { from: read(self.from, "from")? },
            Op::Copy => Action::Copy { from: read(self.from, "from")? },
            Op::Test => Action::Test(required(self.value, "value")?),
            Op::StrIns => Action::InsertText { position: read(self.position, "pos")?, text: read(self.text, "str")? },
            Op::StrDel => {
                let what = match self.text {
                    Some(text) => Deleted::Text(read(Some(text), "str")?),
                    None => Deleted::Units(read(self.len, "len")?),
                };
                Action::DeleteText { position: read(self.position, "pos")?, what }
            }
        };
        Ok(Operation { path: required(self.path, "path")?, action })
    }
}

fn required<V, E: Error>(member: Option<V>, name: &'static str) -> Result<V, E> {
    member.ok_or_else(|| E::missing_field(name))
}

fn read<V: DeserializeOwned, E: Error>(member: Option<Node>, name: &'static str) -> Result<V, E> {
    required(member, name)?.read().map_err(|error| E::custom(format_args!("`{name}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_operation_says_what_is_wrong() {
        let cases = [
            (r#"{"path":"/a","value":1}"#, "missing field `op`"),
            (r#"{"op":"add","value":1}"#, "missing field `path`"),
            (r#"{"op":"add","path":"/a"}"#, "missing field `value`"),
            (r#"{"op":"replace","path":"/a"}"#, "missing field `value`"),
            (r#"{"op":"test","path":"/a"}"#, "missing field `value`"),
            (r#"{"op":"move","path":"/a"}"#, "missing field `from`"),
            (r#"{"op":"copy","path":"/a"}"#, "missing field `from`"),
            (r#"{"op":"str_ins","path":"/a","str":"b"}"#, "missing field `pos`"),
            (r#"{"op":"str_ins","path":"/a","pos":0}"#, "missing field `str`"),
            (r#"{"op":"str_del","path":"/a","pos":0}"#, "missing field `len`"),
            (r#"{"op":"str_del","path":"/a","pos":-1,"len":1}"#, "invalid value"),
            (r#"{"op":"explode","path":"/a"}"#, "unknown variant `explode`"),
            (r#"{"op":null,"path":"/a"}"#, "invalid type: null"),
            (r#"{"op":"remove","path":null}"#, "expected a JSON Pointer"),
            (r#"{"op":"remove","path":"a"}"#, "`a` is no JSON Pointer: it does not begin with `/`"),
            (r#"{"op":"remove","path":"/~2"}"#, "neither `0` nor `1`"),
            (r#"{"op":"copy","from":"/~","path":""}"#, "neither `0` nor `1`"),
            ("[]", "expected an operation of a JSON Patch"),
            ("7", "expected an operation of a JSON Patch"),
        ];
        for (text, why) in cases {
            let error = serde_json::from_str::<Operations>(&format!("[{text}]")).unwrap_err();
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
        let error = serde_json::from_str::<Operations>("{}").unwrap_err();
        assert!(error.to_string().contains("expected a list of operations"), "{error}");
    }

    #[test]
    fn members_come_in_any_order_and_unknown_ones_do_not_count() {
        let pairs = [
            (r#"{"op":"add","path":"/a","value":null}"#, r#"{"value":null,"x":{"op":[]},"path":"/a","op":"add"}"#),
            (r#"{"op":"remove","path":"/a"}"#, r#"{"from":"/b","path":"/a","op":"remove","value":{"a":[1]},"pos":1}"#),
            (
                r#"{"op":"remove","path":"/a"}"#,
                r#"{"from":7,"pos":"x","len":-1,"str":{},"path":"/a","value":1,"op":"remove"}"#,
            ),
            (r#"{"op":"move","from":"/a","path":"/b"}"#, r#"{"path":"/b","from":"/a","op":"move"}"#),
            (
                r#"{"op":"str_del","path":"/a","pos":1,"str":"b"}"#,
                r#"{"str":"b","len":1,"pos":1,"path":"/a","op":"str_del"}"#,
            ),
        ];
        for (one, other) in pairs {
            let read = |text: &str| serde_json::from_str::<Operations>(&format!("[{text}]")).unwrap();
            assert_eq!(read(one), read(other), "{other}");
        }
    }
}
