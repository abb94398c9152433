//! Live server state for Leptos.
