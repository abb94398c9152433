//! The core of [`leptos_sse`](https://docs.rs/leptos_sse): the protocol, documents, and the patches between them.
//!
//! An app adds `leptos_sse`, which re-exports the parts of this crate that an app needs. The other parts may change with any
//! release.
//!
//! - [`protocol`]: keys, cursors, and the events on the wire, as `PROTOCOL.md` has them.
//! - [`document`]: the JSON value of a signal, as both ends hold it.
//! - [`diff`]: from a document to the next value, as a JSON Patch (RFC 6902).
//! - [`patch`]: a JSON Patch onto a document, all of it or nothing.
//! - [`rebuild`]: a value that follows its document part by part.
//!
//! The crate is pure: it has no feature and knows no target, no executor, no clock, neither Leptos nor HTTP.

// The derive macro names the crate by this name.
#[cfg(test)]
extern crate self as leptos_sse;

pub mod diff;
pub mod document;
mod error;
pub mod patch;
pub mod protocol;
pub mod rebuild;

pub use diff::Differ;
pub use document::Document;
pub use error::{BoxError, Error};
pub use leptos_sse_macros::Rebuild;
pub use protocol::{Cursor, Epoch, IntoKey, Key, ServerSignalUpdate};
pub use rebuild::{Rebuild, Touched};

/// The names that the derive macro's code uses.
#[doc(hidden)]
pub mod __private {
    pub use crate::rebuild::{Keyed, Marks, Touched};
    pub use serde::de::DeserializeOwned;
}
