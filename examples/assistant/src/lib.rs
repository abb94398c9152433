//! Conversations with a book: what it answers is written word by word, and every browser reads along.
//!
//! [`model`] says what travels, [`api`] is what a page can ask for, [`app`], [`pages`] and [`components`] show it; on the
//! server [`server`] has the chain that makes the words and the conversations in which they are written.

// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod components;
pub mod model;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;

/// Wakes up the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
