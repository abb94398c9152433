//! A value that follows its document part by part: what a patch did not touch is not read again.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

mod change_tree;
mod fixed;
mod keyed;
mod list;
mod map;
mod marks;
mod pieces;
mod touched;
mod whole;

#[cfg(test)]
mod tests;

pub use keyed::Keyed;
pub use marks::{ItemKey, Marks};
pub use touched::{Touched, TouchedList};

use crate::{
    document::Document,
    error::Error,
    patch::{Operations, Touch},
};
use change_tree::ChangeTree;
use serde::de::DeserializeOwned;

/// A type of which a signal can rebuild only the parts that the server changed.
///
/// Without it a signal reads its whole value from the document with each update. A list of a thousand messages that gets one
/// more costs a thousand and one then, and one with it. Derive it beside serde's `Deserialize`, for each struct down to what
/// changes by itself, and follow the signal with
/// [`in_place`](https://docs.rs/leptos_sse/latest/leptos_sse/struct.UseSse.html#method.in_place):
///
/// ```
/// # extern crate leptos_sse_core as leptos_sse;
/// use leptos_sse::Rebuild;
/// use serde::Deserialize;
/// use std::collections::HashMap;
///
/// #[derive(Default, Deserialize, Rebuild)]
/// struct Chat {
///     topic: String,
///     messages: Vec<Message>,
///     unread: HashMap<String, u32>,
///     #[rebuild(whole)]
///     mood: Mood,
/// }
///
/// #[derive(Deserialize, Rebuild)]
/// struct Message {
///     from: String,
///     text: String,
/// }
///
/// // It has no `Rebuild`, so that the field of that type says `#[rebuild(whole)]`.
/// #[derive(Default, Deserialize)]
/// enum Mood {
///     #[default]
///     Calm,
///     Busy,
/// }
/// ```
///
/// The rebuilt value is always the one that `T::deserialize` makes of the whole document. These are
/// read as a whole: an enum, a struct with `#[serde(flatten)]`, a field that is gone, an array of another length, and any other
/// place that does not fit.
///
/// The derive macro reads serde's attributes, and knows nothing of a `Deserialize` that is written by hand. For a type that has
/// one, derive it with `#[rebuild(whole)]` on the type.
///
/// ```compile_fail
/// # extern crate leptos_sse_core as leptos_sse;
/// # use leptos_sse::Rebuild;
/// # use serde::Deserialize;
/// #[derive(Deserialize)]
/// struct Inner;
///
/// #[derive(Deserialize, Rebuild)]
/// struct Outer {
///     inner: Inner, // it wants `#[rebuild(whole)]`
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be rebuilt in part",
    label = "it does not implement `leptos_sse::Rebuild`",
    note = "derive `leptos_sse::Rebuild` for `{Self}`, or write `#[rebuild(whole)]` above the field that holds it"
)]
pub trait Rebuild: DeserializeOwned {
    /// The parts that were touched, as they were read.
    type Part;

    /// Reads what was touched. The value is what it was before the patch, and stays so.
    ///
    /// # Errors
    ///
    /// When the document no longer fits the type.
    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error>;

    /// Takes over what was read.
    fn rebuild(&mut self, part: Self::Part);

    /// Tells a store which of its places have changed: before the rebuild, and again after it. `touched` is `None` when this
    /// place was replaced as a whole.
    ///
    /// The default marks the whole place, whatever was touched in it.
    #[doc(hidden)]
    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        let _ = touched;
        marks.whole();
    }
}

/// Calls `then` with the parts that a patch touched.
pub fn with_touched<R>(document: &Document, touches: &[Touch], then: impl FnOnce(Touched<'_>) -> R) -> R {
    then(Touched::new(document, &ChangeTree::of(touches)))
}

/// Reads what a patch touched, for a value that is what the document was before it.
///
/// # Errors
///
/// When the touched parts do not fit `T`.
pub fn prepare<T: Rebuild>(value: &T, document: &Document, touches: &[Touch]) -> Result<T::Part, Error> {
    with_touched(document, touches, |touched| value.prepare(touched))
}

impl Document {
    /// Applies a JSON Patch, as [`apply`](Self::apply) does, and rebuilds the parts that it touched of a value that was read
    /// from this document.
    ///
    /// ```
    /// # extern crate leptos_sse_core as leptos_sse;
    /// use leptos_sse::{Document, Rebuild};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, PartialEq, Deserialize, Rebuild)]
    /// struct Log {
    ///     lines: Vec<String>,
    /// }
    ///
    /// let mut document = Document::parse(r#"{"lines":["one"]}"#)?;
    /// let mut log: Log = document.read()?;
    /// document.apply_to(r#"[{"op":"add","path":"/lines/-","value":"two"}]"#, &mut log)?;
    /// assert_eq!(log.lines, ["one", "two"]);
    /// # Ok::<(), leptos_sse::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is no patch, or an operation does not fit: document and value are then what they were. When the new document is no
    /// `T` ([`is_unreadable`](Error::is_unreadable)), the document has changed and the value has not: [`read`](Self::read) it
    /// anew when the next patch is in.
    pub fn apply_to<T: Rebuild>(&mut self, patch: &str, value: &mut T) -> Result<(), Error> {
        let touches = self.apply_operations(Operations::parse(patch)?.0)?;
        value.rebuild(prepare(value, self, &touches)?);
        Ok(())
    }
}
