//! A board of jobs that is rendered in the browser alone. Its server has another origin, and only the data.
//!
//! [`model`] says what travels, [`api`] is what the page can ask for, [`app`] and [`components`] show it; [`server`] does the
//! work: it reads every file of a folder and tells their checksum.

// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod components;
pub mod model;

#[cfg(feature = "ssr")]
pub mod server;

/// Starts the page. The script in `index.html` calls this when it has loaded the wasm.
#[cfg(feature = "csr")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
