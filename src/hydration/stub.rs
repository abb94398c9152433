//! The sides of hydration that a build does not have.

/// Without the server's side, nothing is written into a page.
pub(super) mod page_text {
    use crate::hydration::first::First;
    use leptos_sse_core::protocol::Key;

    pub(crate) fn page_text(_: &[(Key, First)]) -> String {
        String::new()
    }
}

/// To an app that the browser alone renders, nothing is carried.
#[cfg(not(feature = "hydrate"))]
pub(crate) mod carry {
    pub(crate) fn carry(_: impl FnOnce() -> String + Send + Sync + 'static) -> Option<String> {
        None
    }

    pub(crate) fn is_carried() -> bool {
        true
    }
}

/// An app that the browser alone renders has nothing to hydrate.
#[cfg(all(target_arch = "wasm32", feature = "csr", not(feature = "hydrate")))]
pub(crate) mod progress {
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
}
