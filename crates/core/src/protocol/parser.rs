use crate::error::Error;
use memchr::{memchr2, memrchr2};
use std::{borrow::Cow, mem, time::Duration};

/// Reads an event stream as its bytes come, as the WHATWG HTML standard says (section 9.2.6).
///
/// An event that has no blank line behind it when the stream ends is dropped with the parser. A parser that gave an error
/// has lost its place: nothing that it reads from then on has a meaning.
///
/// It is what a reader without an `EventSource` of its own uses. What is whole in the bytes that come is handed out from
/// where it lies; only what they cut is copied.
#[derive(Clone, Debug)]
pub struct EventStream {
    max_event_len: usize,
    /// The start of a line whose end has not come.
    line: Vec<u8>,
    is_first_line: bool,
    /// Whether a LF that comes next ends no line: it belongs to the CR before it.
    is_after_cr: bool,
    /// The fields of the event whose end has not come, as far as earlier bytes had them.
    event: String,
    data: String,
    /// What it has named for the standard's "last event ID buffer".
    id: Option<String>,
    /// The id of the last event that is complete: the standard's "last event ID string".
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
            id: None,
            last_event_id: String::new(),
            retry: None,
        }
    }

    /// Begins with the last id of the stream before this one, which counts until the server names another.
    ///
    /// As browsers do: by the standard's letter the first event without an id would forget it.
    #[must_use]
    pub fn resuming(mut self, last_event_id: &str) -> Self {
        last_event_id.clone_into(&mut self.last_event_id);
        self
    }

    /// Reads what comes next of the stream, cut anywhere, and gives each event that is complete with it.
    ///
    /// # Errors
    ///
    /// When an event or a line is longer than the parser takes. What was complete before it has been given.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(StreamedEvent)) -> Result<(), Error> {
        self.read(bytes, &mut take)
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

    fn read(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(StreamedEvent)) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        if mem::take(&mut self.is_after_cr) {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        let Some(last) = memrchr2(b'\n', b'\r', bytes) else { return self.hold(bytes) };
        let (mut lines, rest) = bytes.split_at(last + 1);
        self.is_after_cr = rest.is_empty() && lines.ends_with(b"\r");
        let mut first = mem::take(&mut self.line);
        let is_cut = !first.is_empty();
        if is_cut {
            let (end, others) = lines.split_at(memchr2(b'\n', b'\r', lines).unwrap_or(lines.len()));
            first.extend_from_slice(end);
            lines = others.strip_prefix(b"\r\n").or_else(|| others.get(1..)).unwrap_or_default();
        }
        // Whole lines are a whole number of characters, good or bad.
        let (cut, lines) = (decode(&first), decode(lines));
        let mut open = Open::default();
        let read = if is_cut { self.read_line(&cut, &mut open, take) } else { Ok(()) };
        let read = read.and_then(|()| self.read_lines(&lines, &mut open, take));
        let longest = first.len().max(open.longest);
        self.keep(open);
        drop(cut);
        first.clear();
        self.line = first;
        // Their room serves the next ones, unless that is uncommonly large, and these needed no such room.
        if longest <= KEPT {
            self.line.shrink_to(KEPT);
            self.data.shrink_to(KEPT);
        }
        read?;
        self.hold(rest)
    }

    /// Keeps a part of a line for the bytes that come next.
    fn hold(&mut self, part: &[u8]) -> Result<(), Error> {
        self.check(self.data.len(), self.line.len().saturating_add(part.len()))?;
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn check(&self, data: usize, line: usize) -> Result<(), Error> {
        if data.saturating_add(line) > self.max_event_len {
            return Err(Error::long_event(self.max_event_len));
        }
        Ok(())
    }

    /// Reads lines, all of which have an end.
    fn read_lines<'a>(
        &mut self,
        mut lines: &'a str,
        open: &mut Open<'a>,
        take: &mut dyn FnMut(StreamedEvent),
    ) -> Result<(), Error> {
        while !lines.is_empty() {
            let (line, others) = split_line(lines);
            lines = others;
            self.read_line(line, open, take)?;
        }
        Ok(())
    }

    #[inline]
    fn read_line<'a>(
        &mut self,
        mut line: &'a str,
        open: &mut Open<'a>,
        take: &mut dyn FnMut(StreamedEvent),
    ) -> Result<(), Error> {
        self.check(self.data.len() + open.data.map_or(0, |data| data.len() + 1), line.len())?;
        if mem::take(&mut self.is_first_line) {
            // "The UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any."
            line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(open, take);
        } else {
            self.read_field(line, open);
        }
        Ok(())
    }

    /// A line that is a comment has an empty name, and "otherwise: the field is ignored".
    fn read_field<'a>(&mut self, line: &'a str, open: &mut Open<'a>) {
        if let Some(value) = value_of("data", line) {
            if open.data.is_none() && self.data.is_empty() {
                open.data = Some(value);
            } else {
                // "Append the field value to the data buffer, then append a single U+000A LINE FEED (LF) character."
                for value in open.data.take().into_iter().chain([value]) {
                    self.append(value);
                }
            }
        } else if let Some(value) = value_of("id", line) {
            // "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value."
            if !value.contains('\0') {
                open.id = Some(value);
            }
        } else if let Some(value) = value_of("event", line) {
            open.event = Some(value);
        } else if let Some(value) = value_of("retry", line) {
            // "If the field value consists of only ASCII digits." No wait at all is none, and so is one without measure.
            if value.bytes().all(|byte| byte.is_ascii_digit()) {
                self.retry = value.parse().map(Duration::from_millis).ok().or(self.retry);
            }
        }
    }

    fn append(&mut self, value: &str) {
        self.data.reserve(value.len() + 1);
        self.data.push_str(value);
        self.data.push('\n');
    }

    fn dispatch(&mut self, open: &mut Open, take: &mut dyn FnMut(StreamedEvent)) {
        // "Set the last event ID string of the event source to the value of the last event ID buffer." With data or without.
        let held = self.id.take();
        if let Some(id) = open.id.take() {
            open.last_event_id = Some(id);
        } else if let Some(id) = held {
            self.last_event_id = id;
        }
        // "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and
        // return." Else its last character is the LF behind the last line.
        if let Some(data) = open.data.or_else(|| self.data.strip_suffix('\n')) {
            let event = open.event.unwrap_or(&self.event);
            let event = if event.is_empty() { "message" } else { event };
            take(StreamedEvent { event, data, last_event_id: open.last_event_id.unwrap_or(&self.last_event_id) });
        }
        open.event = None;
        open.data = None;
        open.longest = open.longest.max(self.data.len());
        self.event.clear();
        self.data.clear();
    }

    /// Copies what the bytes that come next may still ask for.
    fn keep(&mut self, open: Open) {
        if let Some(event) = open.event {
            event.clone_into(&mut self.event);
        }
        if let Some(data) = open.data {
            self.append(data);
        }
        if let Some(id) = open.last_event_id {
            id.clone_into(&mut self.last_event_id);
        }
        if let Some(id) = open.id {
            self.id = Some(id.to_owned());
        }
    }
}

