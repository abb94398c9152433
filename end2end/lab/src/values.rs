//! The documents that the scenes follow.

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

/// A document of about a mebibyte.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Big {
    pub edition: u32,
    pub text: String,
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
