use crate::Error;
use std::time::Duration;

/// Reads an event stream as its bytes come, as the WHATWG HTML standard says (section 9.2.6).
///
/// An event that has no blank line behind it when the stream ends is dropped with the parser. A parser that gave an error
/// has lost its place: nothing that it reads from then on has a meaning.
///
/// It is what a reader without an `EventSource` of its own uses.
#[derive(Clone, Debug)]
pub struct EventStream {
    max_event_len: usize,
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    is_first_line: bool,
    /// Whether a LF that comes next ends no line: it belongs to the CR before it.
    is_after_cr: bool,
    event: String,
    data: String,
    /// The last id that was named, also by an event that is not complete: the standard's "last event ID buffer".
    id: String,
    /// The one of the last event that is complete: the standard's "last event ID string".
    last_event_id: String,
    retry: Option<Duration>,
}

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamedEvent<'a> {
    /// Its type; `message` when the stream names none.
    pub event: &'a str,
    /// Its data, whose lines are joined by LF.
    pub data: &'a str,
    /// The last id that the stream has named, by this event or by one before it.
    pub last_event_id: &'a str,
}

impl Default for EventStream {
    fn default() -> Self {
        Self::new(Self::MAX_EVENT_LEN)
    }
}

impl EventStream {
    /// How many bytes an event may have by default: 64 MiB.
    pub const MAX_EVENT_LEN: usize = 64 << 20;

    /// A parser at the start of a stream, which takes events, and lines, of at most so many bytes.
    #[must_use]
    pub fn new(max_event_len: usize) -> Self {
        Self {
            max_event_len,
            line: Vec::new(),
            is_first_line: true,
            is_after_cr: false,
            event: String::new(),
            data: String::new(),
            id: String::new(),
            last_event_id: String::new(),
            retry: None,
        }
    }

    /// Begins with the last id of the stream before this one, which counts until the server names another.
    ///
    /// As browsers do: by the standard's letter the first event without an id would forget it.
    #[must_use]
    pub fn resuming(mut self, last_event_id: &str) -> Self {
        last_event_id.clone_into(&mut self.id);
        last_event_id.clone_into(&mut self.last_event_id);
        self
    }

    /// Reads what comes next of the stream, cut anywhere, and gives each event that is complete with it.
    ///
    /// # Errors
    ///
    /// When an event or a line is longer than the parser takes.
    pub fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(StreamedEvent)) -> Result<(), Error> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.is_after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.data.len().saturating_add(self.line.len()).saturating_add(part.len()) > self.max_event_len {
                return Err(Error::long_event(self.max_event_len));
            }
            let Some(end) = end else {
                self.line.extend_from_slice(part);
                return Ok(());
            };
            if self.line.is_empty() {
                self.read_line(part, &mut take);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(part);
                self.read_line(&line, &mut take);
                // Its room serves the next one, unless it is uncommonly large.
                line.clear();
                line.shrink_to(KEPT);
                self.line = line;
            }
            self.is_after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// The wait before a reconnect, if the stream has named one.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// What a reconnect tells the server that it has: the id of the last event that is complete, also of one without data.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    fn read_line(&mut self, mut line: &[u8], take: &mut impl FnMut(StreamedEvent)) {
        if std::mem::take(&mut self.is_first_line) {
            // "The UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any."
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(take);
        }
        // A line is a whole number of characters, good or bad, as the ends of lines are no part of another one.
        let line = String::from_utf8_lossy(line);
        match line.split_once(':') {
            // "If the line starts with a U+003A COLON character (:): Ignore the line."
            Some(("", _)) => {}
            Some((field, value)) => self.read_field(field, value.strip_prefix(' ').unwrap_or(value)),
            None => self.read_field(&line, ""),
        }
    }

    fn read_field(&mut self, field: &str, value: &str) {
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data += value;
                self.data.push('\n');
            }
            // "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value."
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // "If the field value consists of only ASCII digits."
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().map(Duration::from_millis).ok().or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, take: &mut impl FnMut(StreamedEvent)) {
        // "Set the last event ID string of the event source to the value of the last event ID buffer."
        if self.last_event_id != self.id {
            self.last_event_id.clone_from(&self.id);
        }
        // "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and
        // return." Else its last character is the LF behind the last line.
        if let Some(data) = self.data.strip_suffix('\n') {
            let event = if self.event.is_empty() { "message" } else { &self.event };
            take(StreamedEvent { event, data, last_event_id: &self.last_event_id });
        }
        self.event.clear();
        self.data.clear();
        self.data.shrink_to(KEPT);
    }
}

/// How much room is kept from one event to the next, in bytes.
const KEPT: usize = 64 << 10;

#[cfg(test)]
mod tests;
