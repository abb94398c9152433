//! The modules of the crate that know neither Leptos nor the world, as a crate of the same name.
#![allow(dead_code, unused_imports)]

#[path = "../src/diff/mod.rs"]
mod diff;
#[path = "../src/document/mod.rs"]
mod document;
#[path = "../src/error.rs"]
mod error;
#[path = "../src/patch/mod.rs"]
mod patch;
#[path = "../src/protocol/mod.rs"]
mod protocol;

pub use diff::differ::Differ;
pub use document::Document;
pub use error::Error;
pub use protocol::{
    Ask, Bye, Cursor, Epoch, EventStream, FeedUpdate, Hello, Key, Refused, Removed, ServerSignalUpdate, SseEvent,
    StreamedEvent, event_name,
};

/// The event of a message, as the hub and the streams make it.
pub fn event(name: Option<&'static str>, data: String) -> SseEvent {
    match name {
        Some(name) => SseEvent::named(name, data),
        None => SseEvent::message(data),
    }
}

/// The event that opens a stream.
pub fn hello(hello: &Hello) -> SseEvent {
    SseEvent::hello(hello)
}
