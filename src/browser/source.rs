//! Where the streams of a connection come from: the seam for all that brings events.

use leptos_sse_client::machine::Lost;
use leptos_sse_core::protocol::SubscribeRequest;
use std::rc::Rc;
use web_sys::EventSource;

/// Opens the streams of one connection.
pub(super) trait Source {
    /// Opens a stream that asks for these keys. What becomes of it is told to `told`, never within this call.
    fn open(&self, ask: &SubscribeRequest, told: Told) -> Box<dyn Stream>;
}

/// A stream that is open, or is about to be.
///
/// It is closed when it is dropped, which may be within a call to its `told`; then it tells nothing any more.
pub(super) trait Stream {
    /// The browser's own `EventSource`, if it is one.
    fn event_source(&self) -> Option<EventSource> {
        None
    }
}

/// Takes what becomes of a stream.
pub(super) type Told = Rc<dyn Fn(Report)>;

/// What becomes of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Report<'a> {
    /// The server answers with events.
    Opened,
    /// One of `event_name::ALL` came.
    Event { name: &'a str, data: &'a str },
    /// There are no events, or no more of them. One that the browser mends by itself may be opened again.
    Lost(Lost),
}
