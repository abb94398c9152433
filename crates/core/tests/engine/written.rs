//! A JSON value as some type of an app might write it: maps in any order, of known length or not, and sometimes not at all.

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeSeq},
};
use serde_json::Value;
use std::cell::Cell;

pub struct Written<'a> {
    value: &'a Value,
    /// Decides in which order members come, as the hasher of a `HashMap` does.
    salt: usize,
    /// So many nodes are written before one fails.
    left: &'a Cell<Option<usize>>,
}

impl<'a> Written<'a> {
    pub fn new(value: &'a Value, salt: usize, left: &'a Cell<Option<usize>>) -> Self {
        Self { value, salt, left }
    }

    fn inner(&self, value: &'a Value) -> Self {
        Self { value, ..*self }
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.left.get() {
            Some(0) => return Err(S::Error::custom("it is out of order")),
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
        let is_counted = !self.salt.is_multiple_of(3);
        match self.value {
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(is_counted.then_some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(&self.inner(item)))?;
                seq.end()
            }
            Value::Object(members) => {
                let mut map = serializer.serialize_map(is_counted.then_some(members.len()))?;
                let mut members: Vec<_> = members.iter().collect();
                if self.salt > 0 && !members.is_empty() {
                    let first = self.salt % members.len();
                    members.rotate_left(first);
                    if self.salt.is_multiple_of(2) {
                        members.reverse();
                    }
                }
                members.into_iter().try_for_each(|(name, value)| map.serialize_entry(name, &self.inner(value)))?;
                map.end()
            }
            scalar => scalar.serialize(serializer),
        }
    }
}
