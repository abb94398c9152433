use crate::{
    document::{Flaw, Json},
    error::Error,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt};

/// The name that both ends know a signal by.
///
/// By default the type's full name ([`Key::of`]), with an id for one of many ([`Key::id`]); a caller can choose another name
/// ([`Key::named`]). A `Key` that exists is valid: 1 to 1024 bytes, without control characters.
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::Key;
///
/// struct Count;
/// assert!(Key::of::<Count>().as_str().ends_with("::Count"));
/// assert_eq!(Key::named("count")?.as_str(), "count");
/// assert!(Key::named("").is_err());
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
    #[inline]
    pub fn of<T: ?Sized>() -> Self {
        Self(Cow::Borrowed(std::any::type_name::<T>()))
    }

    /// A key with this name.
    ///
    /// # Errors
    ///
    /// When the name is empty, longer than [`Key::MAX_LEN`] bytes, or holds a control character.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
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

    /// The key of one value among many: this key, a colon, and the id.
    ///
    /// ```
    /// # extern crate leptos_sse_core as leptos_sse;
    /// # use leptos_sse::Key;
    /// assert_eq!(Key::named("room")?.id(42)?.as_str(), "room:42");
    /// # Ok::<(), leptos_sse::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the id is empty, or the whole is not a valid name (see [`Key::named`]).
    pub fn id(&self, id: impl fmt::Display) -> Result<Self, Error> {
        let name = format!("{self}:{id}");
        if name.len() == self.0.len() + 1 { Err(Error::key(&name, "its id is empty")) } else { Self::named(name) }
    }

    /// The id in a key of `T`; `None` when the key has no id, or is not one of `T`.
    ///
    /// ```
    /// # extern crate leptos_sse_core as leptos_sse;
    /// # use leptos_sse::Key;
    /// struct Room;
    /// let key = Key::of::<Room>().id(42)?;
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
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What names one value of `T`: an id, or a [`Key`].
///
/// A text or a whole number is an id: `7` stands for `Key::of::<T>().id(7)`. A [`Key`], and the `Result` of [`Key::named`] and
/// [`Key::id`], stands for itself.
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::{IntoKey, Key};
///
/// struct Room;
/// assert_eq!(7.into_key::<Room>()?, Key::of::<Room>().id(7)?);
/// assert_eq!(Key::named("lobby").into_key::<Room>()?.as_str(), "lobby");
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no value",
    label = "expected a text or a whole number, which is an id, or a `Key`",
    note = "write an id of another type as `Key::of::<T>().id(id)`, for any `id` that implements `Display`"
)]
pub trait IntoKey {
    /// The key of that value of `T`.
    ///
    /// # Errors
    ///
    /// When the id, or the name, makes no valid key ([`is_invalid_key`](Error::is_invalid_key)).
    fn into_key<T: ?Sized>(self) -> Result<Key, Error>;
}

impl IntoKey for Key {
    fn into_key<T: ?Sized>(self) -> Result<Key, Error> {
        Ok(self)
    }
}

impl IntoKey for &Key {
    fn into_key<T: ?Sized>(self) -> Result<Key, Error> {
        Ok(self.clone())
    }
}

impl IntoKey for Result<Key, Error> {
    fn into_key<T: ?Sized>(self) -> Result<Key, Error> {
        self
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl IntoKey for $id {
            fn into_key<T: ?Sized>(self) -> Result<Key, Error> {
                Key::of::<T>().id(self)
            }
        }
    )*};
}

ids!(&str, &String, String, Cow<'_, str>, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

/// So that a `Key` can be given where a name is.
impl From<Key> for Cow<'static, str> {
    fn from(key: Key) -> Self {
        key.0
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
    /// Reads a key that stands in a text.
    ///
    /// # Errors
    ///
    /// When it is not a key.
    pub fn read(json: &mut Json) -> Result<Self, Flaw> {
        let name = json.string("a string")?.into_owned();
        Self::named(name).map_err(|error| json.flaw(error.to_string()))
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_break_a_line_or_a_request_is_refused() {
        for bad in ["", "a\nb", "a\0", "\u{7f}", &"k".repeat(1025)] {
            let error = Key::named(bad.to_owned()).unwrap_err();
            assert!(error.is_invalid_key(), "{bad:?}");
        }
        for good in ["count", "Room:42", "app::Count<alloc::vec::Vec<u8>>", "naïve 名前", &"k".repeat(1024)] {
            assert_eq!(Key::named(good.to_owned()).unwrap().as_str(), good);
        }
    }

    #[test]
    fn an_id_is_part_of_the_key_or_an_error() {
        let room = Key::named("room").unwrap();
        assert_eq!(room.id("a:b").unwrap().as_str(), "room:a:b");
        for bad in ["", "a\nb", &"k".repeat(1024)] {
            assert!(room.id(bad).unwrap_err().is_invalid_key(), "{bad:?}");
        }
    }

    #[test]
    fn a_bare_value_is_an_id_and_a_key_is_itself() {
        struct Room;
        let room = Key::of::<Room>();
        assert_eq!("a".into_key::<Room>().unwrap(), room.id("a").unwrap());
        assert_eq!(7_u64.into_key::<Room>().unwrap(), room.id(7).unwrap());
        assert_eq!(Key::named("lobby").into_key::<Room>().unwrap().as_str(), "lobby");
        assert_eq!((&room).into_key::<u8>().unwrap(), room);
        assert_eq!(Key::named(room.clone()).unwrap(), room);
        assert!("".into_key::<Room>().unwrap_err().is_invalid_key());
    }

    #[test]
    fn a_key_from_the_wire_is_checked_like_any_other() {
        assert!(serde_json::from_str::<Key>(r#""a\nb""#).is_err());
        assert_eq!(serde_json::from_str::<Key>(r#""count""#).unwrap(), Key::named("count").unwrap());
    }
}
