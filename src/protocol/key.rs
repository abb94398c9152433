use crate::{
    Error,
    document::{Flaw, Json},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};

/// The name that both ends know a signal by.
///
/// By default the type's full name ([`Key::of`]); a caller can choose another ([`Key::new`]). A key that exists is a good
/// one: 1 to 1024 bytes, without control characters.
///
/// ```
/// use leptos_sse::Key;
///
/// struct Count;
/// assert!(Key::of::<Count>().as_str().ends_with("::Count"));
/// assert_eq!(Key::new("count")?.as_str(), "count");
/// assert!(Key::new("").is_err());
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Key(Cow<'static, str>);

impl Key {
    /// The most bytes that a key may have.
    pub const MAX_LEN: usize = 1024;

    /// The key of a type: its full name, as [`std::any::type_name`] gives it.
    #[must_use]
    pub fn of<T: ?Sized>() -> Self {
        Self(Cow::Borrowed(std::any::type_name::<T>()))
    }

    /// A key of one's own choice.
    ///
    /// # Errors
    ///
    /// When the name is empty, longer than [`Key::MAX_LEN`] bytes, or holds a control character.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        if name.is_empty() {
            Err(Error::key(&name, "it is empty"))
        } else if name.len() > Self::MAX_LEN {
            Err(Error::key(&name, "it is longer than 1024 bytes"))
        } else if name.chars().any(char::is_control) {
            Err(Error::key(&name, "it holds a control character"))
        } else {
            Ok(Self(name))
        }
    }

    /// The key of one of many: this key, a colon, and the id.
    ///
    /// ```
    /// # use leptos_sse::Key;
    /// assert_eq!(Key::new("room")?.with_id(42)?.as_str(), "room:42");
    /// # Ok::<(), leptos_sse::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the id is empty, or the whole is no key.
    pub fn with_id(&self, id: impl fmt::Display) -> Result<Self, Error> {
        let name = format!("{self}:{id}");
        if name.len() == self.0.len() + 1 { Err(Error::key(&name, "its id is empty")) } else { Self::new(name) }
    }

    /// The id of one of many of `T`; none when it is another key.
    ///
    /// ```
    /// # use leptos_sse::Key;
    /// struct Room;
    /// let key = Key::of::<Room>().with_id(42)?;
    /// assert_eq!(key.id_of::<Room>(), Some("42"));
    /// assert_eq!(Key::of::<Room>().id_of::<Room>(), None);
    /// # Ok::<(), leptos_sse::Error>(())
    /// ```
    #[must_use]
    pub fn id_of<T: ?Sized>(&self) -> Option<&str> {
        self.0.strip_prefix(std::any::type_name::<T>())?.strip_prefix(':').filter(|id| !id.is_empty())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Key {
    pub(crate) fn read(json: &mut Json) -> Result<Self, Flaw> {
        let name = json.string("a string")?.into_owned();
        Self::new(name).map_err(|error| json.flaw(error.to_string()))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_break_a_line_or_a_request_is_refused() {
        for bad in ["", "a\nb", "a\0", "\u{7f}", &"k".repeat(1025)] {
            let error = Key::new(bad.to_owned()).unwrap_err();
            assert!(error.is_invalid_key(), "{bad:?}");
        }
        for good in ["count", "Room:42", "app::Count<alloc::vec::Vec<u8>>", "naïve 名前", &"k".repeat(1024)] {
            assert_eq!(Key::new(good.to_owned()).unwrap().as_str(), good);
        }
    }

    #[test]
    fn an_id_is_part_of_the_key_or_an_error() {
        let room = Key::new("room").unwrap();
        assert_eq!(room.with_id("a:b").unwrap().as_str(), "room:a:b");
        for bad in ["", "a\nb", &"k".repeat(1024)] {
            assert!(room.with_id(bad).unwrap_err().is_invalid_key(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_from_the_wire_is_checked_like_any_other() {
        assert!(serde_json::from_str::<Key>(r#""a\nb""#).is_err());
        assert_eq!(serde_json::from_str::<Key>(r#""count""#).unwrap(), Key::new("count").unwrap());
    }
}
