//! Structs and maps in step with the object that was held.

use super::{
    compare::{Compare, NOWHERE},
    edit::Edit,
    walk::{Change, Frame, OPERATION, REMOVAL, Walk},
};
use crate::document::{Builder, Driven, Fault, Members, Name, Node, Object, with_key};
use serde::{
    Serialize,
    ser::{SerializeMap, SerializeStruct, SerializeStructVariant},
};

/// Compares the members of an object, in whatever order they come.
pub(crate) struct ObjectWalk<'c> {
    walk: &'c mut Walk,
    old: &'c Node,
    object: &'c Object,
    frame: Frame,
    /// The place that is expected next.
    cursor: usize,
    seen: Seen,
    /// How often a key was not where it was expected.
    jumps: usize,
    /// The place of the member by which this item is told apart, until it was found to be the same.
    identity: usize,
    added: Members,
    /// The key whose value is to come.
    key: Key,
}

/// Which members were found.
enum Seen {
    /// All before the cursor.
    InOrder,
    /// Those whose bits are set.
    Places(Places),
}

/// A set of places.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<u64>);

enum Key {
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
    pub(crate) fn open(compare: Compare<'c>, object: &'c Object) -> Result<Self, Fault> {
        let frame = Frame::open(compare.walk, compare.prefix, compare.depth)?;
        Ok(Self::new(compare, object, frame))
    }

    pub(crate) fn open_variant(compare: Compare<'c>, object: &'c Object, variant: &'static str) -> Result<Self, Fault> {
        let frame = Frame::open_variant(compare.walk, compare.prefix, compare.depth, variant)?;
        Ok(Self::new(Compare { identity: NOWHERE, ..compare }, object, frame))
    }

    #[inline]
    fn new(compare: Compare<'c>, object: &'c Object, frame: Frame) -> Self {
        let Compare { walk, old, identity, .. } = compare;
        let (cursor, seen, jumps, added, key) = (0, Seen::InOrder, 0, Members::default(), Key::None);
        Self { walk, old, object, frame, cursor, seen, jumps, identity, added, key }
    }

