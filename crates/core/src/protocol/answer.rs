//! The headers of a response to a request for an event stream.

use std::time::Duration;

/// The longest wait that a server can ask for: nothing stays away for good because of one answer.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(600);

/// Whether a `Content-Type` is that of a stream of events. By its essence alone: such a stream is always UTF-8, whatever its
/// parameters say.
pub fn is_event_stream(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// The wait of a `Retry-After` in seconds; one that ends at a date is not for clocks that may differ.
pub fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().map(Duration::from_secs).ok()
}
