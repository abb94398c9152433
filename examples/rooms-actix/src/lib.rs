//! The browser's half: takes over the page that the server wrote.
#![cfg(feature = "hydrate")]

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(rooms::app::App);
}
