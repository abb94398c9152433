//! The state of a walk over a value: the edits so far, and their cost.

use super::{
    change::{Change, Site},
    cost::{MOVE, OPERATION, REMOVAL, difference, splice_cost},
    edit::Edit,
    identity::USUAL,
    step::Step,
};
use crate::document::{Builder, Fault, Name, Node, Shapes, limits};
use serde::Serialize;
use std::{borrow::Cow, fmt};

/// A walk over a value, in step with the document that is held.
#[derive(Debug)]
pub struct Walk {
    pub(crate) edits: Vec<Edit>,
    pub(crate) shapes: Shapes,
    /// The names of the fields that tell items of arrays apart, the first one first.
    pub(crate) identities: Cow<'static, [Name]>,
    /// Whether changes within a text are looked for.
    pub(crate) splices: bool,
    /// Whether the first difference ends the walk.
    pub(crate) strict: bool,
    /// The sums of the edits so far, each with the number of edits that it covers.
    tallies: Vec<(usize, Tally)>,
}

/// Room for so many edits is kept from one step to the next.
const KEPT: usize = 256;

/// The cost and growth of edits, in bytes of text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// The operations.
    cost: usize,
    /// How much the document grows.
    growth: isize,
    /// How much its least length grows.
    pub least_growth: isize,
}

impl Walk {
    pub(crate) fn new(identities: Cow<'static, [Name]>, splices: bool) -> Self {
        let (edits, shapes, tallies) = Default::default();
        Self { edits, shapes, identities, splices, strict: false, tallies }
    }

    /// One that tells items of arrays apart by the usual names.
    pub fn usual(splices: bool) -> Self {
        Self::new(Cow::Borrowed(&USUAL), splices)
    }

    /// Sets whether changes within a text are looked for.
    #[inline]
    pub fn set_splices(&mut self, splices: bool) {
        self.splices = splices;
    }

    /// Whether changes within a text are looked for.
    #[must_use]
    #[inline]
    pub fn splices(&self) -> bool {
        self.splices
    }

    /// A node of a value; what it is like shares its keys.
    pub(crate) fn build<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        depth: u32,
        like: Option<&Node>,
    ) -> Result<Node, Fault> {
        if let Some(like) = like {
            self.shapes.learn(like);
        }
        value.serialize(Builder::new(&mut self.shapes, depth as usize))
    }

    /// Takes back the buffers of a step for the next one, except those of a large step.
    #[inline]
    pub fn take_back(&mut self, step: Step) {
        let mut edits = step.into_edits();
        edits.clear();
        edits.shrink_to(KEPT);
        self.edits = edits;
        self.tallies.clear();
        self.tallies.shrink_to(KEPT);
    }

    /// Resets the walk for the next step.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.edits.clear();
        self.tallies.clear();
        self.strict = false;
    }

    /// The sums of all edits.
    #[inline]
    pub(crate) fn tally(&self) -> Tally {
        self.tallies.last().map_or_else(Tally::default, |(_, tally)| *tally)
    }

    /// The sums of the edits before a place.
    fn tally_before(&self, place: usize) -> Tally {
        let before = self.tallies.partition_point(|(len, _)| *len <= place);
        before.checked_sub(1).map_or_else(Tally::default, |last| self.tallies[last].1)
    }

    /// Forgets the edits from a place on.
    pub(crate) fn undo(&mut self, place: usize) {
        self.edits.truncate(place);
        let tallied = self.tallies.partition_point(|(len, _)| *len <= place);
        self.tallies.truncate(tallied);
    }

    /// Notes an edit, the cost of its operation, and how much the document and its least length grow.
    fn push(&mut self, edit: Edit, cost: usize, growth: isize, least_growth: isize) {
        let Tally { cost: before, growth: grown, least_growth: least_grown } = self.tally();
        self.edits.push(edit);
        let tally = Tally { cost: before + cost, growth: grown + growth, least_growth: least_grown + least_growth };
        self.tallies.push((self.edits.len(), tally));
    }
}

/// The container that a walk is in.
#[derive(Debug)]
pub struct Frame {
    pub site: Site,
    /// The place of its first edit.
    start: u32,
    /// The place after its last edit: another one there was left behind by a part that did not come to its end.
    end: u32,
    /// How many of its parts changed.
    changes: u32,
    /// It takes so many bytes, or more where that is not all that was counted.
    known: u32,
    is_counted: bool,
    /// Whether one of its parts failed, which a `Serialize` may pass over.
    failed: bool,
}

impl Frame {
    #[inline]
    pub fn open(walk: &Walk, site: Site) -> Result<Self, Fault> {
        let Some(depth) = site.depth.checked_sub(1) else { return Err(Fault::too_deep(limits::WRITTEN)) };
        let start = u32::try_from(walk.edits.len()).map_err(|_| Fault::Whole)?;
        Ok(Self {
            site: Site { depth, ..site },
            start,
            end: start,
            changes: 0,
            known: 0,
            is_counted: false,
            failed: false,
        })
    }

    /// Where its edits begin.
    #[inline]
    pub fn start(&self) -> usize {
        self.start as usize
    }

    fn prefix(&self) -> usize {
        self.site.prefix as usize
    }

