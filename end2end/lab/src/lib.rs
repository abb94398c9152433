//! The lab: a page for each hard state of a connection, for the end-to-end tests.

pub mod app;
mod scenes;
pub mod values;

#[cfg(feature = "ssr")]
pub mod hub;
#[cfg(feature = "ssr")]
pub mod streams;

#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // With lazy routes a page waits for the code of its own one.
    if leptos::leptos_dom::helpers::location_pathname().is_some_and(|path| path.starts_with("/paint/lazy")) {
        leptos::mount::hydrate_lazy(app::App);
    } else {
        leptos::mount::hydrate_body(app::App);
    }
}
