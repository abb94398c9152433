//! A kanban board that several people move cards on at once.
//!
//! [`model`] says what travels and [`rules`] what may be done with it; [`api`] are the server functions by which a page does
//! it. [`layout`] says which card stands where, and [`app`] and [`components`] show it.

// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod components;
pub mod layout;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod server;

/// Wakes up the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
