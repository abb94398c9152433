//! A computer's own gauges and processes, live in the browser.
//!
//! [`model`] says what travels, [`app`] and [`components`] show it, and on the
//! server [`probe`] reads the machine, and [`sampler`] does so every second and
//! writes it to the hub, which any number of browsers follow.

// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

pub mod app;
pub mod chart;
pub mod components;
pub mod format;
pub mod model;
pub mod order;

#[cfg(feature = "ssr")]
pub mod probe;
#[cfg(feature = "ssr")]
pub mod sampler;

/// Wakes up the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
