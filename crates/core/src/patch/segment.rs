//! One step of a path.

use crate::document::Name;

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A member of an object.
    Name(Name),
    /// An item of an array: `-` stands here as the index that it meant.
    Index(usize),
}
