//! Structs and maps in step with the object that was held.

use super::{Compare, node_change};
use crate::{
    diff::{
        change::{Change, unless_same},
        cost::{MAX_SHIFTED, MEMBER},
        edit::Edit,
        places::Places,
        walk::{Frame, Walk},
    },
    document::{Fault, Name, Node, Object, ObjectBuilder, is_same, with_key},
};
use serde::{
    Serialize,
    ser::{SerializeMap, SerializeStruct},
};

/// Compares the members of an object, in whatever order they come.
pub struct ObjectWalk<'c> {
    pub(super) walk: &'c mut Walk,
    old: &'c Node,
    /// The keys, as long as each one was where it was expected.
    names: &'c [Name],
    nodes: &'c [Node],
    /// The place that is expected next.
    cursor: usize,
    frame: Frame,
    /// The place of the member by which this item is told apart.
    identity: u32,
    /// State that is needed only when the keys are not the held ones.
    strays: Option<Box<StrayMembers<'c>>>,
}

/// The keys that were not where they were expected.
struct StrayMembers<'c> {
    object: &'c Object,
    /// Those that came; until a key is out of its place, all before the cursor.
    seen: Option<Places>,
    /// How often a key was not where it was expected.
    jumps: usize,
    added: ObjectBuilder,
    /// The key whose value is to come.
    key: NextKey,
}

enum NextKey {
    None,
    Known(usize),
    New(String),
}

/// How many keys after the expected one are looked at before the index is asked.
const AHEAD: usize = 4;
/// After so many jumps the order is taken for another one, and only the index is asked.
const PATIENCE: usize = 8;

impl<'c> ObjectWalk<'c> {
    #[inline]
    pub fn open(compare: Compare<'c>, object: &'c Object) -> Result<Self, Fault> {
        let Compare { walk, old, site, identity, .. } = compare;
        let frame = Frame::open(walk, site)?;
        let (names, nodes) = (object.shape().names(), object.nodes());
        Ok(Self { walk, old, names, nodes, cursor: 0, frame, identity, strays: None })
    }

