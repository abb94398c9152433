//! From one value to the next: a patch.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod align;
mod compare;
mod differ;
mod edit;
mod identity;
mod list;
mod moves;
mod object;
mod places;
mod render;
mod text;
mod walk;

use crate::{
    Error,
    document::{Document, Fault, MAX_DEPTH},
};
use compare::Compare;
pub use differ::Differ;
use edit::{Edit, Edits};
pub use render::Dialect;
use render::render;
pub use walk::Walk;
use walk::{Change, Site, difference};

/// What leads from a document to the next value.
#[derive(Debug)]
pub struct Step {
    pub(crate) edits: Edits,
    /// How much the least length of the document grows.
    least_growth: isize,
}

impl Step {
    /// Whether the next value is the document's.
    #[must_use]
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
    pub fn has_string_edits(&self) -> bool {
        self.edits.list.iter().any(|edit| matches!(edit, Edit::Splice { .. }))
    }

    /// Whether it replaces the whole document.
    #[must_use]
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

    /// Whether a patch of this length surely takes no more than a snapshot of the new document.
    fn is_shorter_than_a_snapshot(&self, document: &Document, len: usize) -> bool {
        let needed = difference(len, SNAPSHOT[0].len() + SNAPSHOT[1].len()) - self.least_growth;
        usize::try_from(needed).map_or(true, |needed| document.root().least_length(needed) >= needed)
    }
}

/// Compares a value with a document, which stays as it is.
///
/// # Errors
///
/// When the value cannot be written as JSON.
pub fn advance<T: serde::Serialize + ?Sized>(walk: &mut Walk, document: &Document, value: &T) -> Result<Step, Error> {
    walk.clear();
    let root = Site { prefix: 0, depth: MAX_DEPTH as u32 };
    let change = match value.serialize(Compare::new(walk, document.root(), root)) {
        // Whatever it says: a `Serialize` may have put words of its own around what ended the walk.
        Err(fault) => {
            walk.clear();
            let node = walk.build(value, root.depth, Some(document.root()));
            node.and_then(|node| match fault {
                Fault::Whole => Ok(Change::Became(node)),
                _ => object::node_change(walk, document.root(), node, root),
            })
        }
        change => change,
    };
    let of_root = match change.map_err(|fault| Error::serialize(std::any::type_name::<T>(), fault))? {
        Change::Same | Change::Edited(_) => false,
        Change::Became(node) => {
            walk.clear();
            walk.edits.push(Edit::Replace { at: 0, node });
            true
        }
        Change::Spliced(splice) => {
            walk.edits.push(Edit::Splice { at: 0, splice });
            true
        }
    };
    let least_growth = walk.tally().least_growth;
    Ok(Step { edits: Edits { list: std::mem::take(&mut walk.edits), of_root }, least_growth })
}

/// What stands around the document in a snapshot.
const SNAPSHOT: [&[u8]; 2] = [br#"[{"op":"replace","path":"","value":"#, b"}]"];

/// Appends the patch that makes any document this one.
pub fn snapshot(document: &Document, out: &mut Vec<u8>) {
    out.extend_from_slice(SNAPSHOT[0]);
    document.root().write(out);
    out.extend_from_slice(SNAPSHOT[1]);
}
