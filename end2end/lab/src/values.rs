//! The documents that the scenes follow.

use std::fmt;

use leptos_sse::Rebuild;
use reactive_stores::Store;
use serde::{Deserialize, Serialize};

/// A counter that tells where it comes from, so that a mixture of two lives shows:
/// `double` is always twice `value`, within one `run` and one `connection`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// The server's process.
    pub run: u32,
    /// How many streams of this kind the process had opened.
    pub connection: u32,
    pub value: u32,
    pub double: u32,
}

/// A number that the whole server shares and that moves only when a test says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Round {
    pub value: u32,
}

/// Two numbers in one document, for wires that a test writes by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub left: i32,
    pub right: i32,
}

/// A document that no `Pair` can be read from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub text: String,
}

/// A large document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Big {
    pub edition: u32,
    pub text: String,
}

/// What a page shows of it.
impl fmt::Display for Big {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.edition, self.text.len(), self.text.chars().last().unwrap_or('-'))
    }
}

/// A number that the page starts from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seeded {
    pub value: u32,
}

/// A number that refuses to be written when it is odd.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Fussy {
    pub value: u32,
}

impl Serialize for Fussy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeStruct};

        if self.value % 2 == 1 {
            return Err(S::Error::custom("an odd number"));
        }
        let mut fields = serializer.serialize_struct("Fussy", 1)?;
        fields.serialize_field("value", &self.value)?;
        fields.end()
    }
}

/// A counter of the hub, which tells like a [`Tick`] where it comes from: `double` is always twice `value`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The server's process.
    pub run: u32,
    /// How many counters the process had made; one that is made again has another life.
    pub life: u32,
    pub value: u32,
    pub double: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, life, value, double } = self;
        write!(f, "{run} {life} {value} {double}")
    }
}

/// One of many, which tells which.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    pub id: String,
    pub visits: u32,
}

/// An event of the hub's feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// The server's process.
    pub run: u32,
    /// Counts the notes of one run, from 1.
    pub number: u32,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.run, self.number)
    }
}

/// A table, of which pages follow each price by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
pub struct Market {
    #[store(key: u64 = |row| row.id)]
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
pub struct Row {
    pub id: u64,
    pub price: u32,
}

/// What a page shows of it.
impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|row| write!(f, "{}:{} ", row.id, row.price))
    }
}
