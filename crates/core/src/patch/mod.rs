//! A patch onto a document: all of it or nothing.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod apply;
mod between;
mod equal;
mod limit;
mod operation;
mod pointer;
mod segment;
mod text;
mod touch;

pub use between::between;
pub use operation::{Operation, Operations};
pub use pointer::Pointer;
pub use segment::Segment;
pub use touch::{Touch, TouchKind};

use crate::{document::Document, error::Error};

impl Document {
    /// Applies a JSON Patch: all of it or nothing.
    ///
    /// Besides the operations of RFC 6902 it takes two that change a part of a text, whose positions are counted in UTF-16
    /// code units: `{"op":"str_ins","path":…,"pos":…,"str":…}` and `{"op":"str_del","path":…,"pos":…,"len":…}`.
    ///
    /// # Errors
    ///
    /// When the text is no patch ([`is_malformed`](Error::is_malformed)). When an operation does not fit, makes the document
    /// nest deeper than 128 levels, or copies too much ([`is_out_of_step`](Error::is_out_of_step)); the document is then
    /// what it was before.
    pub fn apply(&mut self, patch: &str) -> Result<(), Error> {
        self.apply_operations(Operations::parse(patch)?.0).map(drop)
    }

    /// Applies operations in order, in place where nobody shares the document, and says what they touched.
    ///
    /// # Errors
    ///
    /// When an operation does not fit, nests deeper than 128 levels, or copies more than 64 MiB in all; the document is then
    /// what it was before.
    pub fn apply_operations(&mut self, mut operations: Vec<Operation>) -> Result<Vec<Touch>, Error> {
        if operations.is_empty() { Ok(Vec::new()) } else { apply::apply(self.root_mut(), &mut operations) }
    }
}

#[cfg(test)]
mod tests;
