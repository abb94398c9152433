//! What a walk over a value finds, and what it would cost to say so.

use super::{
    edit::{Edit, Splice},
    text::splice_cost,
};
use crate::document::{Fault, MAX_DEPTH, Name, Node, Shapes};
use std::{borrow::Cow, fmt};

/// A walk over a value, in step with the document that is held.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) edits: Vec<Edit>,
    pub(crate) shapes: Shapes,
    /// The names of the fields that tell items of arrays apart, the first one first.
    pub(crate) identities: Cow<'static, [Name]>,
    /// Whether changes within a text are looked for.
    pub(crate) splices: bool,
    /// Whether the first difference ends the walk.
    pub(crate) strict: bool,
    pub(crate) tally: Tally,
}

impl Walk {
    pub(crate) fn new(identities: Cow<'static, [Name]>, splices: bool) -> Self {
        let (edits, shapes, tally) = Default::default();
        Self { edits, shapes, identities, splices, strict: false, tally }
    }
}

/// What the edits so far amount to, in bytes of text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// The operations.
    pub(crate) cost: usize,
    /// How much the document grows.
    pub(crate) growth: isize,
    /// How much its least length grows.
    pub(crate) least_growth: isize,
}

/// What a value is, beside the node that was held.
#[derive(Debug)]
pub(crate) enum Change {
    Same,
    Became(Node),
    Spliced(Box<Splice>),
    /// Its edits begin at this place with an `Enter`.
    Edited(usize),
}

/// An operation and its path, without the path and the value: `{"op":"replace","path":"","value":},`.
pub(crate) const OPERATION: usize = 36;
/// `{"op":"remove","path":""},`.
pub(crate) const REMOVAL: usize = 26;
/// `{"op":"move","from":"","path":""},`.
pub(crate) const MOVE: usize = 34;

/// The container that a walk is in.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The place of its `Enter` among the edits.
    start: usize,
    /// The tally before it.
    before: Tally,
    /// It takes so many bytes, or more.
    known: usize,
    /// The length of its path.
    pub(crate) prefix: usize,
    /// How many levels may come below.
    pub(crate) depth: usize,
    /// Whether one of its parts failed, which a `Serialize` may pass over.
    pub(crate) failed: bool,
    /// The enum's variant whose content it is: the only member of an object.
    variant: Option<&'static str>,
}

impl Frame {
    #[inline]
    pub(crate) fn open(walk: &mut Walk, prefix: usize, depth: usize) -> Result<Self, Fault> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Fault::too_deep(MAX_DEPTH)) };
        let start = walk.edits.len();
        walk.edits.push(Edit::Enter { at: 0, end: 0 });
        Ok(Self { start, before: walk.tally, known: 0, prefix, depth, failed: false, variant: None })
    }

    /// Opens the content of an enum's variant, and with it the object that it is in.
    pub(crate) fn open_variant(
        walk: &mut Walk,
        prefix: usize,
        depth: usize,
        variant: &'static str,
    ) -> Result<Self, Fault> {
        let outer = Self::open(walk, prefix, depth)?;
        let inner = Self::open(walk, prefix + 1 + variant.len(), outer.depth)?;
        Ok(Self { start: outer.start, variant: Some(variant), ..inner })
    }

    /// Notes how a part of the container has changed: the node at a place, whose segment takes so many bytes.
    pub(crate) fn changed(
        &mut self,
        walk: &mut Walk,
        container: &Node,
        (at, segment): (usize, usize),
        old: &Node,
        change: Change,
    ) -> Result<(), Fault> {
        match change {
            Change::Same => return Ok(()),
            Change::Became(node) => {
                let len = node.length(usize::MAX);
                walk.tally.cost += OPERATION + self.prefix + segment + len;
                walk.tally.growth += difference(len, old.length(usize::MAX));
                walk.tally.least_growth += difference(node.least_length(usize::MAX), old.least_length(usize::MAX));
                walk.edits.push(Edit::Replace { at, node });
            }
            Change::Spliced(splice) => {
                walk.tally.cost += splice_cost(&splice, self.prefix + segment);
                let growth = difference(splice.inserted.len(), splice.removed);
                walk.tally.growth += growth;
                walk.tally.least_growth += growth;
                walk.edits.push(Edit::Splice { at, splice });
            }
            Change::Edited(start) => {
                if let Some(Edit::Enter { at: place, .. }) = walk.edits.get_mut(start) {
                    *place = at;
                }
            }
        }
        self.check(walk, container)
    }

    /// Counts an operation that brings a node, or takes it away.
    pub(crate) fn count(&self, walk: &mut Walk, operation: usize, added: Option<&Node>, removed: Option<&Node>) {
        let lengths =
            |node: Option<&Node>| node.map_or((0, 0), |node| (node.length(usize::MAX), node.least_length(usize::MAX)));
        let ((added, least_added), (removed, least_removed)) = (lengths(added), lengths(removed));
        walk.tally.cost += operation + self.prefix + added;
        walk.tally.growth += difference(added, removed);
        walk.tally.least_growth += difference(least_added, least_removed);
    }

    /// Ends the walk in this container when its operations take more than to replace it.
    pub(crate) fn check(&mut self, walk: &mut Walk, container: &Node) -> Result<(), Fault> {
        let cost = difference(walk.tally.cost, self.before.cost);
        let growth = walk.tally.growth - self.before.growth;
        // To replace it takes a path and its value, and the value of now takes what it took and what it grew by.
        let worth = usize::try_from(cost - growth).unwrap_or_default().saturating_sub(OPERATION + self.prefix);
        if worth <= self.known {
            return Ok(());
        }
        // Twice what is asked for, so that the container is not counted for each operation.
        self.known = container.length(2 * worth);
        if worth <= self.known { Ok(()) } else { Err(self.whole(walk)) }
    }

    /// The container is taken as a whole.
    #[cold]
    pub(crate) fn whole(&mut self, walk: &mut Walk) -> Fault {
        self.undo(walk);
        Fault::Whole
    }

    /// Forgets what was found in the container.
    pub(crate) fn undo(&mut self, walk: &mut Walk) {
        self.failed = true;
        walk.tally = self.before;
        walk.edits.truncate(self.start);
    }

    #[inline]
    pub(crate) fn close(mut self, walk: &mut Walk, container: &Node) -> Result<Change, Fault> {
        if self.failed {
            return Err(self.whole(walk));
        }
        let end = walk.edits.len();
        let inner = self.start + usize::from(self.variant.is_some());
        if end == inner + 1 {
            walk.edits.truncate(self.start);
            return Ok(Change::Same);
        }
        self.check(walk, container)?;
        for enter in &mut walk.edits[self.start..=inner] {
            *enter = Edit::Enter { at: 0, end };
        }
        Ok(Change::Edited(self.start))
    }

    /// A failure of one of its parts, with its place.
    #[cold]
    pub(crate) fn fail(&mut self, fault: Fault, place: impl fmt::Display) -> Fault {
        self.failed = true;
        let fault = fault.within(place);
        if let Some(variant) = self.variant { fault.within(variant) } else { fault }
    }
}

/// `new - old`. Lengths are far from what an `isize` can hold.
pub(crate) fn difference(new: usize, old: usize) -> isize {
    new.cast_signed().wrapping_sub(old.cast_signed())
}
