//! The sides of hydration that a build does not have.

/// Without the browser's side, no page has brought anything.
#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
pub(crate) mod brought {
    use crate::hydration::first::First;
    use leptos_sse_core::protocol::Key;

    pub(crate) fn remember(_: Key, _: First) {}

    pub(crate) fn recall(_: &Key) -> Option<First> {
        None
    }

    pub(crate) fn recall_current(_: &Key) -> Option<First> {
        None
    }

    pub(crate) fn carried_texts(_: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Without the server's side, nothing is written into a page.
#[cfg(not(feature = "ssr"))]
pub(super) mod page_text {
    use crate::hydration::first::First;
    use leptos_sse_core::protocol::Key;

    pub(crate) fn page_text(_: &[(Key, First)]) -> String {
        String::new()
    }
}

/// To an app that the browser alone renders, nothing is carried.
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
pub(crate) mod carry {
    pub(crate) fn carry(_: impl FnOnce() -> String + Send + Sync + 'static) -> Option<String> {
        None
    }

    pub(crate) fn is_carried() -> bool {
        true
    }
}

/// An app that the browser alone renders has nothing to hydrate.
#[cfg(all(target_arch = "wasm32", feature = "csr", not(any(feature = "hydrate", feature = "ssr"))))]
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
