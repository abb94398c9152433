//! The edits from a document to the next value.

use super::{
    cost::difference,
    edit::{Edit, Edits},
    render::{Dialect, render},
    snapshot::{SNAPSHOT, snapshot},
};
use crate::document::Document;

/// The edits that lead from a document to the next value.
#[derive(Debug)]
pub struct Step {
    edits: Edits,
    /// How much the least length of the document grows.
    least_growth: isize,
}

impl Step {
    pub(super) fn new(edits: Edits, least_growth: isize) -> Self {
        Self { edits, least_growth }
    }

    /// The edits.
    #[inline]
    pub(super) fn into_edits(self) -> Vec<Edit> {
        self.edits.list
    }

    /// Whether the next value is the document's.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Appends the patch, or the one that replaces the document where that takes less.
    pub fn render(&self, document: &Document, dialect: Dialect, out: &mut Vec<u8>) {
        let start = out.len();
        let is_single = render(document, &self.edits, dialect, out);
        if is_single || self.is_shorter_than_a_snapshot(document, out.len() - start) {
            return;
        }
        // The lengths so far were without escapes, and those of numbers guessed.
        let mut next = document.clone();
        self.edits.clone().apply(&mut next);
        let mut replaced = Vec::new();
        snapshot(&next, &mut replaced);
        if replaced.len() < out.len() - start {
            out.truncate(start);
            out.append(&mut replaced);
        }
    }

    /// Whether a change within a text is among the edits, which RFC 6902 has no words for.
    #[inline]
    pub fn has_string_edits(&self) -> bool {
        self.edits.list.iter().any(|edit| matches!(edit, Edit::Splice { .. }))
    }

    /// Whether it replaces the whole document.
    #[must_use]
    #[inline]
    pub fn is_replacement(&self) -> bool {
        self.edits.is_replacement()
    }

    /// Makes the edits in a document, in place where nobody shares it.
    #[inline]
    pub fn apply(&mut self, document: &mut Document) {
        self.edits.apply(document);
    }

    /// Makes the edits beside a document, which stays as it is.
    pub fn apply_beside(&mut self, document: &Document) -> Document {
        let mut next = document.clone();
        self.edits.apply(&mut next);
        next
    }

    /// Whether a patch of this length is certain to take no more than a snapshot of the new document.
    fn is_shorter_than_a_snapshot(&self, document: &Document, len: usize) -> bool {
        let needed = difference(len, SNAPSHOT[0].len() + SNAPSHOT[1].len()) - self.least_growth;
        usize::try_from(needed).map_or(true, |needed| document.root().least_length(needed) >= needed)
    }
}
