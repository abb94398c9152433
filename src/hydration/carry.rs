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

/// Whether the page is still being hydrated.
///
/// What hydrates must find the values that the server rendered: Leptos does not touch a text that it believes to be right.
///
/// Whether there is something to hydrate in it, and whether this is in what is hydrated.
pub(crate) struct Hydration(Option<Box<dyn Fn() -> (bool, bool)>>);

impl Hydration {
    pub(crate) fn of_owner() -> Self {
        let shared = Owner::current_shared_context();
        Self(shared.map(|shared| Box::new(move || (shared.during_hydration(), shared.get_is_hydrating())) as _))
    }

    /// Whether no part of the page is hydrated any more. In an app of islands it never is.
    pub(crate) fn is_over(&self) -> bool {
        self.0.as_ref().is_none_or(|during| !during().0)
    }

    pub(crate) fn is_under_way(&self) -> bool {
        // An app of islands is never told that it is complete; but outside of an island it is not hydrating.
        self.0.as_ref().is_some_and(|during| during() == (true, true))
    }
}
