//! The change from a held node to a value, and its place.

use super::edit::Splice;
use crate::document::{Fault, Node};

/// The change from a held node to a value.
#[derive(Debug)]
pub enum Change {
    /// The value is the node's.
    Same,
    /// The value is another node.
    Became(Node),
    /// The value is another text, by a change within it.
    Spliced(Box<Splice>),
    /// The value has changed within: its edits begin at this place.
    Edited(usize),
}

/// `None` when nothing has changed; or else the result itself.
#[inline]
pub fn unless_same(found: Result<Change, Fault>) -> Option<Result<Change, Fault>> {
    if matches!(found, Ok(Change::Same)) {
        // `Same` has nothing to drop, which the compiler does not see by itself.
        std::mem::forget(found);
        None
    } else {
        Some(found)
    }
}

/// Where something stands in a document.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The length of its path.
    pub prefix: u32,
    /// How many levels there may be.
    pub depth: u32,
}

impl Site {
    /// Further in, by a segment of so many bytes.
    #[inline]
    pub fn within(self, segment: usize) -> Self {
        // A path beyond 4 GiB is not worth an exact sum.
        #[expect(clippy::cast_possible_truncation)]
        let segment = segment as u32;
        Self { prefix: self.prefix.wrapping_add(1).wrapping_add(segment), ..self }
    }
}
