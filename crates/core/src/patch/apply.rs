//! Operations onto a document, and back when one of them does not fit.

use super::{
    equal::is_equal,
    limit::{Copied, check_depth},
    operation::{Action, Deleted, Operation},
    pointer::{Misfit, Pointer, no_member, no_way},
    segment::Segment,
    text::offset,
    touch::{Touch, TouchKind},
};
use crate::{
    document::{Name, Node, utf16_len},
    error::Error,
};

/// Applies operations in their order, and says what they touched.
///
/// # Errors
///
/// When one does not fit, nests too deep, or copies too much; all is then as it was before, the order of members too.
pub(super) fn apply(root: &mut Node, operations: &mut [Operation]) -> Result<Vec<Touch>, Error> {
    let mut patching = Patching { root, done: Vec::new(), touches: Vec::new(), copied: Copied::default() };
    patching.done.reserve_exact(operations.len());
    patching.touches.reserve_exact(operations.len());
    for (number, Operation { path, action }) in operations.iter_mut().enumerate() {
        let name = action.name();
        if let Err(why) = patching.apply(path, action) {
            patching.take_back();
            return Err(Error::misfit_of(number, name, path.as_str(), why));
        }
    }
    Ok(patching.touches)
}

/// A patch that is being applied. Nodes that operations take out of the document are kept, to put them back on an error.
struct Patching<'a> {
    root: &'a mut Node,
    done: Vec<Done<'a>>,
    touches: Vec<Touch>,
    copied: Copied,
}

/// An operation that was done, and its place. The pointer is valid once all later operations are undone.
struct Done<'a> {
    path: &'a Pointer,
    change: Undo<'a>,
}

enum Undo<'a> {
    Put(Put),
    Removed(TakenOut),
    /// The node that was taken out is at the place of `put`.
    Moved {
        from: &'a Pointer,
        place: Slot,
        put: Put,
    },
    /// In bytes.
    TextInserted {
        at: usize,
        len: usize,
    },
    TextDeleted {
        at: usize,
        text: String,
    },
}

/// How a node was put at its place.
enum Put {
    InPlaceOf(Node),
    AsItem(usize),
    AsLastMember,
}

struct TakenOut {
    place: Slot,
    node: Node,
}

enum Slot {
    Item(usize),
    Member(usize, Name),
}

impl<'a> Patching<'a> {
    fn apply(&mut self, path: &'a Pointer, action: &'a mut Action) -> Result<(), Misfit> {
        match action {
            Action::Add(node) => {
                check_depth(path, node)?;
                self.add(path, std::mem::take(node))
            }
            Action::Replace(node) => {
                check_depth(path, node)?;
                self.replace(path, std::mem::take(node))
            }
            Action::Remove => self.remove(path),
            Action::Move { from } => self.relocate(from, path),
            Action::Copy { from } => {
                let source = from.tokens().find(self.root)?;
                check_depth(path, source)?;
                self.copied.add(source)?;
                let copy = source.clone();
                self.add(path, copy)
            }
            Action::Test(node) => {
                let held = path.tokens().find(self.root)?;
                if is_equal(held, node) { Ok(()) } else { Err("there is another value".into()) }
            }
            Action::InsertText { position, text } => self.insert_text(path, *position, text),
            Action::DeleteText { position, what } => self.delete_text(path, *position, what),
        }
    }

    fn add(&mut self, path: &'a Pointer, mut node: Node) -> Result<(), Misfit> {
        let mut way = Vec::with_capacity(path.len());
        let put = put(self.root, path, &mut node, &mut way)?;
        let kind = if matches!(put, Put::InPlaceOf(_)) { TouchKind::Replaced } else { TouchKind::Inserted };
        self.did(path, Undo::Put(put), way, kind);
        Ok(())
    }

    fn replace(&mut self, path: &'a Pointer, node: Node) -> Result<(), Misfit> {
        let mut way = Vec::with_capacity(path.len());
        let held = path.tokens().trace(self.root, &mut way)?;
        let before = std::mem::replace(held, node);
        self.did(path, Undo::Put(Put::InPlaceOf(before)), way, TouchKind::Replaced);
        Ok(())
    }

    fn remove(&mut self, path: &'a Pointer) -> Result<(), Misfit> {
        let mut way = Vec::with_capacity(path.len());
        let removed = remove(self.root, path, &mut way)?;
        self.did(path, Undo::Removed(removed), way, TouchKind::Removed);
        Ok(())
    }

    fn relocate(&mut self, from: &'a Pointer, path: &'a Pointer) -> Result<(), Misfit> {
        // "The "from" location MUST NOT be a proper prefix of the "path" location".
        if path.leads_into(from) {
            return Err("what is moved cannot hold itself".into());
        }
        if path.len() > from.len() {
            check_depth(path, from.tokens().find(self.root)?)?;
        }
        let mut from_way = Vec::with_capacity(from.len());
        if path == from && !from.is_root() {
            return from.tokens().find(self.root).map(drop);
        }
        let TakenOut { place, mut node } = remove(self.root, from, &mut from_way)?;
        let mut way = Vec::with_capacity(path.len());
        match put(self.root, path, &mut node, &mut way) {
            Ok(put) => {
                self.did(path, Undo::Moved { from, place, put }, way, TouchKind::Moved { from: from_way });
                Ok(())
            }
            Err(why) => {
                put_back(self.root, from, TakenOut { place, node });
                Err(why)
            }
        }
    }

    fn insert_text(&mut self, path: &'a Pointer, position: usize, text: &str) -> Result<(), Misfit> {
        let mut way = Vec::with_capacity(path.len());
        let held = text_at(self.root, path, &mut way)?;
        let at = offset(held, position).ok_or_else(|| no_position(held, position))?;
        held.insert_str(at, text);
        self.did(path, Undo::TextInserted { at, len: text.len() }, way, TouchKind::Text);
        Ok(())
    }

