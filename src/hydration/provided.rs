//! The first values of one request, or of an app without a server's page.

use super::{carry, first::First, page_text::page_text};
use crate::browser;
use leptos::prelude::{provide_context, use_context};
use leptos_sse_client::keyed::Keyed;
use leptos_sse_core::protocol::{Epoch, Key};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a signal starts with, by its key, and what of that the page is to carry. All parts of a page have the same, however
/// late they are rendered: the first look-up of a key counts.
#[derive(Clone, Default)]
pub(crate) struct Provided(Arc<Mutex<State>>);

/// Gives the first value of a key, where there is one and it may be seen.
pub(crate) type Lookup = Arc<dyn Fn(&Key) -> Option<First> + Send + Sync>;

#[derive(Default)]
struct State {
    entries: Keyed<ProvidedEntry>,
    lookups: Vec<(Epoch, Lookup)>,
}

struct ProvidedEntry {
    first: Option<First>,
    /// Whether a part of the page that is hydrated starts with it.
    is_wanted: bool,
    is_written: bool,
}

impl Provided {
    /// Those in context, which are made where there are none.
    pub(crate) fn in_context() -> Self {
        use_context::<Self>().unwrap_or_else(|| {
            let provided = Self::default();
            provide_context(provided.clone());
            provided
        })
    }

    /// What a signal that is made here starts with.
    pub(crate) fn first(&self, key: &Key) -> Option<First> {
        let is_wanted = carry::is_carried();
        let found = self.lock().entries.get(key).is_some();
        if !found {
            let lookups: Vec<_> = self.lock().lookups.iter().map(|(_, lookup)| lookup.clone()).collect();
            if lookups.is_empty() && !browser::renders() {
                return None;
            }
            // Not under the lock, as it runs code of the user.
            let first = lookups.iter().find_map(|lookup| lookup(key));
            self.lock().entries.get_or_insert_with(key, || ProvidedEntry {
                first,
                is_wanted: false,
                is_written: false,
            });
        }
        let mut state = self.lock();
        let entry = state.entries.get_mut(key)?;
        entry.is_wanted |= is_wanted;
        entry.first.clone()
    }

    pub(crate) fn insert(&self, key: Key, first: First) {
        self.lock().entries.insert(key, ProvidedEntry { first: Some(first), is_wanted: false, is_written: false });
    }

    /// Has the values that are not there yet looked up. Of one epoch the last lookup counts.
    #[cfg(feature = "ssr")]
    pub(crate) fn add_lookup(&self, epoch: Epoch, lookup: Lookup) {
        let mut state = self.lock();
        state.lookups.retain(|(held, _)| *held != epoch);
        state.lookups.push((epoch, lookup));
    }

    /// What the page is to carry and does not yet.
    pub(crate) fn write(&self) -> String {
        let mut state = self.lock();
        let mut unwritten = Vec::new();
        for (key, entry) in state.entries.iter_mut() {
            if let (Some(first), true, false) = (&entry.first, entry.is_wanted, entry.is_written) {
                unwritten.push((key.clone(), first.clone()));
                entry.is_written = true;
            }
        }
        // The lock is not held while it is written.
        drop(state);
        page_text(&unwritten)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page may live long, and ask for many.
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn what_is_not_there_is_kept_in_mind_for_the_parts_of_one_page_alone() {
        let provided = Provided::default();
        let key = |id: usize| Key::of::<u8>().id(id).unwrap();
        assert!((0..10).all(|id| provided.first(&key(id)).is_none()));
        assert_eq!(provided.lock().entries.len(), if browser::renders() { 10 } else { 0 });
    }
}
