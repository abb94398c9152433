//! Many tabs of one origin on one stream.
//!
//! One tab leads: it opens the streams, and hands on what they bring. Every tab, the leading one too, keeps documents of its
//! own and takes what comes by the client's rule, which drops repeats; so that a stream may bring to one tab again what
//! another one is missing, and any tab can lead at any time.
//!
//! Pure: which tab leads, what the tabs tell each other and what the streams bring is told; who opens streams, posts
//! messages and tells the connection is the browser's part of it.

mod cursor_set;
mod follower;
mod leader;
mod merge;
mod message;
mod tab;

pub use message::StreamReport;
pub use tab::{Tab, TabCommand};
