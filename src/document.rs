//! Documents: from one value to the next as a JSON Patch, and back.
//!
//! [`Differ`] gives the patch from each value to the next, and [`Document`] takes it. Signals run on them.

pub use leptos_sse_core::{Differ, Document, Touched};
