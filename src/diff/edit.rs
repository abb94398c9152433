//! The difference between a document and the next value, before it is text.

use crate::document::{Document, Name, Node};

/// One step from a document to the next.
///
/// The edits of an object or an array stand together, in the order in which they are made: changes of what is there, at the
/// places that it had before; removals, the last one first; moves of items; and what is new. Edits further in stand between an
/// `Enter` and its end.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// The next edits, up to `end`, are those of the container at this place.
    Enter { at: usize, end: usize },
    /// There is another node at this place.
    Replace { at: usize, node: Node },
    /// Part of the text at this place is another one.
    Splice { at: usize, splice: Box<Splice> },
    /// The member or the item at this place is gone.
    Remove { at: usize },
    /// An item is taken out, and then put in elsewhere.
    Move { from: usize, to: usize },
    /// A new item of an array.
    Add { at: usize, node: Node },
    /// A new member of an object.
    Insert(Box<(Name, Node)>),
}

/// A change within a text: what begins at `start` makes way for another text.
#[derive(Clone, Debug)]
pub(crate) struct Splice {
    /// In bytes.
    pub(crate) start: usize,
    /// In bytes.
    pub(crate) removed: usize,
    pub(crate) inserted: String,
}

/// The place of the root, which is in nothing.
pub(crate) const ROOT: usize = 0;

/// All edits that lead from a document to the next. None means that nothing changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits(pub(crate) Vec<Edit>);

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The new document, when it is none of the old one.
    pub(crate) fn replacement(&self) -> Option<&Node> {
        match self.0.as_slice() {
            [Edit::Replace { node, .. }] => Some(node),
            _ => None,
        }
    }

    /// Makes the edits, which leaves none.
    pub(crate) fn apply(&mut self, document: &mut Document) {
        if !self.is_empty() {
            apply_at_root(document.root_mut(), &mut self.0);
            self.0.clear();
        }
    }
}

fn apply_at_root(root: &mut Node, edits: &mut [Edit]) {
    match edits {
        [Edit::Replace { node, .. }] => *root = std::mem::take(node),
        [Edit::Splice { splice, .. }] => apply_splice(root, splice),
        [Edit::Enter { .. }, inner @ ..] => apply_within(root, inner, 1),
        _ => debug_assert!(edits.is_empty(), "the root has one edit"),
    }
}

/// Makes the edits of a container; `first` is the place of the first one among all edits.
fn apply_within(node: &mut Node, edits: &mut [Edit], first: usize) {
    let mut next = 0;
    while next < edits.len() {
        let (edit, rest) = match &mut edits[next..] {
            [edit, rest @ ..] => (edit, rest),
            [] => return,
        };
        next += 1;
        match edit {
            Edit::Enter { at, end } => {
                let inner = *end - first - next;
                if let Some(child) = child_mut(node, *at) {
                    apply_within(child, &mut rest[..inner], first + next);
                }
                next += inner;
            }
            Edit::Replace { at, node: replacement } => {
                if let Some(child) = child_mut(node, *at) {
                    *child = std::mem::take(replacement);
                }
            }
            Edit::Splice { at, splice } => {
                if let Some(child) = child_mut(node, *at) {
                    apply_splice(child, splice);
                }
            }
            Edit::Remove { at } => match node {
                Node::Array(array) => drop(array.items.remove(*at)),
                Node::Object(object) => drop(object.remove_at(*at)),
                _ => {}
            },
            Edit::Move { from, to } => {
                if let Node::Array(array) = node {
                    // What lies between moves by one; nothing else does.
                    if from < to {
                        array.items[*from..=*to].rotate_left(1);
                    } else {
                        array.items[*to..=*from].rotate_right(1);
                    }
                }
            }
            Edit::Add { at, node: item } => {
                if let Node::Array(array) = node {
                    array.items.insert(*at, std::mem::take(item));
                }
            }
            Edit::Insert(member) => {
                if let Node::Object(object) = node {
                    let (name, node) = std::mem::take(&mut **member);
                    object.push(name, node);
                }
            }
        }
    }
}

fn apply_splice(node: &mut Node, splice: &Splice) {
    if let Node::String(text) = node {
        text.replace_range(splice.start..splice.start + splice.removed, &splice.inserted);
    }
}

fn child_mut(node: &mut Node, at: usize) -> Option<&mut Node> {
    match node {
        Node::Array(array) => array.items.get_mut(at),
        Node::Object(object) => object.nodes_mut().get_mut(at),
        _ => None,
    }
}
