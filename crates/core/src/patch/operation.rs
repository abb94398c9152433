//! Operations, read from JSON straight into nodes.

use super::pointer::{Misfit, Pointer, shortened};
use crate::{
    document::{Flaw, Json, KnownKeys, Node},
    error::Error,
};

/// One operation of a patch: those of RFC 6902, and two that change a part of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
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

/// Which part of a text is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deleted {
    Units(usize),
    Text(String),
}

/// The operations of a patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operations(pub Vec<Operation>);

impl Operations {
    /// Reads the operations of a JSON Patch.
    ///
    /// # Errors
    ///
    /// When the text is no JSON Patch.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Json::whole(text, Self::read).map_err(|flaw| Error::malformed("a patch", flaw, text))
    }

    /// Whether the patch replaces the whole document, and does nothing else: it fits any document then.
    pub fn is_root_replace(&self) -> bool {
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

impl Operations {
    /// Reads the operations of a patch, whose values share the keys of their objects.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of a patch.
    pub fn read(json: &mut Json) -> Result<Self, Flaw> {
        let (mut known, mut operations) = (KnownKeys::default(), Vec::new());
        json.items("a list of operations", &mut |json| {
            operations.push(Operation::read(json, &mut known)?);
            Ok(())
        })?;
        Ok(Self(operations))
    }
}

impl Operation {
    fn read(json: &mut Json, known: &mut KnownKeys) -> Result<Self, Flaw> {
        let mut members = OperationMembers::default();
        json.members("an operation of a JSON Patch", &mut |name, json| {
            match name {
                "op" => members.op = Some(Op::read(json)?),
                "path" => members.path = Some(Pointer::read(json)?),
                "value" if members.op.is_none_or(Op::takes_value) => members.value = Some(json.node(known)?),
                "from" => members.from = Some(json.node(known)?),
                "pos" => members.position = Some(json.node(known)?),
                "str" => members.text = Some(json.node(known)?),
                "len" => members.len = Some(json.node(known)?),
                // "OperationMembers that are not explicitly defined for the operation in question MUST be ignored."
                _ => json.skip()?,
            }
            Ok(())
        })?;
        members.into_operation().map_err(|why| json.flaw(why))
    }
}

#[derive(Clone, Copy)]
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

/// The members of an operation as they were read. Members that only some operations have are read as any value, since other
/// operations ignore them, and `op` may come last.
#[derive(Default)]
struct OperationMembers {
    op: Option<Op>,
    path: Option<Pointer>,
    from: Option<Node>,
    value: Option<Node>,
    position: Option<Node>,
    text: Option<Node>,
    len: Option<Node>,
}

impl Op {
    fn read(json: &mut Json) -> Result<Self, Flaw> {
        Ok(match &*json.string("the name of an operation")? {
            "add" => Self::Add,
            "remove" => Self::Remove,
            "replace" => Self::Replace,
            "move" => Self::Move,
            "copy" => Self::Copy,
            "test" => Self::Test,
            "str_ins" => Self::StrIns,
            "str_del" => Self::StrDel,
            other => return Err(json.flaw(format!("unknown variant `{}`", shortened(other)))),
        })
    }

    fn takes_value(self) -> bool {
        matches!(self, Self::Add | Self::Replace | Self::Test)
    }
}

impl OperationMembers {
    fn into_operation(self) -> Result<Operation, Misfit> {
        let action = match required(self.op, "op")? {
            Op::Add => Action::Add(required(self.value, "value")?),
            Op::Remove => Action::Remove,
            Op::Replace => Action::Replace(required(self.value, "value")?),
            Op::Move => Action::Move { from: pointer(self.from)? },
            Op::Copy => Action::Copy { from: pointer(self.from)? },
            Op::Test => Action::Test(required(self.value, "value")?),
            Op::StrIns => Action::InsertText { position: count(self.position, "pos")?, text: text(self.text, "str")? },
            Op::StrDel => {
                let what = match self.text {
                    Some(held) => Deleted::Text(text(Some(held), "str")?),
                    None => Deleted::Units(count(self.len, "len")?),
                };
                Action::DeleteText { position: count(self.position, "pos")?, what }
            }
        };
        Ok(Operation { path: required(self.path, "path")?, action })
    }
}

fn required<V>(member: Option<V>, name: &str) -> Result<V, Misfit> {
    member.ok_or_else(|| format!("missing field `{name}`").into())
}

fn pointer(member: Option<Node>) -> Result<Pointer, Misfit> {
    Pointer::checked(&text(member, "from")?)
}

fn text(member: Option<Node>, name: &str) -> Result<String, Misfit> {
    match required(member, name)? {
        Node::String(text) => Ok(text),
        _ => Err(format!("`{name}`: invalid type: expected a string").into()),
    }
}

fn count(member: Option<Node>, name: &str) -> Result<usize, Misfit> {
    let count = match required(member, name)? {
        Node::Unsigned(number) => usize::try_from(number).ok(),
        _ => None,
    };
    count.ok_or_else(|| format!("`{name}`: invalid value: expected a count").into())
}

/// By way of its text, as tests have patches within what they read.
#[cfg(test)]
impl<'de> serde::Deserialize<'de> for Operations {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Node::deserialize(deserializer)?.to_string();
        Json::whole(&text, Self::read).map_err(serde::de::Error::custom)
    }
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
