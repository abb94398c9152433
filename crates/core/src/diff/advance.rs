//! One walk over a value, in step with a document.

use super::{
    change::{Change, Site},
    compare::{Compare, node_change},
    edit::{Edit, Edits},
    step::Step,
    walk::Walk,
};
use crate::{
    document::{Document, Fault, limits},
    error::Error,
};
use serde::Serialize;

/// Compares a value with a document, which stays as it is.
///
/// # Errors
///
/// When the value cannot be written as JSON.
pub fn advance<T: Serialize + ?Sized>(walk: &mut Walk, document: &Document, value: &T) -> Result<Step, Error> {
    walk.clear();
    let root = Site { prefix: 0, depth: limits::WRITTEN as u32 };
    let change = match value.serialize(Compare::new(walk, document.root(), root)) {
        // Whatever it says: a `Serialize` may have put words of its own around what ended the walk.
        Err(fault) => {
            walk.clear();
            let node = walk.build(value, root.depth, Some(document.root()));
            node.and_then(|node| match fault {
                Fault::Whole => Ok(Change::Became(node)),
                _ => node_change(walk, document.root(), node, root),
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
    Ok(Step::new(Edits { list: std::mem::take(&mut walk.edits), of_root }, least_growth))
}
