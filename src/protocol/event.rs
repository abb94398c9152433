use std::{borrow::Cow, fmt, time::Duration};

/// The fields of one server-sent event, as the WHATWG HTML standard names them (section 9.2).
///
/// What it holds never breaks a line: data is JSON or a cursor, names are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event:` field; none for a message.
    pub event: Option<&'static str>,
    /// The `retry:` field: how long a browser waits before it reconnects.
    pub retry: Option<Duration>,
    /// The `data:` field.
    pub data: Cow<'static, str>,
}

impl SseEvent {
    /// An unnamed event, which carries an update.
    #[must_use]
    pub fn message(data: impl Into<Cow<'static, str>>) -> Self {
        Self { event: None, retry: None, data: data.into() }
    }

    /// A named event.
    #[must_use]
    pub fn named(event: &'static str, data: impl Into<Cow<'static, str>>) -> Self {
        Self { event: Some(event), retry: None, data: data.into() }
    }

    /// Sets how long a browser waits before it reconnects. Default is the browser's own choice, a few seconds.
    #[must_use]
    pub fn retry(mut self, retry: Duration) -> Self {
        self.retry = Some(retry);
        self
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
        assert_eq!(SseEvent::message("{}").to_string(), "data: {}\n\n");
        assert_eq!(
            SseEvent::named("hello", "{}").retry(Duration::from_millis(1843)).to_string(),
            "event: hello\nretry: 1843\ndata: {}\n\n",
        );
    }
}
