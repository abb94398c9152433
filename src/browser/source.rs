//! Where the streams of a connection come from: the seam for all that brings events.

use leptos_sse_client::machine::Lost;
use leptos_sse_core::protocol::SubscribeRequest;
use std::rc::Rc;
use web_sys::EventSource;

/// Opens the streams of one connection.
pub(super) trait Source {
    /// Opens a stream that asks for these keys. Passes what becomes of it to `on_report`, never within this call.
    fn open(&self, ask: &SubscribeRequest, on_report: OnReport) -> Box<dyn Stream>;
}

/// A stream that is open, or is about to be.
///
/// Dropping it closes it, also within a call to its `on_report`; it reports nothing after that.
pub(super) trait Stream {
    /// The browser's own `EventSource`, if it is one.
    fn event_source(&self) -> Option<EventSource> {
        None
    }
}

/// Called with what becomes of a stream.
pub(super) type OnReport = Rc<dyn Fn(Report)>;

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
