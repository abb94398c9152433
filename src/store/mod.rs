//! Stores: a value whose fields are followed one by one. They come from [`UseSse::store`](crate::UseSse::store).

// Which fields a patch changed is told by the value's `Rebuild`, which walks along what was touched and marks the places of the
// store. `upstream` has all that is known of `reactive_stores` beyond its documented use, so that another version of it changes
// that file.

mod by_key;
mod changed_paths;
mod handle;
mod marks;
mod state;
mod triggers;
mod upstream;

pub use by_key::ByKey;
pub use handle::SseStore;
pub(crate) use state::StoreState;

#[cfg(test)]
mod tests;
