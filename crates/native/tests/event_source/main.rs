//! `native::EventSource` by the standard: in paused time against a server within the process, and over real sockets.
#![cfg(not(target_arch = "wasm32"))]

mod fake;
mod listeners;
#[path = "../support/ports.rs"]
mod ports;
mod reconnect;
mod sockets;
mod stream;
mod threads;
