//! The difference between a document and the next value, before it is text.

use crate::document::{Document, Name, Node, Object};

/// One step from a document to the next.
///
/// The edits of an object or an array stand together: first changes of what is there, at the places that it had before; then
/// removals, the last one first; moves of items; and what is new. Edits further in stand before the `Within` that says where.
#[derive(Clone, Debug)]
pub enum Edit {
    /// The edits from `start` up to this one are those of the container at this place.
    Within { at: usize, start: usize },
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
pub struct Splice {
    /// In bytes.
    pub start: usize,
    /// In bytes.
    pub removed: usize,
    pub inserted: String,
}

/// All edits that lead from a document to the next; an empty list when nothing changed.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    pub list: Vec<Edit>,
    /// Whether they stand for the root itself, and not for what is in it.
    pub of_root: bool,
}

impl Edits {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether the new document shares nothing with the old one.
    #[inline]
    pub fn is_replacement(&self) -> bool {
        self.of_root && matches!(self.list.as_slice(), [Edit::Replace { .. }])
    }

    /// Makes the edits, which leaves none. A replaced document is not copied first, even where clones share it.
    pub fn apply(&mut self, document: &mut Document) {
        match self.list.as_mut_slice() {
            [] => {}
            [Edit::Replace { node, .. }] if self.of_root => *document = Document::new(std::mem::take(node)),
            [Edit::Splice { splice, .. }] if self.of_root => apply_splice(document.root_mut(), splice),
            edits => apply(document.root_mut(), edits, 0),
        }
        self.list.clear();
    }
}

/// Makes the edits of a container; `first` is the place of the first one among all edits.
fn apply(node: &mut Node, edits: &mut [Edit], first: usize) {
    // Backwards over what is within it, as only the end of a part says where it starts; then what changes places.
    let structural = edits.iter().rev().take_while(|edit| edit.is_structural()).count();
    let mut end = edits.len() - structural;
    while end > 0 {
        end -= 1;
        let (inner, edit) = edits[..=end].split_at_mut(end);
        let [edit] = edit else { return };
        match edit {
            Edit::Within { at, start } => {
                let start = *start - first;
                if let Some(child) = child_mut(node, *at) {
                    apply(child, &mut inner[start..], first + start);
                }
                end = start;
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
            Edit::Remove { .. } | Edit::Move { .. } | Edit::Add { .. } | Edit::Insert(_) => {}
        }
    }
    let structural = edits.len() - structural;
    match node {
        Node::Array(array) => edits[structural..].iter_mut().for_each(|edit| apply_to_items(&mut array.items, edit)),
        Node::Object(object) => edits[structural..].iter_mut().for_each(|edit| apply_to_members(object, edit)),
        _ => {}
    }
}

fn apply_to_items(items: &mut Vec<Node>, edit: &mut Edit) {
    match edit {
        Edit::Remove { at } => drop(items.remove(*at)),
        // Only the items in between move, by one place.
        Edit::Move { from, to } if *from < *to => items[*from..=*to].rotate_left(1),
        Edit::Move { from, to } => items[*to..=*from].rotate_right(1),
        Edit::Add { at, node } => items.insert(*at, std::mem::take(node)),
        _ => {}
    }
}

fn apply_to_members(object: &mut Object, edit: &mut Edit) {
    match edit {
        Edit::Remove { at } => drop(object.remove_at(*at)),
        Edit::Insert(member) => {
            let (name, node) = std::mem::take(&mut **member);
            object.push(name, node);
        }
        _ => {}
    }
}

impl Edit {
    /// Whether it changes what is at which place.
    pub(super) fn is_structural(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::Move { .. } | Self::Add { .. } | Self::Insert(_))
    }
}

fn apply_splice(node: &mut Node, splice: &Splice) {
    if let Node::String(text) = node {
        // A text that grows by a word at a time must not reserve twice its length.
        if text.capacity() - text.len() < splice.inserted.len() {
            text.reserve_exact(splice.inserted.len() + text.len() / 16);
        }
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
