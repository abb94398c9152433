//! Short texts of nodes, for messages and comparisons: with less code than all of a document takes to be written.

use super::{float::widened, node::Node, write::write_text};
use crate::error::Error;
use std::fmt;

impl Node {
    /// The text of a number; `None` for other nodes.
    pub(crate) fn number_text(&self) -> Option<String> {
        let of_float = |number| zmij::Buffer::new().format_finite(number).to_owned();
        match self {
            Self::Unsigned(number) => Some(number.to_string()),
            Self::Negative(number) => Some(number.to_string()),
            Self::Float(number) => Some(of_float(*number)),
            Self::Single(number) => Some(of_float(widened(*number))),
            Self::Number(text) => Some(text.to_string()),
            Self::Null | Self::Bool(_) | Self::String(_) | Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// The start of the node as JSON, of at least `len` bytes where there are so many, without writing all of a large one.
    pub(crate) fn start(&self, len: usize) -> String {
        let mut start = Vec::new();
        self.write_start(&mut start, len);
        String::from_utf8(start).unwrap_or_default()
    }

    /// The error that this node is no `T`.
    #[cold]
    #[must_use]
    pub fn unreadable<T>(&self, why: impl fmt::Display) -> Error {
        Error::unreadable::<T>(why, &self.start(4 * Error::QUOTED))
    }

    fn write_start(&self, start: &mut Vec<u8>, len: usize) {
        let mut separator: &[u8] = b"";
        match self {
            Self::Null => start.extend_from_slice(b"null"),
            Self::Bool(bool) => start.extend_from_slice(if *bool { b"true" } else { b"false" }),
            Self::String(text) => write_text(text, start),
            Self::Array(array) => {
                start.push(b'[');
                for item in &array.items {
                    if start.len() >= len {
                        return;
                    }
                    start.extend_from_slice(separator);
                    separator = b",";
                    item.write_start(start, len);
                }
                start.push(b']');
            }
            Self::Object(object) => {
                start.push(b'{');
                for (name, node) in object.iter() {
                    if start.len() >= len {
                        return;
                    }
                    start.extend_from_slice(separator);
                    separator = b",";
                    write_text(name, start);
                    start.push(b':');
                    node.write_start(start, len);
                }
                start.push(b'}');
            }
            number => start.extend_from_slice(number.number_text().unwrap_or_default().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_of_a_small_node_is_its_start() {
        let value = json!({ "a": [1, -1, 0.5, null, true, [], {}], "b": { "c\n": "d\"" }, "": 1e300 });
        assert_eq!(Node::from(&value).start(1_000), value.to_string());
        for number in [0.1_f32, 16_777_216.0, 7.038_531e-26, 1e30, f32::MAX, f32::MIN_POSITIVE] {
            assert_eq!(Node::Single(number).start(100), Node::Single(number).to_string());
        }
    }

    #[test]
    fn of_a_large_node_no_more_is_written_than_is_wanted() {
        let node = Node::from(&json!([vec![7; 100_000], 8]));
        assert!(node.start(100).starts_with("[[7,7,") && node.start(100).len() < 110);
    }

    #[test]
    fn a_large_document_is_quoted_by_its_start() {
        let node = Node::from(&json!({ "list": vec![7; 100_000] }));
        let error = node.unreadable::<u8>("invalid type");
        assert!(error.to_string().starts_with("the document is no `u8`: invalid type; it starts `{\"list\":[7,7,"));
        assert!(error.to_string().len() < 400);
    }
}
