//! The public API: the patches of successive values.

use super::{advance::advance, identity::USUAL, render::Dialect, snapshot::snapshot, walk::Walk};
use crate::{
    document::{Document, Name},
    error::Error,
};
use json_patch::Patch;
use serde::Serialize;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// The patches that lead from one value of `T` to the next.
///
/// It holds the value as a [`Document`] and walks the next one once, in step with it. Unchanged parts are neither copied
/// nor written.
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::Differ;
/// # use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Count { value: u32, unit: &'static str }
///
/// let mut differ = Differ::new();
/// let mut patch = Vec::new();
/// differ.advance(&Count { value: 1, unit: "clicks" }, &mut patch)?;
/// assert_eq!(patch, br#"[{"op":"replace","path":"","value":{"value":1,"unit":"clicks"}}]"#);
///
/// patch.clear();
/// differ.advance(&Count { value: 2, unit: "clicks" }, &mut patch)?;
/// assert_eq!(patch, br#"[{"op":"replace","path":"/value","value":2}]"#);
/// # Ok::<(), leptos_sse::Error>(())
/// ```
///
/// # The patch
///
/// Operations of [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902), in this order for each array: what changed within its
/// items, removals from the last one on, moves, additions. Items are matched by their `id`, `key`, `_id` or `uuid` (the first
/// of these that the list's first item has as a text or a whole number), or else by being equal. A patch never takes more
/// bytes than one `replace` of the whole document: an object or an array whose operations outgrow it is replaced.
///
/// # What it costs
///
/// Instructions of one update, beside those of `to_value`, `json_patch::diff` and `to_vec`, and beside one pass of
/// `serde_json::to_writer` over the value; and the length of the patch beside that of `json_patch`'s. `cargo bench --bench engine`
/// measures it, and `benches/README.md` has all of it, with what is missed.
///
/// | update | fewer | of a pass | bytes |
/// |---|--:|--:|--:|
/// | a counter | 2.7× | 4.75 | 100 % |
/// | 3 of 200 fields | 45× | 0.15 | 100 % |
/// | 10 of 1,000 entries of a map | 26× | 0.26 | 46 % |
/// | 1 message appended to 1,000 | 26× | 0.20 | 100 % |
/// | one in at the head of 1,000, one off the tail | 26× | 0.36 | 0.07 % |
/// | 4 bytes appended to 32 KiB of text | 20× | 0.07 | 0.17 % |
/// | 1 leaf of a nested 1 MiB | 18× | 0.30 | 100 % |
/// | nothing changed in 1 MiB | 18× | 0.30 | 0 |
///
/// # Numbers
///
/// A number is the same when its bits are: `1` and `1.0` differ, and so do `0.0` and `-0.0`. An `f32` is written in its own
/// shortest form where that reads back the same. JSON has no infinities and no NaN: within an `Option` they are null, and
/// else an error. A whole number of more than 64 bits is an error, too.
pub struct Differ<T: ?Sized> {
    document: Option<Document>,
    walk: Walk,
    string_edits: bool,
    value: PhantomData<fn(&T)>,
}

impl<T: ?Sized> Default for Differ<T> {
    fn default() -> Self {
        Self { document: None, walk: Walk::usual(false), string_edits: false, value: PhantomData }
    }
}

impl<T: Serialize + ?Sized> Differ<T> {
    /// A differ that has seen no value yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names one more field by which the items of arrays are told apart. It is looked for before `id`, `key`, `_id` and
    /// `uuid`, and the first one that is named before the next.
    #[must_use]
    pub fn identity(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let names = self.walk.identities.to_mut();
        let named = names.len() - USUAL.len();
        names.insert(named, Name::from(name.into()));
        self
    }

    /// Sets whether a change within a text is written as `str_ins` and `str_del` of
    /// [JSON Patch Extended](https://jsonjoy.com/specs/json-patch-extended), whose positions count UTF-16 code units.
    /// Default is no: RFC 6902 replaces the whole text.
    #[must_use]
    pub fn string_edits(mut self, on: bool) -> Self {
        self.string_edits = on;
        self
    }

    /// The document of the last value; `None` before the first.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Takes the next value, appends the patch that leads to it as JSON, and says whether there is one: when nothing changed,
    /// nothing is appended. The first patch is a `replace` of the whole document.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON ([`is_serialize`](Error::is_serialize)), or is nested deeper than 120 levels;
    /// the error names the place. The document then stays as it was.
    pub fn advance(&mut self, value: &T, patch: &mut Vec<u8>) -> Result<bool, Error> {
        self.advance_with(value, self.string_edits, patch)
    }

    /// Takes the next value, and gives the patch that leads to it as operations, of RFC 6902 alone.
    ///
    /// # Errors
    ///
    /// As [`advance`](Self::advance).
    pub fn advance_patch(&mut self, value: &T) -> Result<Option<Patch>, Error> {
        let mut text = Vec::new();
        if !self.advance_with(value, false, &mut text)? {
            return Ok(None);
        }
        let patch = serde_json::from_slice(&text);
        patch.map(Some).map_err(|error| Error::serialize(std::any::type_name::<T>(), error))
    }

    fn advance_with(&mut self, value: &T, string_edits: bool, patch: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(document) = &mut self.document else {
            // With the shapes of the walk, which new items will share.
            let document = Document::of_with(value, &mut self.walk.shapes)?;
            snapshot(&document, patch);
            self.document = Some(document);
            return Ok(true);
        };
        self.walk.splices = string_edits;
        let mut step = advance(&mut self.walk, document, value)?;
        let is_changed = !step.is_empty();
        if is_changed {
            let dialect = if string_edits { Dialect::Extended } else { Dialect::Plain };
            step.render(document, dialect, patch);
            step.apply(document);
        }
        self.walk.take_back(step);
        Ok(is_changed)
    }
}

impl<T: ?Sized> fmt::Debug for Differ<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Differ").field("document", &self.document).finish_non_exhaustive()
    }
}
