//! A part of a document, together with what was touched in it.

use super::{
    change_tree::{ChangeTree, ChangedItems, ChangedMembers},
    pieces::Piece,
};
use crate::{
    document::{Document, Name, Node, Object, Shape},
    error::Error,
};
use serde::{
    Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use std::{fmt, marker::PhantomData, sync::Arc};

/// A part of the new document, and what a patch touched in it.
#[derive(Clone, Copy, Debug)]
pub struct Touched<'a> {
    node: &'a Node,
    change: &'a ChangeTree<'a>,
}

impl<'a> Touched<'a> {
    #[inline]
    pub(crate) fn new(document: &'a Document, change: &'a ChangeTree<'a>) -> Self {
        Self { node: document.root(), change }
    }

    /// Reads this part as a whole.
    ///
    /// # Errors
    ///
    /// When it is no `T`.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        T::deserialize(self.node).map_err(|error| self.unreadable::<T>(error))
    }

    /// For a field that a function of its own reads.
    #[doc(hidden)]
    pub fn deserializer(self) -> impl Deserializer<'a, Error = serde_json::Error> {
        self.node
    }

    /// The error that this part is no `T`.
    #[cold]
    #[doc(hidden)]
    #[must_use]
    pub fn unreadable<T>(self, error: serde_json::Error) -> Error {
        self.node.unreadable::<T>(error)
    }

    /// The members of an object that were touched, by the numbers of their names; an unknown name has no number, and a member
    /// that is gone has no part. `None` when the object must be read as a whole.
    ///
    /// `names` has the names by their numbers, `sorted` their numbers by their lengths and then by their bytes.
    pub fn fields<'n>(
        self,
        names: &'n [&'n str],
        sorted: &'n [usize],
    ) -> Option<impl Iterator<Item = (Option<usize>, Option<Self>)> + use<'a, 'n>> {
        let number = |(name, place, member)| (number(names, sorted, name, place), member);
        Some(self.placed()?.map(number))
    }

    /// The items of an array that were touched, by their indices; `None` when it must be read as a whole: when its length is
    /// not `len`, or items came, went or moved.
    pub fn places(self, len: usize) -> Option<impl Iterator<Item = (usize, Self)>> {
        let (items, nodes) = self.array()?;
        let touched = match items {
            Some(items) if !items.pieces.is_unchanged() => return None,
            Some(items) => Some(&items.touched),
            None => None,
        };
        if nodes.len() != len || touched.is_some_and(|touched| touched.keys().any(|index| *index >= len)) {
            return None;
        }
        let below = |(index, change): (&usize, &'a ChangeTree<'a>)| (*index, Self { node: &nodes[*index], change });
        Some(touched.into_iter().flatten().map(below))
    }

    /// The members of an object that were touched; one that is gone has no part.
    pub(crate) fn members(self) -> Option<impl Iterator<Item = (&'a str, Option<Self>)>> {
        Some(self.placed()?.map(|(name, _, member)| (name, member)))
    }

    /// The members of an object that were touched, each with its place.
    fn placed(self) -> Option<impl Iterator<Item = (&'a str, Option<usize>, Option<Self>)>> {
        let (members, object) = match (self.change, self.node) {
            (ChangeTree::Nothing, Node::Object(object)) => (None, object),
            (ChangeTree::Members(members), Node::Object(object)) => (Some(members), object),
            _ => return None,
        };
        let placed = |(name, change): &'a (&'a str, ChangeTree<'a>)| {
            let place = object.find(name);
            (*name, place, place.map(|place| Self { node: &object.nodes()[place], change }))
        };
        Some(members.into_iter().flat_map(ChangedMembers::iter).map(placed))
    }

    /// How many members an object has.
    #[inline]
    pub(crate) fn members_len(self) -> usize {
        if let Node::Object(object) = self.node { object.len() } else { 0 }
    }

    #[inline]
    pub(super) fn is_null(self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// The changes of a list that had `len` items; `None` when it must be read as a whole.
    pub(crate) fn list(self, len: usize) -> Option<TouchedList<'a>> {
        let (items, nodes) = self.array()?;
        match items {
            Some(items) => {
                if items.touched.last_key_value().is_some_and(|(last, _)| *last >= len) {
                    return None;
                }
                let pieces = items.pieces.of(len, nodes.len())?;
                Some(TouchedList { nodes, items: Some(items), pieces })
            }
            None => (nodes.len() == len).then_some(TouchedList { nodes, items: None, pieces: Vec::new() }),
        }
    }

    /// The same, where it is not known how many items the list had.
    pub(crate) fn list_now(self) -> Option<TouchedList<'a>> {
        let (items, nodes) = self.array()?;
        self.list(items.map_or(nodes.len(), |items| items.pieces.had(nodes.len())))
    }

    fn array(self) -> Option<(Option<&'a ChangedItems<'a>>, &'a [Node])> {
        match (self.change, self.node) {
            (ChangeTree::Nothing, Node::Array(array)) => Some((None, &array.items)),
            (ChangeTree::Items(items), Node::Array(array)) => Some((Some(items), &array.items)),
            _ => None,
        }
    }
}

