use leptos::prelude::Owner;

/// Whether what the component of now shares with the page is written into it: a component outside of the islands shares
/// nothing.
pub(crate) fn shares_values() -> bool {
    Owner::current_shared_context().is_none_or(|shared| shared.get_is_hydrating())
}

/// Whether the page is still being hydrated.
///
/// What hydrates must find the values that the server rendered: Leptos does not touch a text that it believes to be right.
pub(super) struct Hydration(Option<Box<dyn Fn() -> bool>>);

impl Hydration {
    pub(super) fn of_owner() -> Self {
        let shared = Owner::current_shared_context();
        // An app of islands is never told that it is complete; but outside of an island it is not hydrating.
        Self(shared.map(|shared| Box::new(move || shared.during_hydration() && shared.get_is_hydrating()) as _))
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.0.as_ref().is_some_and(|is_under_way| is_under_way())
    }
}
