//! The changes of a patch as one tree. The touches of its operations each have the paths of their own time; the tree has those
//! of the new document.

use super::pieces::{Origin, Pieces};
use crate::patch::{Segment, Touch, TouchKind};
use std::collections::{BTreeMap, HashMap};

/// The change of one node.
#[derive(Debug, Default)]
pub enum ChangeTree<'t> {
    /// The node has not changed.
    #[default]
    Nothing,
    /// The node was replaced.
    Whole,
    /// An object of which these members were touched; one that is not there any more is gone.
    Members(ChangedMembers<'t>),
    /// An array whose items came, went or moved, or were touched themselves.
    Items(ChangedItems<'t>),
}

/// The members of an object that were touched, each once.
#[derive(Debug, Default)]
pub struct ChangedMembers<'t> {
    list: Vec<(&'t str, ChangeTree<'t>)>,
    /// Their places in the list, when there are more than a few.
    places: HashMap<&'t str, usize>,
}

/// So many names are looked up one after the other.
const FEW: usize = 8;

#[derive(Debug)]
pub struct ChangedItems<'t> {
    pub pieces: Pieces,
    /// The changes within old items, by their old indices. Items that are gone may be among them.
    pub touched: BTreeMap<usize, ChangeTree<'t>>,
}

impl<'t> ChangeTree<'t> {
    /// The change that operations made, one after the other.
    pub fn of(touches: &'t [Touch]) -> Self {
        let mut root = Self::default();
        for touch in touches {
            root.touch(touch);
        }
        root
    }

    fn touch(&mut self, touch: &'t Touch) {
        let Some((last, parents)) = touch.path.split_last() else {
            *self = Self::Whole;
            return;
        };
        match &touch.kind {
            TouchKind::Replaced | TouchKind::Text => self.replace(parents, last),
            TouchKind::Inserted => self.insert(parents, last, Origin::New),
            TouchKind::Removed => {
                self.remove(parents, last);
            }
            TouchKind::Moved { from } => {
                let Some((from_last, from_parents)) = from.split_last() else {
                    *self = Self::Whole;
                    return;
                };
                let is_kept = from_parents == parents && matches!(last, Segment::Index(_));
                let origin = self.remove(from_parents, from_last);
                self.insert(parents, last, if is_kept { origin } else { Origin::New });
            }
        }
    }

    fn replace(&mut self, parents: &'t [Segment], last: &'t Segment) {
        if let Some(node) = self.below(parents).and_then(|parent| parent.step(last)) {
            *node = Self::Whole;
        }
    }

    fn insert(&mut self, parents: &'t [Segment], last: &'t Segment, origin: Origin) {
        let Segment::Index(index) = last else { return self.replace(parents, last) };
        let Some(parent) = self.below(parents) else { return };
        if let Some(items) = parent.items()
            && (items.pieces.insert(*index, origin).is_none() || items.pieces.is_too_many())
        {
            *parent = Self::Whole;
        }
    }

    /// Where the item came from, if it is one of an array.
    fn remove(&mut self, parents: &'t [Segment], last: &'t Segment) -> Origin {
        let Segment::Index(index) = last else {
            self.replace(parents, last);
            return Origin::New;
        };
        let Some(parent) = self.below(parents) else { return Origin::New };
        let Some(items) = parent.items() else { return Origin::New };
        match items.pieces.remove(*index) {
            Some(origin) if !items.pieces.is_too_many() => origin,
            _ => {
                *parent = Self::Whole;
                Origin::New
            }
        }
    }

    /// The node of a path; `None` when it is within a new node.
    fn below(&mut self, path: &'t [Segment]) -> Option<&mut Self> {
        path.iter().try_fold(self, Self::step)
    }

    fn step(&mut self, segment: &'t Segment) -> Option<&mut Self> {
        match segment {
            Segment::Name(name) => Some(self.members()?.entry(name)),
            Segment::Index(index) => {
                let items = self.items()?;
                match items.pieces.origin(*index)? {
                    Origin::Old(old) => Some(items.touched.entry(old).or_default()),
                    Origin::New => None,
                }
            }
        }
    }

    fn members(&mut self) -> Option<&mut ChangedMembers<'t>> {
        if matches!(self, Self::Nothing) {
            *self = Self::Members(ChangedMembers::default());
        }
        match self {
            Self::Members(members) => return Some(members),
            // An array becomes an object only by being replaced. Should touches say otherwise, reading the node again is correct.
            Self::Items(_) => {}
            Self::Nothing | Self::Whole => return None,
        }
        *self = Self::Whole;
        None
    }

    fn items(&mut self) -> Option<&mut ChangedItems<'t>> {
        if matches!(self, Self::Nothing) {
            *self = Self::Items(ChangedItems { pieces: Pieces::unchanged(), touched: BTreeMap::new() });
        }
        match self {
            Self::Items(items) => Some(items),
            Self::Members(_) | Self::Nothing | Self::Whole => {
                *self = Self::Whole;
                None
            }
        }
    }
}

impl<'t> ChangedMembers<'t> {
    pub fn iter(&self) -> impl Iterator<Item = &(&'t str, ChangeTree<'t>)> {
        self.list.iter()
    }

    fn entry(&mut self, name: &'t str) -> &mut ChangeTree<'t> {
        let place = self.find(name).unwrap_or_else(|| self.push(name));
        &mut self.list[place].1
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.list.len() <= FEW {
            return self.list.iter().position(|(held, _)| *held == name);
        }
        self.places.get(name).copied()
    }

    fn push(&mut self, name: &'t str) -> usize {
        let place = self.list.len();
        self.list.push((name, ChangeTree::Nothing));
        if self.list.len() > FEW {
            // Those before it are not there yet when it is the first one of many.
            let missing = self.places.len()..self.list.len();
            self.places.extend(missing.map(|place| (self.list[place].0, place)));
        }
        place
    }
}
