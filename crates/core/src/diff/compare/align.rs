//! The items of a list that changed its order, or lost and gained some: which of them is which, and the fewest moves.

use super::list::{ListWalk, Taken};
use crate::{
    diff::{
        cost::MAX_SHIFTED,
        identity::{Id, Identity},
        moves::moves,
        places::Places,
    },
    document::{Fault, Node},
};
use hashbrown::{DefaultHashBuilder, HashTable};
use serde::Serialize;
use std::hash::{BuildHasher, Hash, Hasher};

/// The items from the first one on that was not at its place.
#[derive(Debug)]
pub(super) struct Align {
    /// The index of that first one; those before it stay.
    base: usize,
    /// For each item the index that it was held at, or `None` when it is new.
    from: Vec<Option<usize>>,
    /// The items that are new, in their order.
    new: Vec<Node>,
    /// Which of those that were held came again.
    taken: Places,
    /// The index that the next item is expected to have been held at.
    hint: usize,
    /// All that were held before this index came again.
    low: usize,
    /// How many items in a row were found nowhere near.
    misses: usize,
    /// How often it may still be looked around.
    budget: usize,
    /// Those that were held by what they are called, and by what they are.
    named: Option<ItemIndex>,
    equal: Option<ItemIndex>,
}

/// How many items after the expected one are looked at.
const WINDOW: usize = 8;
/// After so many items in a row that were found nowhere near, all of those held are put into an index.
const PATIENCE: usize = 8;
impl Align {
    pub(super) fn from(base: usize, len: usize) -> Self {
        let (from, new, taken) = (Vec::new(), Vec::new(), Places::first(base, len));
        Self {
            base,
            from,
            new,
            taken,
            hint: base,
            low: base,
            misses: 0,
            budget: 4 * len + 64,
            named: None,
            equal: None,
        }
    }

    /// Takes the next item: the expected one, as a rule.
    pub(super) fn next<T: Serialize + ?Sized>(&mut self, list: &mut ListWalk<'_>, value: &T) -> Result<(), Fault> {
        self.hint = self.taken.next_missing(self.hint);
        if self.hint < list.items.len()
            && let Taken::Yes = list.take(self.hint, value)?
        {
            self.take(self.hint);
            return Ok(());
        }
        self.find(list, value)
    }

    /// Takes an item that is not the expected one, which is not compared again: each level of a deep value would double the
    /// work of the ones below it.
    pub(super) fn find<T: Serialize + ?Sized>(&mut self, list: &mut ListWalk<'_>, value: &T) -> Result<(), Fault> {
        self.low = self.taken.next_missing(self.low);
        // An item that is told apart by its identity is that one, however much of it has changed.
        let called = list.identity.probe(value, |id| self.called(list, id));
        let found = match called {
            Some(found) => found,
            None => self.near(list, value)?,
        };
        if let Some(at) = found
            && (called.is_none() || matches!(list.take(at, value)?, Taken::Yes))
        {
            self.take(at);
            return Ok(());
        }
        let node = list.build(value)?;
        self.misses += 1;
        if called.is_none() && self.is_lost() {
            let (items, taken) = (list.items, &self.taken);
            let equal = self.equal.get_or_insert_with(|| ItemIndex::of_nodes(items, self.low, taken));
            if let Some(at) = equal.find_node(items, &node, taken) {
                self.take(at);
                return Ok(());
            }
        }
        self.new.push(node);
        self.from.push(None);
        Ok(())
    }

    fn take(&mut self, at: usize) {
        self.from.push(Some(at));
        self.taken.insert(at);
        self.hint = at + 1;
        self.misses = 0;
    }

    /// Whether so many items were found nowhere near that an index is worth its while.
    fn is_lost(&self) -> bool {
        self.misses > PATIENCE
    }

