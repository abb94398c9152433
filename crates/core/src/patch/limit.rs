//! What a short patch could make of a document, and shall not: one that exhausts the stack or the memory.

use super::{Pointer, pointer::Misfit};
use crate::document::Node;

/// How deep a document may be nested, as in `serde_json`'s parser: what is deeper could exhaust the stack.
const MAX_DEPTH: usize = 128;
/// How much one patch may copy, in bytes as [`extent`] counts them: each `copy` can double a document.
const MAX_COPIED: usize = 64 << 20;

/// Refuses a node that would nest too deep where it is to be.
pub(super) fn check_depth(path: &Pointer, node: &Node) -> Result<(), Misfit> {
    let fits = MAX_DEPTH.checked_sub(path.len()).is_some_and(|left| is_within(node, left));
    if fits { Ok(()) } else { Err(format!("it nests deeper than {MAX_DEPTH} levels").into()) }
}

fn is_within(node: &Node, left: usize) -> bool {
    match node {
        Node::Array(array) => left > 0 && array.items.iter().all(|item| is_within(item, left - 1)),
        Node::Object(object) => left > 0 && object.nodes().iter().all(|node| is_within(node, left - 1)),
        _ => true,
    }
}

/// What a patch has copied.
#[derive(Debug, Default)]
pub(super) struct Copied(usize);

impl Copied {
    /// Refuses what would be too much in all.
    pub(super) fn add(&mut self, node: &Node) -> Result<(), Misfit> {
        self.0 = self.0.saturating_add(extent(node));
        if self.0 <= MAX_COPIED { Ok(()) } else { Err("the patch copies more than 64 MiB".into()) }
    }
}

/// About how many bytes a node takes.
fn extent(node: &Node) -> usize {
    let inner = match node {
        Node::Array(array) => array.items.iter().map(extent).sum(),
        Node::Object(object) => object.iter().map(|(name, node)| name.len() + extent(node)).sum(),
        Node::String(text) => text.len(),
        Node::Number(text) => text.len(),
        Node::Null | Node::Bool(_) | Node::Unsigned(_) | Node::Negative(_) | Node::Float(_) | Node::Single(_) => 0,
    };
    size_of::<Node>() + inner
}