    fn delete_text(&mut self, path: &'a Pointer, position: usize, what: &Deleted) -> Result<(), Misfit> {
        let mut way = Vec::with_capacity(path.len());
        let held = text_at(self.root, path, &mut way)?;
        let at = offset(held, position).ok_or_else(|| no_position(held, position))?;
        let len = match what {
            Deleted::Text(text) if held[at..].starts_with(&**text) => text.len(),
            Deleted::Text(_) => return Err("there is another text".into()),
            Deleted::Units(units) => {
                offset(&held[at..], *units).ok_or_else(|| no_position(held, position.saturating_add(*units)))?
            }
        };
        let text = held.drain(at..at + len).collect();
        self.did(path, Undo::TextDeleted { at, text }, way, TouchKind::Text);
        Ok(())
    }

    fn did(&mut self, path: &'a Pointer, change: Undo<'a>, way: Vec<Segment>, kind: TouchKind) {
        self.done.push(Done { path, change });
        self.touches.push(Touch { path: way, kind });
    }

    /// Undoes all operations, the last one first.
    fn take_back(&mut self) {
        while let Some(Done { path, change }) = self.done.pop() {
            match change {
                Undo::Put(put) => drop(take_out(self.root, path, put)),
                Undo::Removed(removed) => put_back(self.root, path, removed),
                Undo::Moved { from, place, put } => {
                    if let Some(node) = take_out(self.root, path, put) {
                        put_back(self.root, from, TakenOut { place, node });
                    }
                }
                Undo::TextInserted { at, len } => {
                    if let Ok(Node::String(held)) = path.tokens().find_mut(self.root) {
                        held.drain(at..at + len);
                    }
                }
                Undo::TextDeleted { at, text } => {
                    if let Ok(Node::String(held)) = path.tokens().find_mut(self.root) {
                        held.insert_str(at, &text);
                    }
                }
            }
        }
    }
}

/// Puts a node to where `add` would have it, and notes the way. Where it does not fit, it stays where it is.
fn put(root: &mut Node, path: &Pointer, node: &mut Node, way: &mut Vec<Segment>) -> Result<Put, Misfit> {
    let Some((parent, last)) = path.split() else {
        return Ok(Put::InPlaceOf(std::mem::replace(root, std::mem::take(node))));
    };
    match parent.trace(root, way)? {
        Node::Array(array) => {
            let index = last.new_index(array.items.len())?;
            let mut node = std::mem::take(node);
            if let (Node::Object(object), Some(Node::Object(beside))) = (&mut node, array.items.last()) {
                object.share_keys(beside);
            }
            array.items.insert(index, node);
            way.push(Segment::Index(index));
            Ok(Put::AsItem(index))
        }
        Node::Object(object) => {
            let name = Name::Owned(last.name().into_owned());
            way.push(Segment::Name(name.clone()));
            Ok(object.insert(name, std::mem::take(node)).map_or(Put::AsLastMember, Put::InPlaceOf))
        }
        _ => Err(no_way(last)),
    }
}

/// Takes a node out again.
fn take_out(root: &mut Node, path: &Pointer, put: Put) -> Option<Node> {
    if let Put::InPlaceOf(before) = put {
        let held = path.tokens().find_mut(root).ok()?;
        return Some(std::mem::replace(held, before));
    }
    let (parent, _) = path.split()?;
    match (parent.find_mut(root).ok()?, put) {
        (Node::Array(array), Put::AsItem(index)) => Some(array.items.remove(index)),
        (Node::Object(object), Put::AsLastMember) => Some(object.remove_at(object.len().checked_sub(1)?).1),
        _ => None,
    }
}

/// Takes a node out, and notes the way.
fn remove(root: &mut Node, path: &Pointer, way: &mut Vec<Segment>) -> Result<TakenOut, Misfit> {
    let (parent, last) = path.split().ok_or("the whole document cannot be taken away")?;
    match parent.trace(root, way)? {
        Node::Array(array) => {
            let index = last.index(array.items.len())?;
            way.push(Segment::Index(index));
            Ok(TakenOut { place: Slot::Item(index), node: array.items.remove(index) })
        }
        Node::Object(object) => {
            let name = last.name();
            let place = object.find(&name).ok_or_else(|| no_member(&name))?;
            let (name, node) = object.remove_at(place);
            way.push(Segment::Name(name.clone()));
            Ok(TakenOut { place: Slot::Member(place, name), node })
        }
        _ => Err(no_way(last)),
    }
}

/// Puts a node back to where it was.
fn put_back(root: &mut Node, path: &Pointer, removed: TakenOut) {
    let Some((parent, _)) = path.split() else { return };
    match (parent.find_mut(root), removed.place) {
        (Ok(Node::Array(array)), Slot::Item(index)) => array.items.insert(index, removed.node),
        (Ok(Node::Object(object)), Slot::Member(place, name)) => object.insert_at(place, name, removed.node),
        _ => {}
    }
}

fn text_at<'n>(root: &'n mut Node, path: &Pointer, way: &mut Vec<Segment>) -> Result<&'n mut String, Misfit> {
    match path.tokens().trace(root, way)? {
        Node::String(text) => Ok(text),
        _ => Err("it is no text".into()),
    }
}

#[cold]
fn no_position(text: &str, position: usize) -> Misfit {
    let units = utf16_len(text);
    if position > units {
        format!("the text ends at {units}, before {position}").into()
    } else {
        format!("{position} is within a character of the text").into()
    }
}
