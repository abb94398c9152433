//! Without a page that the server rendered.

pub(crate) fn carry(_: impl FnOnce() -> String + Send + Sync + 'static) -> Option<String> {
    None
}

/// Nothing is carried, so that it does not matter.
pub(crate) fn is_carried() -> bool {
    true
}

/// An app that is rendered in the browser alone has nothing to hydrate.
pub(crate) struct Hydration;

impl Hydration {
    pub(crate) fn of_owner() -> Self {
        Self
    }

    pub(crate) fn is_over(&self) -> bool {
        true
    }

    pub(crate) fn is_under_way(&self) -> bool {
        false
    }
}
