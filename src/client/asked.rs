//! The keys that a connection was asked for, and how those in use differ from them.
//!
//! Pure: who uses what, and who opens connections, is told.

use super::machine::Change;
use crate::protocol::Key;
use std::collections::BTreeSet;

/// It counts the differences as they come, so that a page of many signals does not compare all of them for each one.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    keys: BTreeSet<Key>,
    /// Those of the stream that is being opened beside.
    beside: BTreeSet<Key>,
    /// How many keys in use are not asked for.
    missing: usize,
    /// How many keys that are asked for are not in use.
    surplus: usize,
}

impl Asked {
    pub(crate) fn change(&self) -> Option<Change> {
        match (self.missing, self.surplus) {
            (0, 0) => None,
            (0, _) => Some(Change::Removals),
            _ => Some(Change::Additions),
        }
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// A key is in use from now on.
    pub(crate) fn came(&mut self, key: &Key) {
        if self.keys.contains(key) { self.surplus -= 1 } else { self.missing += 1 }
    }

    /// A key is in use no more.
    pub(crate) fn went(&mut self, key: &Key) {
        if self.keys.contains(key) { self.surplus += 1 } else { self.missing -= 1 }
    }

    /// A connection is opened for all that are in use.
    pub(crate) fn open(&mut self, used: BTreeSet<Key>) {
        *self = Self { keys: used, ..Self::default() };
    }

    /// The same, beside the one that is open.
    pub(crate) fn open_beside(&mut self, used: BTreeSet<Key>) {
        self.beside = used;
    }

    /// The one beside has taken the place of the one that was open.
    pub(crate) fn settle(&mut self, used: &BTreeSet<Key>) {
        self.keys = std::mem::take(&mut self.beside);
        self.missing = used.difference(&self.keys).count();
        self.surplus = self.keys.difference(used).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&'static str]) -> BTreeSet<Key> {
        names.iter().map(|name| Key::new(*name).unwrap()).collect()
    }

    #[test]
    fn keys_that_come_and_go_are_told_until_they_are_asked_for_or_let_go() {
        let (a, b) = (Key::new("a").unwrap(), Key::new("b").unwrap());
        let mut asked = Asked::default();
        asked.came(&a);
        assert_eq!(asked.change(), Some(Change::Additions));
        asked.open(set(&["a"]));
        assert_eq!(asked.change(), None);
        asked.came(&b);
        asked.went(&a);
        assert_eq!(asked.change(), Some(Change::Additions));
        asked.went(&b);
        assert_eq!(asked.change(), Some(Change::Removals));
        asked.came(&a);
        assert_eq!(asked.change(), None);
    }

    #[test]
    fn what_changes_while_a_connection_is_opened_beside_is_seen_when_it_takes_over() {
        let (b, c) = (Key::new("b").unwrap(), Key::new("c").unwrap());
        let mut asked = Asked::default();
        asked.open(set(&["a"]));
        asked.came(&b);
        asked.open_beside(set(&["a", "b"]));
        asked.went(&b);
        asked.came(&c);
        assert!(asked.contains(&Key::new("a").unwrap()) && !asked.contains(&b), "the old one serves until then");
        asked.settle(&set(&["a", "c"]));
        assert_eq!(asked.change(), Some(Change::Additions));
        asked.went(&c);
        assert_eq!(asked.change(), Some(Change::Removals));
        asked.came(&b);
        assert_eq!(asked.change(), None);
    }
}
