//! Where a patch has touched a document, for those who rebuild only parts of what they made of it.

use crate::document::Name;

/// One change that an operation made.
///
/// Changes come in the order of their operations, and each path holds in the document as that operation left it (that of
/// a removal: as it found it). A `test` touches nothing, nor does a `move` to where the node was.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Touch {
    /// Where; empty for the whole document.
    pub(crate) path: Vec<Segment>,
    pub(crate) kind: TouchKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TouchKind {
    /// There was another node here: by `replace`, or by an `add` or `copy` to a member that is there.
    Replaced,
    /// A new item of an array, before those that were here; or a new member of an object, at its end.
    Inserted,
    /// What was here is gone; the later items of an array have moved up.
    Removed,
    /// What was at `from`, before this operation, was taken out there and then came here: as a new item of an array; or as a
    /// member of an object, in place of the one of that name if there was one; or as the whole document.
    Moved { from: Vec<Segment> },
    /// Part of a text was inserted or deleted.
    Text,
}

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member of an object.
    Name(Name),
    /// An item of an array: `-` stands here as the index that it meant.
    Index(usize),
}
