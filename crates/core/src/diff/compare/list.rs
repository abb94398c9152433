//! Lists and tuples in step with the array that was held.

use super::{Compare, align::Align, node_change};
use crate::{
    diff::{
        change::{Change, Site, unless_same},
        edit::Edit,
        identity::{Identity, NOWHERE},
        walk::{Frame, Walk},
    },
    document::{Fault, Node, digits},
};
use serde::{
    Serialize,
    ser::{SerializeSeq, SerializeTuple, SerializeTupleStruct},
};

/// Compares the items of a list, one by one while they come in their order, and by what tells them apart after that.
pub struct ListWalk<'c> {
    pub(super) walk: &'c mut Walk,
    old: &'c Node,
    pub(super) items: &'c [Node],
    /// The index of the next item.
    next: usize,
    pub(super) frame: Frame,
    matching: Matching,
    /// The member by which the items are told apart.
    pub(super) identity: Identity<'c>,
    /// State that is needed only when the items are not the held ones.
    strays: Option<Box<StrayItems>>,
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

/// The items that were not where they were expected.
#[derive(Default)]
struct StrayItems {
    /// Items behind the held ones.
    added: Vec<Node>,
    align: Option<Align>,
}

/// Whether a value was taken for an item that was held.
pub(super) enum Taken {
    /// The value is that item, changed or not.
    Yes,
    /// The value is another item.
    No,
}

impl<'c> ListWalk<'c> {
    #[inline]
    pub fn open(compare: Compare<'c>, items: &'c [Node], positional: bool) -> Result<Self, Fault> {
        let Compare { walk, old, site, .. } = compare;
        let frame = Frame::open(walk, site)?;
        let mut identity = Identity::default();
        // A strict walk ends at the first difference, so that items need not be found elsewhere.
        let matching = if positional || walk.strict {
            Matching::Position
        } else if let Some(Node::Object(first)) = items.first() {
            identity = Identity::of(first, &walk.identities);
            if identity.is_none() { Matching::Equality } else { Matching::Identity }
        } else {
            Matching::Equality
        };
        Ok(Self { walk, old, items, next: 0, frame, matching, identity, strays: None })
    }

