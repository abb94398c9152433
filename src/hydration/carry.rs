//! How a text goes from the server to the browser, with the page.

use leptos::prelude::Owner;

/// Carries a text from the server to the browser; in the browser it is given out. To be called on both sides alike, as they
/// count what they share. `write` is called at the end of the page.
pub(crate) fn carry(write: impl FnOnce() -> String + Send + Sync + 'static) -> Option<String> {
    let shared = Owner::current_shared_context()?;
    let id = shared.next_id();
    let carried = shared.read_data(&id);
    if carried.is_none() && shared.get_is_hydrating() {
        shared.write_async(id, Box::pin(async move { write() }));
    }
    carried
}

/// Whether the page carries what a component starts with that is made here: one outside of the islands is not hydrated.
pub(crate) fn is_carried() -> bool {
    Owner::current_shared_context().is_none_or(|shared| shared.get_is_hydrating())
}