/// The items of a list, with what became of them.
pub struct TouchedList<'a> {
    nodes: &'a [Node],
    items: Option<&'a ChangedItems<'a>>,
    pieces: Vec<Piece>,
}

impl<'a> TouchedList<'a> {
    /// The items that were there, are there still, and were touched, by the indices that they had.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (usize, Touched<'a>)> {
        self.placed().map(|(old, _, touched)| (old, touched))
    }

    /// The same, with the indices that they have now.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (usize, usize, Touched<'a>)> {
        let touched = self.items.map(|items| &items.touched).into_iter().flatten();
        touched.filter_map(|(old, change)| {
            let new = self.index_of(*old)?;
            Some((*old, new, Touched { node: &self.nodes[new], change }))
        })
    }

    /// Whether items came, went or moved.
    #[inline]
    pub(crate) fn is_rearranged(&self) -> bool {
        self.items.is_some_and(|items| !items.pieces.is_unchanged())
    }

    /// How many items at the head are where they were.
    pub(crate) fn fixed(&self) -> usize {
        match self.pieces.first() {
            _ if !self.is_rearranged() => self.nodes.len(),
            Some(Piece::Old { start: 0, end }) => *end,
            _ => 0,
        }
    }

    /// How many items there are now.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Those that are new, by the indices that they have now.
    pub(crate) fn comes(&self) -> impl Iterator<Item = usize> {
        let mut start = 0;
        let runs = self.pieces.iter().map(move |piece| {
            let run = start..start + piece.len();
            start = run.end;
            (piece, run)
        });
        runs.filter(|(piece, _)| matches!(piece, Piece::New(_))).flat_map(|(_, run)| run)
    }

    /// Those of `had` items that are gone, by the indices that they had.
    pub(crate) fn gone(&self, had: usize) -> impl Iterator<Item = usize> {
        let mut stays = vec![!self.is_rearranged(); if self.is_rearranged() { had } else { 0 }];
        for piece in &self.pieces {
            if let Piece::Old { start, end } = *piece {
                stays.iter_mut().take(end).skip(start).for_each(|stays| *stays = true);
            }
        }
        stays.into_iter().enumerate().filter(|(_, stays)| !stays).map(|(index, _)| index)
    }

    /// The items that are new, in their order.
    pub(crate) fn new_items(&self) -> impl Iterator<Item = Touched<'a>> {
        let nodes = self.nodes;
        self.comes().map(|index| Touched { node: &nodes[index], change: &ChangeTree::Whole })
    }

    /// The pieces of the list; `None` when it has the same items in the same order.
    pub(crate) fn into_pieces(self) -> Option<Vec<Piece>> {
        self.is_rearranged().then_some(self.pieces)
    }

    /// The index of an item that was there.
    fn index_of(&self, old: usize) -> Option<usize> {
        let mut before = 0;
        for piece in &self.pieces {
            if let Piece::Old { start, end } = *piece
                && (start..end).contains(&old)
            {
                return Some(before + old - start);
            }
            before += piece.len();
        }
        None
    }
}

/// The number of a name: that of its place in the object, as a rule, since a struct's fields are written in their order.
fn number(names: &[&str], sorted: &[usize], name: &str, place: Option<usize>) -> Option<usize> {
    if let Some(place) = place
        && names.get(place) == Some(&name)
    {
        return Some(place);
    }
    // Lengths come first, as they are compared without a look at the texts.
    let order = |number: &usize| {
        let held = names[*number];
        held.len().cmp(&name.len()).then_with(|| held.cmp(name))
    };
    sorted.binary_search_by(order).ok().map(|at| sorted[at])
}

/// The keys of a map, from the names of members; `None` when a name is no key of that type.
pub(super) fn keys<'n, K: DeserializeOwned>(names: impl Iterator<Item = &'n str>) -> Option<Vec<K>> {
    struct Keys<K>(PhantomData<K>);
    impl<'de, K: DeserializeOwned> Visitor<'de> for Keys<K> {
        type Value = Vec<K>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<K>, A::Error> {
            let mut keys = Vec::with_capacity(map.size_hint().unwrap_or_default());
            while let Some(key) = map.next_key()? {
                map.next_value::<IgnoredAny>()?;
                keys.push(key);
            }
            Ok(keys)
        }
    }
    // As members of an object, so that they are read as those of the document are.
    let names: Vec<Name> = names.map(|name| Name::from(name.to_owned())).collect();
    let nodes = vec![Node::Null; names.len()];
    let object = Node::from(Object::new(Arc::new(Shape::new(names)), nodes));
    object.deserialize_map(Keys(PhantomData)).ok()
}
