//! Lists and tuples in step with the array that was held.

use super::{
    align::Align,
    compare::{Compare, NOWHERE},
    edit::Edit,
    identity::Identity,
    object::node_change,
    walk::{Change, Frame, OPERATION, REMOVAL, Walk},
};
use crate::document::{Builder, Fault, Node, digits};
use serde::{
    Serialize,
    ser::{SerializeSeq, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant},
};

/// Compares the items of a list, one by one while they come in their order, and by what tells them apart after that.
pub(crate) struct ListWalk<'c> {
    pub(super) walk: &'c mut Walk,
    old: &'c Node,
    pub(super) items: &'c [Node],
    pub(super) frame: Frame,
    /// The index of the next item.
    next: usize,
    /// Whether an item is what stands at its index, as in a tuple.
    positional: bool,
    pub(super) identity: Identity,
    /// What comes after the items that were held.
    added: Vec<Node>,
    align: Option<Box<Align>>,
}

/// How an item goes on from one that was held.
pub(super) enum Step {
    /// It is that one, changed or not.
    Taken,
    /// It is another one.
    Other,
}

/// An item of so many bytes is not made anew to see what it could be.
const LARGE: usize = 1_024;

impl<'c> ListWalk<'c> {
    #[inline]
    pub(crate) fn open(compare: Compare<'c>, items: &'c [Node], positional: bool) -> Result<Self, Fault> {
        let frame = Frame::open(compare.walk, compare.prefix, compare.depth)?;
        Ok(Self::new(compare, items, frame, positional))
    }

    pub(crate) fn open_variant(compare: Compare<'c>, items: &'c [Node], variant: &'static str) -> Result<Self, Fault> {
        let frame = Frame::open_variant(compare.walk, compare.prefix, compare.depth, variant)?;
        Ok(Self::new(compare, items, frame, true))
    }

    #[inline]
    fn new(compare: Compare<'c>, items: &'c [Node], frame: Frame, positional: bool) -> Self {
        let Compare { walk, old, .. } = compare;
        // Where every difference ends the walk, none has to be explained.
        let positional = positional || walk.strict;
        let identity = if positional { Identity::None } else { Identity::of(items, &walk.identities) };
        Self { walk, old, items, frame, next: 0, positional, identity, added: Vec::new(), align: None }
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let index = self.next;
        self.next += 1;
        if self.align.is_some() {
            return self.find(value);
        }
        if index >= self.items.len() {
            return self.append(value);
        }
        let step = if self.positional {
            self.take(index, NOWHERE, value)?
        } else {
            match self.identity.place(&self.items[index]) {
                Some(place) => self.take(index, place, value)?,
                None => self.take_equal(index, value)?,
            }
        };
        match step {
            Step::Taken => Ok(()),
            Step::Other => self.diverge(index, value),
        }
    }

    /// Compares an item with the one that was held at an index; `identity` is the place of what must be the same.
    #[inline]
    pub(super) fn take<T: Serialize + ?Sized>(
        &mut self,
        index: usize,
        identity: usize,
        value: &T,
    ) -> Result<Step, Fault> {
        let old = &self.items[index];
        let prefix = self.frame.prefix + 1 + digits(index as u64);
        let compare = Compare { identity, ..Compare::new(self.walk, old, prefix, self.frame.depth) };
        match value.serialize(compare) {
            Ok(Change::Same) => Ok(Step::Taken),
            Ok(change) => self.changed(index, change).map(|()| Step::Taken),
            Err(fault) => self.recover(index, identity, value, fault),
        }
    }

    /// Takes an item that equals the one at the index, or is a large one that differs in little.
    fn take_equal<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<Step, Fault> {
        let old = &self.items[index];
        if self.is_same(index, value)? {
            return Ok(Step::Taken);
        }
        if old.length(LARGE) < LARGE {
            return Ok(Step::Other);
        }
        let (before, edits) = (self.walk.tally, self.walk.edits.len());
        let prefix = self.frame.prefix + 1 + digits(index as u64);
        match value.serialize(Compare::new(self.walk, old, prefix, self.frame.depth)) {
            Ok(Change::Same) => return Ok(Step::Taken),
            Ok(change @ Change::Edited(_)) => {
                let cost = self.walk.tally.cost - before.cost;
                if old.length(4 * cost) >= 4 * cost {
                    return self.changed(index, change).map(|()| Step::Taken);
                }
            }
            Ok(_) | Err(Fault::Whole | Fault::Rebuild | Fault::Other) => {}
            Err(failed) => return Err(self.frame.fail(failed, index)),
        }
        self.walk.tally = before;
        self.walk.edits.truncate(edits);
        Ok(Step::Other)
    }

    /// Whether an item equals the one that was held at an index.
    pub(super) fn is_same<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<bool, Fault> {
        let edits = self.walk.edits.len();
        let strict = std::mem::replace(&mut self.walk.strict, true);
        let same = value.serialize(Compare::new(self.walk, &self.items[index], 0, self.frame.depth));
        self.walk.strict = strict;
        self.walk.edits.truncate(edits);
        match same {
            Ok(change) => Ok(matches!(change, Change::Same)),
            Err(failed @ Fault::Failed(_)) => Err(self.frame.fail(failed, self.next - 1)),
            Err(_) => Ok(false),
        }
    }

