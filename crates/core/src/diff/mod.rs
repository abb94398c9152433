//! From one value to the next: a patch.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.
//!
//! [`advance`] walks a value once, in step with the document that is held ([`Walk`]), and gives a [`Step`] of edits, which
//! writes itself as a patch. `compare` is the walk: a `Serializer`, and one each for objects and lists within it.

mod advance;
mod change;
mod compare;
mod cost;
mod differ;
mod edit;
mod identity;
mod moves;
mod places;
mod render;
mod snapshot;
mod step;
mod text;
mod walk;

pub use advance::advance;
pub use differ::Differ;
pub use render::Dialect;
pub use snapshot::snapshot;
pub use step::Step;
pub use walk::Walk;
