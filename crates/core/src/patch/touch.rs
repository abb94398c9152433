//! The places that a patch touched in a document, so that values read from it can be rebuilt in part.

use super::{pointer::Pointer, segment::Segment};

/// One change that an operation made.
///
/// Changes come in the order of their operations, and each path holds in the document as that operation left it (that of
/// a removal: as it found it). A `test` touches nothing, nor does a `move` to where the node was.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// Where; empty for the whole document.
    pub path: Vec<Segment>,
    /// The kind of change.
    pub kind: TouchKind,
}

impl Touch {
    /// Whether what is at the pointer may be another node than before, or not be where it was.
    pub fn crosses(&self, pointer: &Pointer) -> bool {
        match &self.kind {
            TouchKind::Replaced | TouchKind::Text => meet(&self.path, pointer),
            TouchKind::Inserted | TouchKind::Removed => meet(place(&self.path), pointer),
            TouchKind::Moved { from } => meet(place(&self.path), pointer) || meet(place(from), pointer),
        }
    }
}

/// The place that changes when a node comes or goes: for an item the whole array, since other items move.
fn place(path: &[Segment]) -> &[Segment] {
    match path {
        [array @ .., Segment::Index(_)] => array,
        _ => path,
    }
}

/// Whether one of the two leads to the other, or past it.
fn meet(path: &[Segment], pointer: &Pointer) -> bool {
    path.iter().zip(pointer.tokens().iter()).all(|(segment, token)| token.is(segment))
}

/// The kind of a change at a place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TouchKind {
    /// There was another node here: by `replace`, or by an `add` or `copy` to a member that is there.
    Replaced,
    /// A new item of an array, before those that were here; or a new member of an object, at its end.
    Inserted,
    /// The node is gone; the later items of an array have moved up.
    Removed,
    /// What was at `from`, before this operation, was taken out there and then came here: as a new item of an array; or as a
    /// member of an object, in place of the one of that name if there was one; or as the whole document.
    Moved {
        /// Where it was.
        from: Vec<Segment>,
    },
    /// Part of a text was inserted or deleted.
    Text,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::Document, patch::operation::Operations};
    use serde_json::json;

    #[test]
    fn a_touch_crosses_what_it_may_have_changed_and_nothing_beside_it() {
        let document = || Document::from(&json!({ "list": [{ "a": 1 }, { "a": 2 }, { "a": 3 }], "0": "x", "~/": {} }));
        let cases = [
            (
                json!({ "op": "replace", "path": "/list/1/a", "value": 7 }),
                vec!["/list/1/a", "/list/1", "/list", "/list/1/a/b"],
            ),
            (json!({ "op": "replace", "path": "", "value": {} }), vec!["", "/list/2", "/0"]),
            (json!({ "op": "add", "path": "/list/1", "value": 7 }), vec!["/list", "/list/2/a", "/list/0", "/list/7"]),
            (json!({ "op": "remove", "path": "/list/0" }), vec!["/list/1/a", "/list/2"]),
            (json!({ "op": "move", "from": "/list/0", "path": "/list/2" }), vec!["/list/1", "/list"]),
            (json!({ "op": "move", "from": "/list/0/a", "path": "/~0~1/b" }), vec!["/list/0/a", "/~0~1", "/~0~1/b/c"]),
            (json!({ "op": "copy", "from": "/list/0/a", "path": "/new" }), vec!["/new", ""]),
            (json!({ "op": "remove", "path": "/0" }), vec!["/0"]),
            (json!({ "op": "str_ins", "path": "/0", "pos": 1, "str": "y" }), vec!["/0", "/0/a"]),
        ];
        let all = ["/0", "/1", "/list/0/b", "/~0~1", "/new", "/list/00/a", "/list/2/a"];
        let beside = [
            vec!["/0", "/list/0/b", "/~0~1", "/list/2/a"],
            vec![],
            vec!["/0", "/~0~1"],
            vec!["/0", "/1"],
            vec!["/new"],
            vec!["/list/0/b", "/list/2/a", "/~0~1/c"],
            vec!["/list/0/a", "/~0~1"],
            vec!["/1", "/list/0/a"],
            vec!["/1", "/list"],
        ];
        assert!(all.iter().all(|text| Pointer::parse(text).is_ok()));
        for ((operation, crossed), beside) in cases.into_iter().zip(beside) {
            let operations: Operations = serde_json::from_value(json!([operation])).unwrap();
            let touches = document().apply_operations(operations.0).unwrap();
            let crosses = |text: &&str| touches.iter().any(|touch| touch.crosses(&Pointer::parse(text).unwrap()));
            assert_eq!(crossed.iter().filter(|text| !crosses(text)).count(), 0, "{operation}: {crossed:?}");
            assert_eq!(beside.iter().filter(|text| crosses(text)).count(), 0, "{operation}: {beside:?}");
        }
    }
}
