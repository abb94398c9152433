//! Lists and tuples in step with the array that was held.

use super::{
    align::Align,
    compare::{Compare, NOWHERE},
    edit::Edit,
    identity::Identity,
    object::node_change,
    text::text_change,
    walk::{Change, Frame, OPERATION, Site, Walk, unless_same},
};
use crate::document::{Fault, Node, digits};
use serde::{
    Serialize,
    ser::{SerializeSeq, SerializeTuple, SerializeTupleStruct},
};

/// Compares the items of a list, one by one while they come in their order, and by what tells them apart after that.
pub(crate) struct ListWalk<'c> {
    pub(super) walk: &'c mut Walk,
    old: &'c Node,
    pub(super) items: &'c [Node],
    /// The index of the next item.
    next: usize,
    pub(super) frame: Frame,
    matching: Matching,
    /// What tells the items apart.
    pub(super) identity: Identity<'c>,
    /// What is of use only when the items are not the ones from before.
    other: Option<Box<Other>>,
}

/// How an item finds the one that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matching {
    /// It is what stands at its index, as in a tuple.
    Position,
    /// It is what has its identity.
    Identity,
    /// It is what it equals.
    Equality,
    /// It may be anywhere.
    Anywhere,
}

/// What became of the items.
#[derive(Default)]
struct Other {
    /// What comes after the items that were held.
    added: Vec<Node>,
    align: Option<Align>,
}

/// How an item goes on from one that was held.
pub(super) enum Step {
    /// It is that one, changed or not.
    Taken,
    /// It is another one.
    Other,
}

/// So many items after the one that it is like may be the item.
const NEAR: usize = 4;

impl<'c> ListWalk<'c> {
    #[inline]
    pub(crate) fn open(compare: Compare<'c>, items: &'c [Node], positional: bool) -> Result<Self, Fault> {
        let Compare { walk, old, site, .. } = compare;
        let frame = Frame::open(walk, site)?;
        let mut identity = Identity::default();
        // Where every difference ends the walk, none has to be explained.
        let matching = if positional || walk.strict {
            Matching::Position
        } else if let Some(Node::Object(first)) = items.first() {
            identity = Identity::of(first, &walk.identities);
            if identity.is_none() { Matching::Equality } else { Matching::Identity }
        } else {
            Matching::Equality
        };
        Ok(Self { walk, old, items, next: 0, frame, matching, identity, other: None })
    }