    /// The item of this name that did not come yet.
    fn called(&mut self, list: &ListWalk<'_>, id: Id<'_>) -> Option<usize> {
        let (items, identity) = (list.items, &list.identity);
        let is_it = |at: &usize| {
            !self.taken.contains(*at)
                && items.get(*at).and_then(|item| identity.id(item)).is_some_and(|held| held == id)
        };
        if let Some(at) = [self.low, self.hint + 1, self.hint + 2].into_iter().find(is_it) {
            return Some(at);
        }
        if self.misses < PATIENCE && self.named.is_none() {
            return None;
        }
        let taken = &self.taken;
        let named = self.named.get_or_insert_with(|| ItemIndex::of_names(items, identity, self.low, taken));
        let hash = named.hasher.hash_one(id);
        named.find(hash, taken).filter(is_it)
    }

    /// An equal item among those that are expected.
    fn near<T: Serialize + ?Sized>(&mut self, list: &mut ListWalk<'_>, value: &T) -> Result<Option<usize>, Fault> {
        let ahead = if self.is_lost() { 0 } else { WINDOW };
        let low = Some(self.low).filter(|low| *low < self.hint);
        for at in (self.hint + 1..=self.hint + ahead).chain(low) {
            if at >= list.items.len() || self.taken.contains(at) {
                continue;
            }
            let Some(budget) = self.budget.checked_sub(1) else { return Ok(None) };
            self.budget = budget;
            if list.is_same(at, value)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Says what has become of the items: changes of those that stay, removals, moves, and what is new.
    pub(super) fn finish(mut self, list: &mut ListWalk<'_>) -> Result<(), Fault> {
        self.resolve(list)?;
        self.pair(list)?;
        let gone = (self.base..list.items.len()).filter(|at| !self.taken.contains(*at)).count();
        if gone * (list.items.len() - self.base) > MAX_SHIFTED {
            return Err(list.whole());
        }
        for at in (self.base..list.items.len()).rev() {
            if !self.taken.contains(at) {
                list.remove(at)?;
            }
        }
        let order = self.ranks(list.items.len());
        let Some(moves) = moves(&order) else { return Err(list.whole()) };
        for (from, to) in moves {
            list.relocate(self.base + from, self.base + to)?;
        }
        let mut new = self.new.into_iter();
        for (at, from) in (self.base..).zip(&self.from) {
            if from.is_none()
                && let Some(node) = new.next()
            {
                list.add(at, node)?;
            }
        }
        Ok(())
    }

    /// Finds items that came before they were expected.
    fn resolve(&mut self, list: &mut ListWalk<'_>) -> Result<(), Fault> {
        let items = list.items;
        let is_left = (self.low..items.len()).any(|at| !self.taken.contains(at));
        if self.new.is_empty() || !is_left {
            return Ok(());
        }
        let new = std::mem::take(&mut self.new);
        for (place, node) in self.from.iter_mut().filter(|from| from.is_none()).zip(new) {
            let taken = &self.taken;
            let found = match list.identity.id(&node) {
                Some(id) => {
                    let names = || ItemIndex::of_names(items, &list.identity, self.low, taken);
                    let named = self.named.get_or_insert_with(names);
                    let hash = named.hasher.hash_one(id);
                    named.find(hash, taken).filter(|at| list.identity.id(&items[*at]) == Some(id))
                }
                None => {
                    let equal = self.equal.get_or_insert_with(|| ItemIndex::of_nodes(items, self.low, taken));
                    equal.find_node(items, &node, taken)
                }
            };
            let Some(at) = found else {
                self.new.push(node);
                continue;
            };
            self.taken.insert(at);
            *place = Some(at);
            let change = list.node_change(at, node)?;
            list.changed(at, change)?;
        }
        Ok(())
    }

    /// Puts new items in the place of those that went from there.
    fn pair(&mut self, list: &mut ListWalk<'_>) -> Result<(), Fault> {
        list.check_ahead(&self.new)?;
        let mut new = std::mem::take(&mut self.new).into_iter();
        let mut expected = self.base;
        for place in &mut self.from {
            if let Some(at) = place {
                expected = *at + 1;
                continue;
            }
            let Some(node) = new.next() else { break };
            if expected < list.items.len() && self.taken.insert(expected) {
                *place = Some(expected);
                let change = list.replacement(expected, node)?;
                list.changed(expected, change)?;
                expected += 1;
            } else {
                self.new.push(node);
            }
        }
        Ok(())
    }

    /// The items that stay, in their new order, by their places among those that stay in the old order.
    fn ranks(&self, len: usize) -> Vec<usize> {
        let mut ranks = vec![0; len - self.base];
        let mut next = 0;
        for (at, rank) in (self.base..).zip(&mut ranks) {
            *rank = next;
            next += usize::from(self.taken.contains(at));
        }
        self.from.iter().flatten().map(|at| ranks[at - self.base]).collect()
    }
}

/// Held items by their hashes. Items with the same hash are chained, so that many equal items cost no more than others.
#[derive(Debug)]
struct ItemIndex {
    /// The first item of each hash.
    table: HashTable<(u64, u32)>,
    /// The next item of the same hash.
    next: Vec<u32>,
    hasher: DefaultHashBuilder,
}

const END: u32 = u32::MAX;
/// Room for so many is made at once.
const FEW: usize = 2_048;

impl ItemIndex {
    fn of(len: usize, low: usize, taken: &Places, hash: impl Fn(usize, &DefaultHashBuilder) -> Option<u64>) -> Self {
        let hasher = DefaultHashBuilder::default();
        let left = len.saturating_sub(low);
        let mut index = Self { table: HashTable::with_capacity(left.min(FEW)), next: vec![END; len], hasher };
        // Backwards, so that the first one is found first.
        for at in (low..len.min(END as usize)).rev().filter(|at| !taken.contains(*at)) {
            let Some(hash) = hash(at, &index.hasher) else { continue };
            let place = u32::try_from(at).unwrap_or(END);
            match index.table.find_mut(hash, |(held, _)| *held == hash) {
                Some((_, first)) => index.next[at] = std::mem::replace(first, place),
                None => drop(index.table.insert_unique(hash, (hash, place), |(hash, _)| *hash)),
            }
        }
        index
    }

    fn of_names(items: &[Node], identity: &Identity<'_>, low: usize, taken: &Places) -> Self {
        Self::of(items.len(), low, taken, |at, hasher| Some(hasher.hash_one(identity.id(&items[at])?)))
    }

    fn of_nodes(items: &[Node], low: usize, taken: &Places) -> Self {
        Self::of(items.len(), low, taken, |at, hasher| Some(hash_node(&items[at], hasher)))
    }

    /// The first item of a hash that did not come yet.
    fn find(&mut self, hash: u64, taken: &Places) -> Option<usize> {
        let (_, first) = self.table.find_mut(hash, |(held, _)| *held == hash)?;
        while *first != END && taken.contains(*first as usize) {
            *first = self.next[*first as usize];
        }
        (*first != END).then_some(*first as usize)
    }

    fn find_node(&mut self, items: &[Node], node: &Node, taken: &Places) -> Option<usize> {
        let hash = hash_node(node, &self.hasher);
        self.find(hash, taken).filter(|at| items[*at] == *node)
    }
}

/// A hash that equal nodes share.
fn hash_node(node: &Node, hasher: &DefaultHashBuilder) -> u64 {
    let mut state = hasher.build_hasher();
    std::mem::discriminant(node).hash(&mut state);
    match node {
        Node::Null => {}
        Node::Bool(bool) => bool.hash(&mut state),
        Node::Unsigned(number) => number.hash(&mut state),
        Node::Negative(number) => number.hash(&mut state),
        Node::Float(number) => number.to_bits().hash(&mut state),
        Node::Single(number) => number.to_bits().hash(&mut state),
        Node::Number(text) => text.hash(&mut state),
        Node::String(text) => text.hash(&mut state),
        Node::Array(array) => array.items.iter().for_each(|item| state.write_u64(hash_node(item, hasher))),
        // Whatever their order.
        Node::Object(object) => state.write_u64(
            object.iter().fold(0, |sum, (name, node)| sum ^ hasher.hash_one((name, hash_node(node, hasher)))),
        ),
    }
    state.finish()
}
