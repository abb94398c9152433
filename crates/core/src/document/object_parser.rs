//! Objects from JSON text, whose keys are shared with those that were read before.

use super::{
    known_keys::KnownKeys,
    node::{Node, Object},
    shape::{MAX_SHARED, Name, Shape},
};
use std::sync::Arc;

/// The members of an object that is being read; keys that were read before in this order are shared.
pub struct ObjectParser<'a> {
    known: &'a mut KnownKeys,
    /// The first and the last key, while all are known ones.
    first: Option<u32>,
    last: Option<u32>,
    /// Else its own keys.
    own: Option<Own>,
    nodes: Vec<Node>,
}

struct Own {
    shape: Shape,
    /// Whether each key so far is greater than the one before, so that a greater one is new.
    is_sorted: bool,
}

/// Where a node goes.
pub enum KeyPlace {
    Next,
    /// To a key that was there before: the last one counts.
    Again(usize),
}

impl<'a> ObjectParser<'a> {
    #[inline]
    pub fn new(known: &'a mut KnownKeys) -> Self {
        Self { known, first: None, last: None, own: None, nodes: Vec::new() }
    }

    /// Takes the next key.
    #[inline]
    pub fn key(&mut self, name: &str) -> KeyPlace {
        if self.own.is_none() {
            if self.nodes.len() < MAX_SHARED
                && let Some(step) = self.known.find(self.last, name)
            {
                self.step(step);
                return KeyPlace::Next;
            }
            return self.new_key(name);
        }
        self.own_key(name)
    }

    #[inline]
    fn step(&mut self, step: u32) {
        if self.first.is_none() {
            self.first = Some(step);
            self.nodes.reserve_exact(self.known.len_after(step));
        }
        self.last = Some(step);
    }

    fn new_key(&mut self, name: &str) -> KeyPlace {
        let len = self.nodes.len();
        if let Some(place) = self.known.place(self.last, len, name) {
            return KeyPlace::Again(place);
        }
        if len < MAX_SHARED
            && let Some(step) = self.known.add(self.last, name)
        {
            self.step(step);
            return KeyPlace::Next;
        }
        let names = self.known.names(self.last, len);
        let is_sorted = names.is_sorted();
        self.own = Some(Own { shape: Shape::new(names), is_sorted });
        self.own_key(name)
    }

    fn own_key(&mut self, name: &str) -> KeyPlace {
        let Some(own) = &mut self.own else { return self.new_key(name) };
        own.is_sorted = own.is_sorted && own.shape.names().last().is_none_or(|last| **last < *name);
        if !own.is_sorted
            && let Some(place) = own.shape.find(name)
        {
            return KeyPlace::Again(place);
        }
        own.shape.push(Name::Owned(name.to_owned()));
        KeyPlace::Next
    }

    #[inline]
    pub fn known(&mut self) -> &mut KnownKeys {
        self.known
    }

    /// Puts a node in place of the one that was read before.
    pub fn replace(&mut self, place: usize, node: Node) {
        self.nodes[place] = node;
    }

    #[inline]
    pub fn push(&mut self, node: Node) {
        self.nodes.push(node);
    }

    #[inline]
    pub fn into_object(self) -> Object {
        let len = self.nodes.len();
        if let Some(first) = self.first {
            self.known.set_len_after(first, len);
        }
        match (self.own, self.last) {
            (Some(own), _) => Object::new(Arc::new(own.shape), self.nodes),
            (None, Some(last)) => Object::new(self.known.shape(last, len), self.nodes),
            (None, None) => Object::default(),
        }
    }
}