    #[inline]
    pub(crate) fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let index = self.next;
        if let Some(old) = self.items.get(index)
            && self.matching != Matching::Anywhere
        {
            self.next = index + 1;
            let identity = if self.matching == Matching::Identity { self.identity.place(old) } else { NOWHERE };
            let compare = Compare { identity, ..Compare::new(self.walk, old, self.site()) };
            return match unless_same(value.serialize(compare)) {
                None => Ok(()),
                Some(found) => self.differs(index, identity, value, found),
            };
        }
        self.elsewhere(index, value)
    }

    /// Where an item stands. Its index takes no more than that of the last one.
    #[inline]
    fn site(&self) -> Site {
        self.frame.site.within(4)
    }

    /// An item has changed, or is another one.
    #[cold]
    #[inline(never)]
    fn differs<T: Serialize + ?Sized>(
        &mut self,
        index: usize,
        identity: u32,
        value: &T,
        change: Result<Change, Fault>,
    ) -> Result<(), Fault> {
        match self.step(index, identity, value, change)? {
            Step::Taken => Ok(()),
            Step::Other => self.diverge(index, value),
        }
    }

    /// Compares an item with the one that was held at an index.
    pub(super) fn take<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<Step, Fault> {
        let identity = self.identity.place(&self.items[index]);
        let compare = Compare { identity, ..Compare::new(self.walk, &self.items[index], self.site()) };
        match unless_same(value.serialize(compare)) {
            None => Ok(Step::Taken),
            Some(found) => self.step(index, identity, value, found),
        }
    }

    #[inline(never)]
    fn step<T: Serialize + ?Sized>(
        &mut self,
        index: usize,
        identity: u32,
        value: &T,
        change: Result<Change, Fault>,
    ) -> Result<Step, Fault> {
        let is_identified = identity != NOWHERE;
        let is_free = self.matching != Matching::Position && !is_identified;
        let change = match change {
            Err(failed @ Fault::Failed(_)) => return Err(self.frame.fail(failed, self.next - 1)),
            Err(_) if self.walk.strict => return Err(self.frame.leave(self.walk, Fault::Other)),
            // Of another kind, or with another identity.
            Err(_) if is_identified && !self.identity.is_of(&self.items[index], value) => return Ok(Step::Other),
            Ok(change) if is_free && !self.is_like(index, value, &change)? => {
                if let Change::Edited(start) = change {
                    self.walk.undo(start);
                }
                return Ok(Step::Other);
            }
            Err(Fault::Whole) if is_free => return Ok(Step::Other),
            Ok(change) => change,
            Err(Fault::Rebuild) => {
                let node = self.build(value)?;
                node_change(self.walk, &self.items[index], node, self.site())?
            }
            Err(_) => Change::Became(self.build(value)?),
        };
        self.changed(index, change)?;
        Ok(Step::Taken)
    }

    /// Whether an item that is told apart by nothing is the one at an index all the same: most of it is, and it equals none
    /// of the next ones.
    fn is_like<T: Serialize + ?Sized>(&mut self, index: usize, value: &T, change: &Change) -> Result<bool, Fault> {
        let Change::Edited(start) = change else { return Ok(matches!(change, Change::Same)) };
        let cost = 2 * self.walk.cost_since(*start).saturating_sub(OPERATION);
        if self.items[index].length(cost) < cost {
            return Ok(false);
        }
        let next = index + 1..self.items.len().min(index + 1 + NEAR);
        for other in next {
            if self.is_same(other, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether an item equals the one that was held at an index.
    pub(super) fn is_same<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<bool, Fault> {
        let strict = std::mem::replace(&mut self.walk.strict, true);
        let same = value.serialize(Compare::new(self.walk, &self.items[index], self.site()));
        self.walk.strict = strict;
        match same {
            Ok(change) => Ok(matches!(change, Change::Same)),
            Err(failed @ Fault::Failed(_)) => Err(self.frame.fail(failed, self.next - 1)),
            Err(_) => Ok(false),
        }
    }

    pub(super) fn changed(&mut self, index: usize, change: Change) -> Result<(), Fault> {
        let segment = digits(index as u64);
        self.frame.changed(self.walk, self.old, (index, segment), &self.items[index], change)
    }

    /// What an item is that was made anew before it was found.
    pub(super) fn node_change(&mut self, index: usize, node: Node) -> Result<Change, Fault> {
        node_change(self.walk, &self.items[index], node, self.site())
    }

    /// What a new item is in the place of another one: as they were compared before, or are told apart, a text alone is
    /// looked into.
    pub(super) fn replacement(&self, index: usize, node: Node) -> Change {
        match (&self.items[index], &node) {
            (old @ Node::String(_), Node::String(text)) => {
                text_change(old, text, self.walk.splices, self.site().prefix as usize)
            }
            _ => Change::Became(node),
        }
    }

    pub(super) fn build<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<Node, Fault> {
        let node = self.walk.build(value, self.frame.site.depth, self.items.last());
        node.map_err(|fault| self.frame.fail(fault, self.next - 1))
    }

    /// An item that comes after those that were held, or that may be anywhere.
    #[cold]
    #[inline(never)]
    fn elsewhere<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<(), Fault> {
        self.next = index + 1;
        match self.matching {
            Matching::Anywhere => self.next_anywhere(value),
            // A tuple of another length is another type.
            Matching::Position => Err(self.refuse()),
            Matching::Identity | Matching::Equality => {
                let node = self.build(value)?;
                self.other.get_or_insert_default().added.push(node);
                Ok(())
            }
        }
    }

    /// From here on items are looked for.
    #[cold]
    #[inline(never)]
    fn diverge<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<(), Fault> {
        if self.matching == Matching::Position {
            return Err(self.refuse());
        }
        self.matching = Matching::Anywhere;
        let mut align = Align::from(index, self.items.len());
        align.find(self, value)?;
        self.other.get_or_insert_default().align = Some(align);
        Ok(())
    }

    /// Takes an item that may be anywhere.
    fn next_anywhere<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let Some(mut other) = self.other.take() else { return Ok(()) };
        let taken = match &mut other.align {
            Some(align) => align.next(self, value),
            None => Ok(()),
        };
        self.other = Some(other);
        taken
    }

    /// The list is not like the one that was held.
    #[cold]
    fn refuse(&mut self) -> Fault {
        let fault = if self.walk.strict { Fault::Other } else { Fault::Whole };
        self.frame.leave(self.walk, fault)
    }

    #[inline]
    fn finish(mut self) -> Result<Change, Fault> {
        self.finish_items()?;
        self.frame.close(self.walk)
    }

    /// The same for the content of an enum's variant, which is the only member of an object.
    pub(crate) fn finish_variant(mut self) -> Result<Change, Fault> {
        self.finish_items()?;
        let change = self.frame.close(self.walk)?;
        if let Change::Edited(start) = change {
            self.walk.edits.push(Edit::Within { at: 0, start });
        }
        Ok(change)
    }

    #[inline]
    fn finish_items(&mut self) -> Result<(), Fault> {
        if self.other.is_none() && self.next == self.items.len() { Ok(()) } else { self.finish_others() }
    }

    /// Removes the items that did not come again, and adds those that are new.
    #[inline(never)]
    fn finish_others(&mut self) -> Result<(), Fault> {
        if self.matching == Matching::Position {
            return Err(self.refuse());
        }
        let Other { added, align } = self.other.take().map_or_else(Other::default, |other| *other);
        if let Some(align) = align {
            return align.finish(self);
        }
        for at in (self.next..self.items.len()).rev() {
            self.remove(at)?;
        }
        for (at, node) in (self.items.len()..).zip(added) {
            self.add(at, node)?;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: usize) -> Result<(), Fault> {
        self.frame.removed(self.walk, self.old, (at, digits(at as u64)), &self.items[at], 1)
    }

    pub(super) fn add(&mut self, at: usize, node: Node) -> Result<(), Fault> {
        self.frame.added(self.walk, self.old, digits(at as u64), Edit::Add { at, node }, 1)
    }

    pub(super) fn relocate(&mut self, from: usize, to: usize) -> Result<(), Fault> {
        self.frame.moved(self.walk, self.old, (from, to), digits(from as u64) + digits(to as u64))
    }

    /// The list is taken as a whole when so many new items in the place of others take more.
    pub(super) fn check_ahead(&mut self, new: &[Node]) -> Result<(), Fault> {
        self.frame.check_ahead(self.walk, self.old, new)
    }

    /// The list is taken as a whole.
    pub(super) fn whole(&mut self) -> Fault {
        self.frame.whole(self.walk)
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident;)*) => {$(
        impl $trait for ListWalk<'_> {
            type Ok = Change;
            type Error = Fault;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.item(value)
            }

            #[inline]
            fn end(self) -> Result<Change, Fault> {
                self.finish()
            }
        }
    )*};
}

items! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
}
