//! Limits of a patch: a short one must not make a document that exhausts the stack or the memory.

use super::pointer::{Misfit, Pointer};
use crate::document::{Node, limits};

/// How much one patch may copy, in bytes as [`extent`] counts them: each `copy` can double a document.
const MAX_COPIED: usize = 64 << 20;

/// Refuses a node that would nest too deep where it is to be.
pub(super) fn check_depth(path: &Pointer, node: &Node) -> Result<(), Misfit> {
    let fits = limits::PATCHED.checked_sub(path.len()).is_some_and(|left| node.nests_within(left));
    if fits { Ok(()) } else { Err(format!("it nests deeper than {} levels", limits::PATCHED).into()) }
}

/// How much a patch has copied.
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
