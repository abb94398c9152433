//! Keys that were read before, so that an object whose keys come in a known order needs none of its own.

use super::shape::{Name, Shape};
use std::sync::Arc;

/// How many keys in all are kept to be found again: of many unlike objects, the first ones.
const MAX_STEPS: usize = 512;
/// How many keys are looked at that may follow a key.
const MAX_NEXT: usize = 8;

/// The keys that have followed each other, so that an object whose keys come in a known order needs none of its own.
///
/// A tree: each path from its root is the keys of an object, without repetition.
#[derive(Debug, Default)]
pub struct KnownKeys {
    first: Vec<u32>,
    steps: Vec<KnownKey>,
}

#[derive(Debug)]
struct KnownKey {
    name: Name,
    /// The step before it.
    from: Option<u32>,
    /// The steps after it, the one that was taken last in front.
    next: Vec<u32>,
    /// The keys up to this one, once an object had just these.
    shape: Option<Arc<Shape>>,
    /// How many keys the last object had that began with this key.
    len: u32,
}

impl KnownKeys {
    /// The step that a key is after these steps.
    #[inline]
    pub(super) fn find(&mut self, from: Option<u32>, name: &str) -> Option<u32> {
        let steps = &self.steps;
        let next = match from {
            Some(from) => &steps[from as usize].next,
            None => &self.first,
        };
        let is_it = |step: &u32| *steps[*step as usize].name == *name;
        let first = *next.first()?;
        if is_it(&first) {
            return Some(first);
        }
        let place = next.iter().position(is_it)?;
        let step = next[place];
        self.next(from).swap(0, place);
        Some(step)
    }

    /// Adds a step; `None` when there are too many already.
    pub(super) fn add(&mut self, from: Option<u32>, name: &str) -> Option<u32> {
        if self.steps.len() >= MAX_STEPS || self.next(from).len() >= MAX_NEXT {
            return None;
        }
        let step = u32::try_from(self.steps.len()).ok()?;
        self.steps.push(KnownKey { name: Name::Owned(name.to_owned()), from, next: Vec::new(), shape: None, len: 0 });
        let next = self.next(from);
        next.push(step);
        let last = next.len() - 1;
        next.swap(0, last);
        Some(step)
    }

    /// How many keys the last object had whose first key was this one.
    pub(super) fn len_after(&self, first: u32) -> usize {
        self.steps[first as usize].len as usize
    }

    pub(super) fn set_len_after(&mut self, first: u32, len: usize) {
        self.steps[first as usize].len = u32::try_from(len).unwrap_or_default();
    }

    fn next(&mut self, from: Option<u32>) -> &mut Vec<u32> {
        match from {
            Some(from) => &mut self.steps[from as usize].next,
            None => &mut self.first,
        }
    }

    /// The keys up to a step.
    pub(super) fn shape(&mut self, step: u32, len: usize) -> Arc<Shape> {
        if let Some(shape) = &self.steps[step as usize].shape {
            return shape.clone();
        }
        let shape = Arc::new(Shape::new(self.names(Some(step), len)));
        self.steps[step as usize].shape = Some(shape.clone());
        shape
    }

    pub(super) fn names(&self, mut step: Option<u32>, len: usize) -> Vec<Name> {
        let mut names = Vec::with_capacity(len);
        while let Some(at) = step {
            names.push(self.steps[at as usize].name.clone());
            step = self.steps[at as usize].from;
        }
        names.reverse();
        names
    }

    /// Which of the steps that lead to this one a key is.
    pub(super) fn place(&self, mut step: Option<u32>, len: usize, name: &str) -> Option<usize> {
        for place in (0..len).rev() {
            let held = &self.steps[step? as usize];
            if *held.name == *name {
                return Some(place);
            }
            step = held.from;
        }
        None
    }
}
