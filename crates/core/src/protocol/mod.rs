//! The wire, as `PROTOCOL.md` has it: keys, cursors, updates and the fields of an event.
//!
//! Pure: no I/O, no target or feature, neither Leptos nor a web framework.

pub mod answer;
mod control;
mod cursor;
mod feed;
mod key;
mod parser;
mod subscribe_request;
mod update;

pub use control::{Bye, Hello, Refused, Removed};
pub use cursor::{Cursor, Epoch};
pub use feed::FeedUpdate;
pub use key::{IntoKey, Key};
pub use parser::{EventStream, StreamedEvent};
pub use subscribe_request::SubscribeRequest;
pub use update::{ServerSignalUpdate, write_update};

/// The names of the events.
pub mod event_name {
    /// An update, whose event has no name of its own.
    pub const MESSAGE: &str = "message";
    /// Opens a stream: see [`Hello`](super::Hello).
    pub const HELLO: &str = "hello";
    /// Says that the stream lives: its data is a [`Cursor`](super::Cursor).
    pub const HEARTBEAT: &str = "hb";
    /// Comes before a planned close: see [`Bye`](super::Bye).
    pub const BYE: &str = "bye";
    /// Says that the server refuses a key: see [`Refused`](super::Refused).
    pub const REFUSED: &str = "refused";
    /// Says that a key was removed: see [`Removed`](super::Removed).
    pub const REMOVED: &str = "removed";
    /// One step of a feed: see [`FeedUpdate`](super::FeedUpdate).
    pub const FEED: &str = "feed";

    /// Those that mean something to a client.
    pub const ALL: [&str; 7] = [MESSAGE, HELLO, HEARTBEAT, BYE, FEED, REFUSED, REMOVED];

    /// The event of that name, if it means something to a client.
    pub fn known(name: &str) -> Option<&'static str> {
        ALL.into_iter().find(|known| *known == name)
    }
}
