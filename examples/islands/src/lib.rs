//! A shop whose page is plain HTML, but for a few live islands that share one connection.
//!
//! [`model`] says what travels, and [`islands`] shows it. All else, [`page`] and [`shop`], is the server's alone: the browser's
//! wasm does not even know what is for sale.

pub mod islands;
pub mod model;

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod shop;

/// Gets the wasm ready; the page's own script then wakes up each island that it finds.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
