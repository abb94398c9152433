//! The touches between two documents, for a client whose document was replaced as a whole: no operations say what changed.
//!
//! Unlike the server's diff it is small and linear in the documents, and does not look for the shortest way.

use super::{
    segment::Segment,
    touch::{Touch, TouchKind},
};
use crate::document::{Document, Node};

/// The touches that lead from one document to the other.
pub fn between(old: &Document, new: &Document) -> Vec<Touch> {
    let mut walk = Comparison::default();
    walk.node(old.root(), new.root());
    walk.touches
}

#[derive(Default)]
struct Comparison {
    path: Vec<Segment>,
    touches: Vec<Touch>,
}

impl Comparison {
    fn node(&mut self, old: &Node, new: &Node) {
        match (old, new) {
            (Node::Object(old), Node::Object(new)) => {
                for (name, node) in new.iter() {
                    self.below(Segment::Name(name.clone()), |walk| match old.get(name) {
                        Some(old) => walk.node(old, node),
                        None => walk.touch(TouchKind::Inserted),
                    });
                }
                for (name, _) in old.iter().filter(|(name, _)| new.get(name).is_none()) {
                    self.below(Segment::Name(name.clone()), |walk| walk.touch(TouchKind::Removed));
                }
            }
            (Node::Array(old), Node::Array(new)) => self.items(&old.items, &new.items),
            (old, new) if old == new => {}
            _ => self.touch(TouchKind::Replaced),
        }
    }

    /// Items are taken to be the ones of the same place, counted from the start or, where some have come or gone, from the end.
    fn items(&mut self, old: &[Node], new: &[Node]) {
        let short = old.len().min(new.len());
        let start = if old.len() == new.len() { short } else { same(old.iter().zip(new)) };
        let end = same(old.iter().rev().zip(new.iter().rev())).min(short - start);
        let middle = start..old.len() - end;
        for (index, (old, new)) in old.iter().zip(new).take(start).enumerate() {
            self.below(Segment::Index(index), |walk| walk.node(old, new));
        }
        for index in middle.rev() {
            self.below(Segment::Index(index), |walk| walk.touch(TouchKind::Removed));
        }
        for index in start..new.len() - end {
            self.below(Segment::Index(index), |walk| walk.touch(TouchKind::Inserted));
        }
    }

    fn touch(&mut self, kind: TouchKind) {
        self.touches.push(Touch { path: self.path.clone(), kind });
    }

    fn below(&mut self, segment: Segment, inside: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        inside(self);
        self.path.pop();
    }
}

/// How many pairs at the start are the same.
fn same<'n>(pairs: impl Iterator<Item = (&'n Node, &'n Node)>) -> usize {
    pairs.take_while(|(old, new)| old == new).count()
}