    /// Compares one member; `fixed` is its name where that is a struct's own.
    #[inline]
    pub(crate) fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        fixed: Option<&'static str>,
        value: &T,
    ) -> Result<(), Fault> {
        match self.find(name)? {
            Some(place) => self.compare(place, name.len(), value),
            None => self.add(fixed.map_or_else(|| Name::Owned(name.to_owned()), Name::Borrowed), value),
        }
    }

    /// The place of a key, which has not come before.
    #[inline]
    fn find(&mut self, name: &str) -> Result<Option<usize>, Fault> {
        if self.object.shape().is_at(self.cursor, name) && matches!(self.seen, Seen::InOrder) {
            self.cursor += 1;
            return Ok(Some(self.cursor - 1));
        }
        self.seek(name)
    }

    #[inline(never)]
    fn seek(&mut self, name: &str) -> Result<Option<usize>, Fault> {
        let shape = self.object.shape();
        let ahead = if self.jumps > PATIENCE { 1 } else { AHEAD };
        let near = (self.cursor..self.cursor + ahead).find(|place| shape.is_at(*place, name));
        let place = near.or_else(|| {
            self.jumps += 1;
            shape.find(name)
        });
        let Some(place) = place else { return Ok(None) };
        if let Seen::InOrder = self.seen {
            self.seen = Seen::Places(Places::first(self.cursor, self.object.len()));
        }
        if let Seen::Places(places) = &mut self.seen
            && !places.insert(place)
        {
            return Err(self.twice());
        }
        self.cursor = place + 1;
        Ok(Some(place))
    }

    /// A key comes twice, of which the last one counts; what was found of the first is of no use.
    #[cold]
    fn twice(&mut self) -> Fault {
        self.frame.undo(self.walk);
        if self.walk.strict { Fault::Other } else { Fault::Rebuild }
    }

    #[inline]
    fn compare<T: Serialize + ?Sized>(&mut self, place: usize, segment: usize, value: &T) -> Result<(), Fault> {
        if place == self.identity {
            return self.identify(place, value);
        }
        let old = &self.object.nodes()[place];
        let prefix = self.frame.prefix + 1 + segment;
        match value.serialize(Compare::new(self.walk, old, prefix, self.frame.depth)) {
            Ok(Change::Same) => Ok(()),
            Ok(change) => self.changed(place, change),
            Err(fault) => self.recover(place, value, fault),
        }
    }

    #[cold]
    fn changed(&mut self, place: usize, change: Change) -> Result<(), Fault> {
        let (old, segment) = (&self.object.nodes()[place], 1 + self.object.shape().names()[place].len());
        self.frame.changed(self.walk, self.old, (place, segment), old, change)
    }

    /// The member by which an item is told apart: another one makes it another item.
    fn identify<T: Serialize + ?Sized>(&mut self, place: usize, value: &T) -> Result<(), Fault> {
        let old = &self.object.nodes()[place];
        let strict = std::mem::replace(&mut self.walk.strict, true);
        let same = value.serialize(Compare::new(self.walk, old, 0, self.frame.depth));
        self.walk.strict = strict;
        match same {
            Ok(_) => {
                self.identity = NOWHERE;
                Ok(())
            }
            Err(fault @ Fault::Failed(_)) => Err(self.frame.fail(fault, &self.object.shape().names()[place])),
            Err(_) => {
                self.frame.undo(self.walk);
                Err(Fault::Other)
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn recover<T: Serialize + ?Sized>(&mut self, place: usize, value: &T, fault: Fault) -> Result<(), Fault> {
        let name = &self.object.shape().names()[place];
        match fault {
            Fault::Whole | Fault::Rebuild => {
                let node = value.serialize(Builder::new(&mut self.walk.shapes, self.frame.depth));
                let node = node.map_err(|fault| self.frame.fail(fault, name))?;
                let old = &self.object.nodes()[place];
                let prefix = self.frame.prefix + 1 + name.len();
                let change = match fault {
                    Fault::Rebuild => node_change(self.walk, old, node, prefix, self.frame.depth)?,
                    _ => Change::Became(node),
                };
                self.changed(place, change)
            }
            Fault::Other => {
                self.frame.failed = true;
                Err(Fault::Other)
            }
            failed @ Fault::Failed(_) => Err(self.frame.fail(failed, name)),
        }
    }

    #[cold]
    #[inline(never)]
    fn add<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), Fault> {
        if self.walk.strict {
            self.frame.failed = true;
            return Err(Fault::Other);
        }
        match value.serialize(Builder::new(&mut self.walk.shapes, self.frame.depth)) {
            Ok(node) => {
                self.added.insert(&self.walk.shapes, name, node);
                Ok(())
            }
            Err(fault) => Err(self.frame.fail(fault, name)),
        }
    }

    #[inline]
    pub(crate) fn finish(mut self) -> Result<Change, Fault> {
        let is_whole = match self.seen {
            Seen::InOrder => self.cursor == self.object.len() && self.added.is_empty(),
            Seen::Places(_) => false,
        };
        if !is_whole {
            self.finish_members()?;
        }
        if self.identity != NOWHERE {
            self.frame.undo(self.walk);
            return Err(Fault::Other);
        }
        self.frame.close(self.walk, self.old)
    }

    /// Removes what did not come again, and adds what is new.
    #[inline(never)]
    fn finish_members(&mut self) -> Result<(), Fault> {
        // The last one first, as those behind it move up.
        for place in (0..self.object.len()).rev() {
            let is_seen = match &self.seen {
                Seen::InOrder => place < self.cursor,
                Seen::Places(places) => places.contains(place),
            };
            if is_seen {
                if let Seen::InOrder = self.seen {
                    break;
                }
                continue;
            }
            if self.walk.strict {
                self.frame.failed = true;
                return Err(Fault::Other);
            }
            let name = self.object.shape().names()[place].len();
            self.frame.count(self.walk, REMOVAL + 1 + name, None, Some(&self.object.nodes()[place]));
            self.resize(name, -1);
            self.walk.edits.push(Edit::Remove { at: place });
            self.frame.check(self.walk, self.old)?;
        }
        for (name, node) in std::mem::take(&mut self.added).into_members() {
            self.frame.count(self.walk, OPERATION + 1 + name.len(), Some(&node), None);
            self.resize(name.len(), 1);
            self.walk.edits.push(Edit::Insert(Box::new((name, node))));
            self.frame.check(self.walk, self.old)?;
        }
        Ok(())
    }

    /// A key comes or goes, with its quotes, its colon and a comma. A comma may be one too many, so that the least length
    /// goes without it when it comes, and with it when it goes.
    fn resize(&mut self, name: usize, sign: isize) {
        let len = (name + 3).cast_signed();
        self.walk.tally.growth += sign * (len + 1);
        self.walk.tally.least_growth += if sign < 0 { -len - 1 } else { len };
    }
}

/// What a node is beside the one that was held.
pub(crate) fn node_change(
    walk: &mut Walk,
    old: &Node,
    node: Node,
    prefix: usize,
    depth: usize,
) -> Result<Change, Fault> {
    match Driven::<true>(&node).serialize(Compare { optional: true, ..Compare::new(walk, old, prefix, depth) }) {
        Err(Fault::Rebuild) if *old == node => Ok(Change::Same),
        Err(Fault::Whole | Fault::Rebuild) => Ok(Change::Became(node)),
        change => change,
    }
}

impl Places {
    /// The first ones, out of so many.
    pub(crate) fn first(first: usize, len: usize) -> Self {
        let mut places = Self(vec![0; len.div_ceil(64)]);
        for place in 0..first {
            places.insert(place);
        }
        places
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    /// Whether the place is new.
    pub(crate) fn insert(&mut self, place: usize) -> bool {
        let Some(bits) = self.0.get_mut(place / 64) else { return false };
        let is_new = *bits & (1 << (place % 64)) == 0;
        *bits |= 1 << (place % 64);
        is_new
    }
}

impl SerializeMap for ObjectWalk<'_> {
    type Ok = Change;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key = with_key(key, |name| {
            Ok(match self.find(name)? {
                Some(place) => Key::Known(place),
                None => Key::New(name.to_owned()),
            })
        })?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        match std::mem::replace(&mut self.key, Key::None) {
            Key::Known(place) => self.compare(place, self.object.shape().names()[place].len(), value),
            Key::New(name) => self.add(Name::Owned(name), value),
            Key::None => Err(Fault::new("a value of a map came before its key")),
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

impl SerializeStructVariant for ObjectWalk<'_> {
    type Ok = Change;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        self.field(name, Some(name), value)
    }

    fn end(self) -> Result<Change, Fault> {
        self.finish()
    }
}