    #[inline]
    pub fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let index = self.next;
        if let Some(old) = self.items.get(index)
            && self.matching != Matching::Anywhere
        {
            self.next = index + 1;
            let identity = if self.matching == Matching::Identity { self.identity.place(old) } else { NOWHERE };
            if identity == NOWHERE && self.matching != Matching::Position {
                return if self.is_same(index, value)? { Ok(()) } else { self.diverge(index, value) };
            }
            let compare = Compare { identity, ..Compare::new(self.walk, old, self.site()) };
            return match unless_same(value.serialize(compare)) {
                None => Ok(()),
                Some(found) => self.differs(index, identity, value, found),
            };
        }
        self.elsewhere(index, value)
    }

    /// Where an item stands. Its index counts as one of four digits, until it is written.
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
            Taken::Yes => Ok(()),
            Taken::No => self.diverge(index, value),
        }
    }

    /// Takes an item for the one that was held at an index, where it has that one's identity, or equals it.
    pub(super) fn take<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<Taken, Fault> {
        let identity = self.identity.place(&self.items[index]);
        if identity == NOWHERE {
            return Ok(if self.is_same(index, value)? { Taken::Yes } else { Taken::No });
        }
        let compare = Compare { identity, ..Compare::new(self.walk, &self.items[index], self.site()) };
        match unless_same(value.serialize(compare)) {
            None => Ok(Taken::Yes),
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
    ) -> Result<Taken, Fault> {
        let change = match change {
            Ok(change) => change,
            Err(failed @ Fault::Failed(_)) => return Err(self.frame.fail(failed, self.next - 1)),
            Err(Fault::Rebuild) if self.walk.strict && self.build(value)? == self.items[index] => Change::Same,
            Err(_) if self.walk.strict => return Err(self.frame.leave(self.walk, Fault::AnotherItem)),
            // Of another kind, or with another identity.
            Err(_) if identity != NOWHERE && !self.identity.is_of(&self.items[index], value) => {
                return Ok(Taken::No);
            }
            Err(Fault::Whole) => Change::Became(self.build(value)?),
            Err(_) => {
                let node = self.build(value)?;
                node_change(self.walk, &self.items[index], node, self.site())?
            }
        };
        self.changed(index, change)?;
        Ok(Taken::Yes)
    }

    /// Whether an item equals the one that was held at an index.
    #[inline]
    pub(super) fn is_same<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) -> Result<bool, Fault> {
        let edits = self.walk.edits.len();
        let strict = std::mem::replace(&mut self.walk.strict, true);
        let found = value.serialize(Compare::new(self.walk, &self.items[index], self.site()));
        self.walk.strict = strict;
        match unless_same(found) {
            None => Ok(true),
            Some(found) => self.is_same_otherwise(edits, index, value, found),
        }
    }

    /// Whether an item that was not found to be the same has to be looked at in another way, and is the same by that.
    #[cold]
    fn is_same_otherwise<T: Serialize + ?Sized>(
        &mut self,
        edits: usize,
        index: usize,
        value: &T,
        found: Result<Change, Fault>,
    ) -> Result<bool, Fault> {
        if self.walk.edits.len() > edits {
            self.walk.undo(edits);
        }
        match found {
            Err(failed @ Fault::Failed(_)) => Err(self.frame.fail(failed, self.next - 1)),
            Err(Fault::Rebuild) => Ok(self.build(value)? == self.items[index]),
            _ => Ok(false),
        }
    }

    pub(super) fn changed(&mut self, index: usize, change: Change) -> Result<(), Fault> {
        let segment = digits(index as u64);
        self.frame.changed(self.walk, self.old, (index, segment), &self.items[index], change)
    }

    /// The change to an item that was built before its place was found.
    pub(super) fn node_change(&mut self, index: usize, node: Node) -> Result<Change, Fault> {
        node_change(self.walk, &self.items[index], node, self.site())
    }

    /// The change to a new item in the place of one that is gone. With ids it is another item.
    pub(super) fn replacement(&mut self, index: usize, node: Node) -> Result<Change, Fault> {
        let old = &self.items[index];
        if self.identity.id(old).is_some() || self.identity.id(&node).is_some() {
            return Ok(Change::Became(node));
        }
        node_change(self.walk, old, node, self.site())
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
                self.strays.get_or_insert_default().added.push(node);
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
        self.strays.get_or_insert_default().align = Some(align);
        Ok(())
    }

    /// Takes an item that may be anywhere.
    fn next_anywhere<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let Some(mut strays) = self.strays.take() else { return Err(self.refuse()) };
        let taken = match &mut strays.align {
            Some(align) => align.next(self, value),
            None => Err(self.refuse()),
        };
        self.strays = Some(strays);
        taken
    }

    /// The list is not like the one that was held.
    #[cold]
    fn refuse(&mut self) -> Fault {
        let fault = if self.walk.strict { Fault::AnotherItem } else { Fault::Whole };
        self.frame.leave(self.walk, fault)
    }

    #[inline]
    fn finish(mut self) -> Result<Change, Fault> {
        self.finish_items()?;
        self.frame.close(self.walk)
    }

    /// The same for the content of an enum's variant.
    pub fn finish_variant(mut self) -> Result<Change, Fault> {
        self.finish_items()?;
        self.frame.close_variant(self.walk)
    }

    #[inline]
    fn finish_items(&mut self) -> Result<(), Fault> {
        if self.strays.is_none() && self.next == self.items.len() { Ok(()) } else { self.finish_others() }
    }

    /// Removes the items that did not come again, and adds those that are new.
    #[inline(never)]
    fn finish_others(&mut self) -> Result<(), Fault> {
        if self.matching == Matching::Position {
            return Err(self.refuse());
        }
        let StrayItems { added, align } = self.strays.take().map_or_else(StrayItems::default, |strays| *strays);
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