    /// Notes how a part of the container has changed: the node at a place, whose segment takes so many bytes.
    pub fn changed(
        &mut self,
        walk: &mut Walk,
        container: &Node,
        (at, segment): (usize, usize),
        old: &Node,
        change: Change,
    ) -> Result<(), Fault> {
        let path = self.prefix() + 1 + segment;
        let before = if let Change::Edited(start) = change { start } else { walk.edits.len() };
        if before != self.end as usize {
            return Err(self.leave(walk, Fault::Rebuild));
        }
        match change {
            Change::Same => return Ok(()),
            Change::Became(node) => {
                let ((len, least), (old_len, old_least)) = (node.lengths(), old.lengths());
                let (growth, least_growth) = (difference(len, old_len), difference(least, old_least));
                walk.push(Edit::Replace { at, node }, OPERATION + path + len, growth, least_growth);
            }
            Change::Spliced(splice) => {
                let growth = difference(splice.inserted.len(), splice.removed);
                let cost = splice_cost(&splice, path);
                walk.push(Edit::Splice { at, splice }, cost, growth, growth);
            }
            Change::Edited(start) => walk.edits.push(Edit::Within { at, start }),
        }
        self.check(walk, container)
    }

    /// Notes that a part is gone, and with it so many bytes beside its own.
    pub fn removed(
        &mut self,
        walk: &mut Walk,
        container: &Node,
        (at, segment): (usize, usize),
        old: &Node,
        beside: usize,
    ) -> Result<(), Fault> {
        let (len, least) = old.lengths();
        let cost = REMOVAL + self.prefix() + 1 + segment;
        walk.push(Edit::Remove { at }, cost, -difference(len + beside, 0), -difference(least + beside, 0));
        self.check(walk, container)
    }

    /// Notes that there is a new part, and with it so many bytes beside its own.
    pub fn added(
        &mut self,
        walk: &mut Walk,
        container: &Node,
        segment: usize,
        edit: Edit,
        beside: usize,
    ) -> Result<(), Fault> {
        let (len, least) = match &edit {
            Edit::Add { node, .. } => node.lengths(),
            Edit::Insert(member) => member.1.lengths(),
            _ => (0, 0),
        };
        let cost = OPERATION + self.prefix() + 1 + segment + len;
        // A comma may be one too many.
        let least = (least + beside).saturating_sub(1);
        walk.push(edit, cost, difference(len + beside, 0), difference(least, 0));
        self.check(walk, container)
    }

    /// Notes that an item goes elsewhere; both segments take so many bytes.
    pub fn moved(
        &mut self,
        walk: &mut Walk,
        container: &Node,
        (from, to): (usize, usize),
        segments: usize,
    ) -> Result<(), Fault> {
        walk.push(Edit::Move { from, to }, MOVE + 2 * (self.prefix() + 1) + segments, 0, 0);
        self.check(walk, container)
    }

    /// Ends the walk in this container when its operations take more than to replace it.
    fn check(&mut self, walk: &mut Walk, container: &Node) -> Result<(), Fault> {
        self.end = u32::try_from(walk.edits.len()).map_err(|_| Fault::Whole)?;
        self.changes += 1;
        // An operation on a single part takes less than the whole container.
        if self.changes == 1 {
            return Ok(());
        }
        let (before, now) = (walk.tally_before(self.start()), walk.tally());
        // To replace the container takes a path and its value, whose length is the old length plus the growth.
        let worth = difference(now.cost, before.cost) - (now.growth - before.growth);
        let worth = usize::try_from(worth).unwrap_or_default().saturating_sub(OPERATION + self.prefix());
        if worth <= container.parts() {
            return Ok(());
        }
        if worth > self.known as usize && !self.is_counted {
            // More than what is asked for, so that the container is not counted for each operation.
            let enough = 4 * worth;
            let known = container.length(enough);
            self.is_counted = known <= enough;
            self.known = u32::try_from(known).unwrap_or(u32::MAX);
        }
        if worth <= self.known as usize { Ok(()) } else { Err(self.whole(walk)) }
    }

    /// Ends the walk in this container when so many replacements of its parts alone take more than to replace it.
    pub fn check_ahead(&mut self, walk: &mut Walk, container: &Node, new: &[Node]) -> Result<(), Fault> {
        let least = new.len() * (OPERATION + self.prefix());
        if container.length(least) > least {
            return Ok(());
        }
        let value: usize = new.iter().map(|node| 1 + node.length(least)).sum();
        if least > OPERATION + self.prefix() + value { Err(self.whole(walk)) } else { Ok(()) }
    }

    /// The container is taken as a whole.
    #[cold]
    pub fn whole(&mut self, walk: &mut Walk) -> Fault {
        self.leave(walk, Fault::Whole)
    }

    /// Leaves the container, with nothing found in it.
    #[cold]
    pub fn leave(&mut self, walk: &mut Walk, fault: Fault) -> Fault {
        self.failed = true;
        walk.undo(self.start());
        fault
    }

    /// A failure of one of its parts, with its place.
    #[cold]
    pub fn fail(&mut self, fault: Fault, place: impl fmt::Display) -> Fault {
        self.failed = true;
        fault.within(place)
    }

    #[inline]
    pub fn close(mut self, walk: &mut Walk) -> Result<Change, Fault> {
        if self.failed || walk.edits.len() != self.end as usize {
            return Err(self.give_up(walk));
        }
        Ok(if self.end == self.start { Change::Same } else { Change::Edited(self.start()) })
    }

    /// The same for the content of an enum's variant, which is the only member of an object.
    pub fn close_variant(self, walk: &mut Walk) -> Result<Change, Fault> {
        let change = self.close(walk)?;
        if let Change::Edited(start) = change {
            walk.edits.push(Edit::Within { at: 0, start });
        }
        Ok(change)
    }

    /// A part failed and its `Serialize` ignored that: the container is built as a whole, to get a correct result.
    #[cold]
    fn give_up(&mut self, walk: &mut Walk) -> Fault {
        let fault = if walk.strict { Fault::AnotherItem } else { Fault::Rebuild };
        self.leave(walk, fault)
    }
}