/// What one call has read of events, where it lies. A field that is here counts, not the one that the stream holds.
#[derive(Default)]
struct Open<'a> {
    event: Option<&'a str>,
    /// The data, as long as it is of one line.
    data: Option<&'a str>,
    /// The last event ID buffer, since the last blank line.
    id: Option<&'a str>,
    /// What it was at the last blank line.
    last_event_id: Option<&'a str>,
    /// The length of the longest data that had to be copied.
    longest: usize,
}

/// Text as the decoder of the Encoding standard gives it, with U+FFFD for what is no UTF-8.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The first line without its end, and the others.
fn split_line(lines: &str) -> (&str, &str) {
    if let Some(others) = lines.strip_prefix('\n') {
        return ("", others);
    }
    let (line, others) = lines.split_at(memchr2(b'\n', b'\r', lines.as_bytes()).unwrap_or(lines.len()));
    let end_len = if others.starts_with("\r\n") { 2 } else { 1 };
    (line, others.get(end_len..).unwrap_or_default())
}

/// The value of the field if the line is one of this name.
#[inline]
fn value_of<'a>(name: &str, line: &'a str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    if rest.is_empty() {
        return Some("");
    }
    let value = rest.strip_prefix(':')?;
    // "If value starts with a U+0020 SPACE character, remove it from value."
    Some(value.strip_prefix(' ').unwrap_or(value))
}

/// How much room is kept from one event to the next, in bytes.
const KEPT: usize = 64 << 10;

#[cfg(test)]
mod tests;
