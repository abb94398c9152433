/// The browser's, of which there is none without Leptos.
pub(crate) enum EventSource {}