    #[cold]
    pub(super) fn changed(&mut self, index: usize, change: Change) -> Result<(), Fault> {
        let segment = 1 + digits(index as u64);
        self.frame.changed(self.walk, self.old, (index, segment), &self.items[index], change)
    }

    #[cold]
    #[inline(never)]
    fn recover<T: Serialize + ?Sized>(
        &mut self,
        index: usize,
        identity: usize,
        value: &T,
        fault: Fault,
    ) -> Result<Step, Fault> {
        match fault {
            // Of another kind, or with another identity.
            Fault::Whole | Fault::Rebuild | Fault::Other
                if identity != NOWHERE && self.other_identity(index, value) =>
            {
                Ok(Step::Other)
            }
            Fault::Whole | Fault::Rebuild => {
                let node = self.build(value)?;
                let change = match fault {
                    Fault::Rebuild => {
                        let prefix = self.frame.prefix + 1 + digits(index as u64);
                        node_change(self.walk, &self.items[index], node, prefix, self.frame.depth)?
                    }
                    _ => Change::Became(node),
                };
                self.changed(index, change)?;
                Ok(Step::Taken)
            }
            Fault::Other => {
                if identity != NOWHERE {
                    return Ok(Step::Other);
                }
                self.frame.failed = true;
                Err(Fault::Other)
            }
            failed @ Fault::Failed(_) => Err(self.frame.fail(failed, self.next - 1)),
        }
    }

    /// Whether a value is told apart from the item at an index.
    fn other_identity<T: Serialize + ?Sized>(&self, index: usize, value: &T) -> bool {
        !self.identity.is_of(&self.items[index], value)
    }

    pub(super) fn build<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<Node, Fault> {
        let node = value.serialize(Builder::new(&mut self.walk.shapes, self.frame.depth));
        node.map_err(|fault| self.frame.fail(fault, self.next - 1))
    }

    #[cold]
    #[inline(never)]
    fn append<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        if self.positional {
            // A tuple of another length is another type.
            return Err(if self.walk.strict {
                self.frame.failed = true;
                Fault::Other
            } else {
                self.frame.whole(self.walk)
            });
        }
        let node = self.build(value)?;
        self.added.push(node);
        Ok(())
    }

    /// From here on items are looked for.
    #[cold]
    #[inline(never)]
    fn diverge<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<(), Fault> {
        if self.positional {
            return Err(self.frame.whole(self.walk));
        }
        self.align = Some(Box::new(Align::from(index, self.items.len())));
        self.find(value)
    }

    /// Looks for the item that was held, anywhere.
    #[inline(never)]
    fn find<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let Some(mut align) = self.align.take() else { return Ok(()) };
        let found = align.find(self, value);
        self.align = Some(align);
        found
    }

    fn finish(mut self) -> Result<Change, Fault> {
        if self.frame.failed {
            return Err(self.frame.whole(self.walk));
        }
        if let Some(align) = self.align.take() {
            align.finish(&mut self)?;
        } else if self.next != self.items.len() {
            self.finish_tail()?;
        }
        self.frame.close(self.walk, self.old)
    }

    /// Removes the items that did not come again, or adds those that came after them.
    #[inline(never)]
    fn finish_tail(&mut self) -> Result<(), Fault> {
        if self.walk.strict {
            self.frame.failed = true;
            return Err(Fault::Other);
        }
        if self.positional {
            return Err(self.frame.whole(self.walk));
        }
        for at in (self.next..self.items.len()).rev() {
            self.remove(at)?;
        }
        for (at, node) in (self.items.len()..).zip(std::mem::take(&mut self.added)) {
            self.add(at, node)?;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: usize) -> Result<(), Fault> {
        self.frame.count(self.walk, REMOVAL + 1 + digits(at as u64), None, Some(&self.items[at]));
        self.walk.tally.growth -= 1;
        self.walk.tally.least_growth -= 1;
        self.walk.edits.push(Edit::Remove { at });
        self.frame.check(self.walk, self.old)
    }

    pub(super) fn add(&mut self, at: usize, node: Node) -> Result<(), Fault> {
        self.frame.count(self.walk, OPERATION + 1 + digits(at as u64), Some(&node), None);
        self.walk.tally.growth += 1;
        self.walk.edits.push(Edit::Add { at, node });
        self.frame.check(self.walk, self.old)
    }

    pub(super) fn relocate(&mut self, from: usize, to: usize) -> Result<(), Fault> {
        self.walk.tally.cost += super::walk::MOVE + 2 * self.frame.prefix + 2 + digits(from as u64) + digits(to as u64);
        self.walk.edits.push(Edit::Move { from, to });
        self.frame.check(self.walk, self.old)
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
    SerializeTupleVariant: serialize_field;
}
