//! Documents and the values of `serde_json`.

use super::{
    float::widened,
    node::{Array, Node, Object},
};
use serde_json::{Number, Value};

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => number.into(),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => Array { items: items.iter().map(Self::from).collect() }.into(),
            Value::Object(members) => {
                Self::from(members.iter().map(|(name, value)| (name.clone(), value.into())).collect::<Object>())
            }
        }
    }
}

impl From<&Number> for Node {
    fn from(number: &Number) -> Self {
        if let Some(number) = number.as_u64() {
            Self::Unsigned(number)
        } else if let Some(number) = number.as_i64() {
            Self::Negative(number)
        } else {
            number
                .as_f64()
                .filter(|float| float.is_finite())
                .map_or_else(|| Self::Number(number.to_string().into()), Self::Float)
        }
    }
}

impl From<&Node> for Value {
    fn from(node: &Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(bool) => Self::Bool(*bool),
            Node::Unsigned(number) => Self::from(*number),
            Node::Negative(number) => Self::from(*number),
            Node::Float(number) => Self::from(*number),
            Node::Single(number) => Self::from(widened(*number)),
            Node::Number(text) => text.parse().map_or(Self::Null, Self::Number),
            Node::String(text) => Self::String(text.clone()),
            Node::Array(array) => Self::Array(array.items.iter().map(Self::from).collect()),
            Node::Object(object) => {
                Self::Object(object.iter().map(|(name, node)| (name.clone().into_owned(), node.into())).collect())
            }
        }
    }
}
