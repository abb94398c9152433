use crate::{
    document::{Flaw, Json},
    error::Error,
};
#[cfg(test)]
use serde::{Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A random name for one life of a counter; seqs of two epochs are never compared.
///
/// 1 to 32 ASCII letters and digits. They stand in the value itself: each write to a hub gives a cursor, and allocates nothing
/// for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Epoch {
    /// Behind the text there are zeros.
    text: [u8; Self::MAX_LEN],
    len: u8,
}

impl Epoch {
    const MAX_LEN: usize = 32;

    /// The epoch that a random number names.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        Self::of(&format!("{random:016x}"))
    }

    fn of(valid: &str) -> Self {
        let mut text = [0; Self::MAX_LEN];
        text[..valid.len()].copy_from_slice(valid.as_bytes());
        Self { text, len: valid.len() as u8 }
    }

    /// The epoch as text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        // ASCII is always UTF-8.
        std::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Epoch").field(&self.as_str()).finish()
    }
}

impl FromStr for Epoch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self::of(text))
        } else {
            Err(Error::malformed("an epoch", "it is not 1 to 32 ASCII letters and digits", text))
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Epoch {
    /// Reads an epoch that stands in a text.
    ///
    /// # Errors
    ///
    /// When it is not an epoch.
    pub fn read(json: &mut Json) -> Result<Self, Flaw> {
        let text = json.string("a string")?;
        text.parse().map_err(|error: Error| json.flaw(error.to_string()))
    }
}

#[cfg(test)]
impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A place in one epoch's series of writes, written `epoch.seq`.
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::Cursor;
///
/// let cursor: Cursor = "9f3c.42".parse()?;
/// assert_eq!((cursor.epoch.as_str(), cursor.seq), ("9f3c", 42));
/// assert_eq!(cursor.to_string(), "9f3c.42");
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The life of the counter.
    pub epoch: Epoch,
    /// The number of the last write in it.
    pub seq: u64,
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = |why: &str| Error::malformed("a cursor", why, text);
        let (epoch, seq) = text.split_once('.').ok_or_else(|| malformed("it has no `.`"))?;
        // `u64::from_str` would take a `+` as well.
        if !seq.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed("its seq is no number"));
        }
        Ok(Self { epoch: epoch.parse()?, seq: seq.parse().map_err(|_| malformed("its seq is no number of 64 bits"))? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_it_says_or_an_error() {
        for good in ["9f3c.42", "a.0", "Z9.18446744073709551615"] {
            assert_eq!(good.parse::<Cursor>().unwrap().to_string(), good);
        }
        for bad in
            ["", ".", "9f3c", "9f3c.", ".42", "9f3c.+4", "9f3c.-1", "9f3c.4.2", "9 f.1", "a.18446744073709551616"]
        {
            assert!(bad.parse::<Cursor>().unwrap_err().is_malformed(), "{bad:?}");
        }
    }

    #[test]
    fn a_random_epoch_can_be_read_again() {
        let epoch = Epoch::from_random(0x9f3c);
        assert_eq!(epoch.as_str().parse::<Epoch>().unwrap(), epoch);
    }
}
