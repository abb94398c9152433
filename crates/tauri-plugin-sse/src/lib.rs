//! The browser's `EventSource` for windows of Tauri, over a client in the process of the app.
//!
//! A page in a window has an origin of its own, `tauri://localhost` or `http://tauri.localhost`, so that the `EventSource` of
//! its webview reads only from servers that allow that origin (CORS). Where they do not, this plugin opens the stream in the
//! app's own process, which no such rule binds, by [`leptos_sse_native::EventSource`]; a class with the interface of the
//! browser's carries its events to the page.
//!
//! ```
//! # fn with_sse<R: tauri::Runtime>(builder: tauri::Builder<R>) -> tauri::Builder<R> {
//! // Pages that write `new EventSource("https://api.example.com/…")` get this one.
//! builder.plugin(tauri_plugin_sse::Builder::new().replace("https://api.example.com").build())
//! # }
//! ```
//!
//! Which URLs a window may open is a matter of its capabilities. Default is none:
//!
//! ```json
//! { "permissions": [{ "identifier": "sse:default", "allow": [{ "url": "https://api.example.com/*" }] }] }
//! ```
//!
//! See the [README](https://docs.rs/crate/tauri-plugin-sse) for the page's side.

mod builder;
mod commands;
mod error;
mod message;
mod open;
mod scope;
mod script;

pub use builder::{Builder, init};
