use super::{Hello, event_name};
use serde::Serialize;
use std::{fmt, time::Duration};

/// The fields of one server-sent event, as the WHATWG HTML standard names them (section 9.2).
///
/// It makes the events of any web framework that has `From<SseEvent>` for its own. What it holds never breaks a line: data
/// is JSON or a cursor, names are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    event: Option<&'static str>,
    retry: Option<Duration>,
    data: String,
}

impl SseEvent {
    /// An unnamed event, which carries an update.
    pub(crate) fn message(data: String) -> Self {
        Self { event: None, retry: None, data }
    }

    /// A named event.
    pub(crate) fn named(event: &'static str, data: String) -> Self {
        Self { event: Some(event), retry: None, data }
    }

    /// A named event whose data is one of our own messages.
    pub(crate) fn json(event: &'static str, message: &impl Serialize) -> Self {
        // Their fields are strings and numbers, which can always be written.
        Self::named(event, serde_json::to_string(message).unwrap_or_default())
    }

    /// The event that opens a stream.
    pub(crate) fn hello(hello: &Hello) -> Self {
        let event = Self::json(event_name::HELLO, hello);
        match hello.retry() {
            Some(retry) => event.with_retry(retry),
            None => event,
        }
    }

    /// Sets how long a browser waits before it reconnects. Default is the browser's own choice, a few seconds.
    pub(crate) fn with_retry(mut self, retry: Duration) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The `event:` field; none for a message.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event
    }

    /// The `retry:` field: how long a browser waits before it reconnects.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// The `data:` field.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }
}

/// The event as it stands on the wire, with the blank line that ends it.
impl fmt::Display for SseEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = self.event {
            writeln!(f, "event: {event}")?;
        }
        if let Some(retry) = self.retry {
            writeln!(f, "retry: {}", retry.as_millis())?;
        }
        write!(f, "data: {}\n\n", self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_fields_and_a_blank_line() {
        assert_eq!(SseEvent::message("{}".to_owned()).to_string(), "data: {}\n\n");
        assert_eq!(
            SseEvent::named("hello", "{}".to_owned()).with_retry(Duration::from_millis(1843)).to_string(),
            "event: hello\nretry: 1843\ndata: {}\n\n",
        );
    }
}
