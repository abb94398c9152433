use leptos::prelude::Owner;

/// Whether the page has parts that are still to be hydrated, and whether the current owner is in one that is being hydrated.
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