    /// Compares one member; `fixed` is its name where that is a struct's own.
    #[inline]
    pub fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        fixed: Option<&'static str>,
        value: &T,
    ) -> Result<(), Fault> {
        let place = self.cursor;
        // The same field of the same struct has its name in the same place, as a rule; where not, it is looked at elsewhere.
        let is_expected =
            |expected: &str| if fixed.is_some() { std::ptr::eq(expected, name) } else { is_same(expected, name) };
        if let (Some(expected), Some(old)) = (self.names.get(place), self.nodes.get(place))
            && is_expected(expected)
        {
            self.cursor = place + 1;
            let site = self.frame.site.within(name.len());
            return match unless_same(value.serialize(Compare::new(self.walk, old, site))) {
                None => Ok(()),
                Some(found) => self.differs(place, value, found),
            };
        }
        self.elsewhere(name, fixed, value)
    }

    /// A key that is not where it was expected, or that may not be.
    #[inline(never)]
    fn elsewhere<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        fixed: Option<&'static str>,
        value: &T,
    ) -> Result<(), Fault> {
        match self.seek(name)? {
            Some(place) => self.compare(place, value),
            None => self.add(fixed.map_or_else(|| Name::Owned(name.to_owned()), Name::Borrowed), value),
        }
    }

    /// The place of a key, which has not come before.
    fn seek(&mut self, name: &str) -> Result<Option<usize>, Fault> {
        let (cursor, len) = (self.cursor, self.nodes.len());
        if self.names.get(cursor).is_some_and(|expected| is_same(expected, name)) {
            self.cursor = cursor + 1;
            return Ok(Some(cursor));
        }
        let strays = self.strays()?;
        let shape = strays.object.shape();
        let ahead = if strays.jumps > PATIENCE { 1 } else { AHEAD };
        let near = (cursor..cursor + ahead).find(|place| shape.is_at(*place, name));
        let place = near.or_else(|| {
            strays.jumps += 1;
            shape.find(name)
        });
        let Some(place) = place else { return Ok(None) };
        if !strays.seen.get_or_insert_with(|| Places::first(cursor, len)).insert(place) {
            // The last one counts; what was found of the first is of no use.
            let fault = if self.walk.strict { Fault::AnotherItem } else { Fault::Rebuild };
            return Err(self.frame.leave(self.walk, fault));
        }
        self.names = &[];
        self.cursor = place + 1;
        Ok(Some(place))
    }

    fn strays(&mut self) -> Result<&mut StrayMembers<'c>, Fault> {
        let Node::Object(object) = self.old else { return Err(Fault::Whole) };
        let new = || {
            Box::new(StrayMembers { object, seen: None, jumps: 0, added: ObjectBuilder::default(), key: NextKey::None })
        };
        Ok(self.strays.get_or_insert_with(new))
    }

    fn compare<T: Serialize + ?Sized>(&mut self, place: usize, value: &T) -> Result<(), Fault> {
        let site = self.frame.site.within(self.name(place).len());
        match unless_same(value.serialize(Compare::new(self.walk, &self.nodes[place], site))) {
            None => Ok(()),
            Some(found) => self.differs(place, value, found),
        }
    }

    fn name(&self, place: usize) -> &'c str {
        match self.old {
            Node::Object(object) => object.shape().names().get(place).map_or("", |name| name),
            _ => "",
        }
    }

    /// A member has changed, or has to be looked at in another way.
    #[cold]
    #[inline(never)]
    fn differs<T: Serialize + ?Sized>(
        &mut self,
        place: usize,
        value: &T,
        change: Result<Change, Fault>,
    ) -> Result<(), Fault> {
        let change = match change {
            Ok(change) => change,
            Err(Fault::Whole) => Change::Became(self.build(place, value)?),
            Err(Fault::Rebuild) if self.walk.strict => {
                if self.build(place, value)? != self.nodes[place] {
                    return Err(self.frame.leave(self.walk, Fault::AnotherItem));
                }
                Change::Same
            }
            Err(Fault::Rebuild) => {
                let node = self.build(place, value)?;
                let site = self.frame.site.within(self.name(place).len());
                node_change(self.walk, &self.nodes[place], node, site)?
            }
            Err(Fault::AnotherItem) => return Err(self.frame.leave(self.walk, Fault::AnotherItem)),
            Err(failed) => return Err(self.frame.fail(failed, self.name(place))),
        };
        self.changed(place, change)
    }

    fn build<T: Serialize + ?Sized>(&mut self, place: usize, value: &T) -> Result<Node, Fault> {
        let node = self.walk.build(value, self.frame.site.depth, Some(&self.nodes[place]));
        node.map_err(|fault| self.frame.fail(fault, self.name(place)))
    }

    fn changed(&mut self, place: usize, change: Change) -> Result<(), Fault> {
        if place == self.identity as usize && !matches!(change, Change::Same) {
            // Its id differs, so that this is another item.
            return Err(self.frame.leave(self.walk, Fault::AnotherItem));
        }
        self.frame.changed(self.walk, self.old, (place, self.name(place).len()), &self.nodes[place], change)
    }

    #[cold]
    #[inline(never)]
    fn add<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), Fault> {
        if self.walk.strict {
            return Err(self.frame.leave(self.walk, Fault::AnotherItem));
        }
        match self.walk.build(value, self.frame.site.depth, self.nodes.last()) {
            Ok(node) => {
                let mut added = std::mem::take(&mut self.strays()?.added);
                added.insert(&self.walk.shapes, name, node);
                self.strays()?.added = added;
                Ok(())
            }
            Err(fault) => Err(self.frame.fail(fault, name)),
        }
    }

    #[inline]
    pub fn finish(mut self) -> Result<Change, Fault> {
        self.finish_members()?;
        self.frame.close(self.walk)
    }

    /// The same for the content of an enum's variant.
    pub fn finish_variant(mut self) -> Result<Change, Fault> {
        self.finish_members()?;
        self.frame.close_variant(self.walk)
    }

    #[inline]
    fn finish_members(&mut self) -> Result<(), Fault> {
        if self.strays.is_none() && self.cursor == self.nodes.len() { Ok(()) } else { self.finish_others() }
    }

    /// Removes what did not come again, and adds what is new.
    #[inline(never)]
    fn finish_others(&mut self) -> Result<(), Fault> {
        let cursor = self.cursor;
        let strays = self.strays()?;
        let (seen, added) = (strays.seen.take(), std::mem::take(&mut strays.added));
        let is_gone = |place: &usize| seen.as_ref().map_or(*place >= cursor, |seen| !seen.contains(*place));
        let gone = (0..self.nodes.len()).filter(is_gone).count();
        if gone * self.nodes.len() > MAX_SHIFTED {
            return Err(self.frame.whole(self.walk));
        }
        // The last one first, as those behind it move up.
        for place in (0..self.nodes.len()).rev().filter(is_gone) {
            if self.walk.strict || place == self.identity as usize {
                return Err(self.frame.leave(self.walk, Fault::AnotherItem));
            }
            let len = self.name(place).len();
            self.frame.removed(self.walk, self.old, (place, len), &self.nodes[place], len + MEMBER)?;
        }
        for (name, node) in added.into_members() {
            let len = name.len();
            let edit = Edit::Insert(Box::new((name, node)));
            self.frame.added(self.walk, self.old, len, edit, len + MEMBER)?;
        }
        Ok(())
    }
}

impl SerializeMap for ObjectWalk<'_> {
    type Ok = Change;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        let key = with_key(key, |name| {
            Ok(match self.seek(name)? {
                Some(place) => NextKey::Known(place),
                None => NextKey::New(name.to_owned()),
            })
        })?;
        self.strays()?.key = key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        match std::mem::replace(&mut self.strays()?.key, NextKey::None) {
            NextKey::Known(place) => self.compare(place, value),
            NextKey::New(name) => self.add(Name::Owned(name), value),
            NextKey::None => Err(Fault::new("a value of a map came before its key")),
        }
    }

    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), Fault> {
        with_key(key, |name| self.field(name, None, value))
    }

    #[inline]
    fn end(self) -> Result<Change, Fault> {
        self.finish()
    }
}

impl SerializeStruct for ObjectWalk<'_> {
    type Ok = Change;
    type Error = Fault;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.field(name, Some(name), value)
    }

    #[inline]
    fn end(self) -> Result<Change, Fault> {
        self.finish()
    }
}
