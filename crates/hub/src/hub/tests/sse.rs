//! A reader of event streams, as the WHATWG HTML standard has it in "Parsing an event stream" and "Interpreting an event
//! stream", on bytes that come in any pieces.

/// One event that was dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its type; empty for a message.
    pub name: String,
    pub data: String,
    /// The value of its own `id:` line.
    pub id: Option<String>,
}

#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    after_cr: bool,
    begun: bool,
    name: String,
    data: String,
    id: Option<String>,
    id_buffer: String,
    last_event_id: String,
}

impl Parser {
    /// A browser that reconnects goes on with the id that it had last.
    pub fn after(last_event_id: &str) -> Self {
        Self { id_buffer: last_event_id.to_owned(), last_event_id: last_event_id.to_owned(), ..Self::default() }
    }

    /// What the header `Last-Event-ID` would say.
    pub fn last_event_id(&self) -> Option<&str> {
        (!self.last_event_id.is_empty()).then_some(self.last_event_id.as_str())
    }

    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            let after_cr = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => {
                    self.after_cr = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_line(&String::from_utf8_lossy(&line)));
                }
                _ => self.line.push(*byte),
            }
        }
        events
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        let line = if self.begun { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => {
                value.clone_into(&mut self.id_buffer);
                self.id = Some(value.to_owned());
            }
            // A comment, a `retry`, or nothing that the standard knows.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        self.last_event_id.clone_from(&self.id_buffer);
        let (name, mut data, id) =
            (std::mem::take(&mut self.name), std::mem::take(&mut self.data), std::mem::take(&mut self.id));
        data.pop().map(|_| Event { name, data, id })
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Parser};

    fn event(name: &str, data: &str, id: Option<&str>) -> Event {
        Event { name: name.to_owned(), data: data.to_owned(), id: id.map(str::to_owned) }
    }

    /// The examples of the standard, and what lies between them.
    #[test]
    fn a_stream_is_read_as_the_standard_says() {
        let cases = [
            ("data: YHOO\ndata: +2\ndata: 10\n\n", vec![event("", "YHOO\n+2\n10", None)]),
            (
                ": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
                vec![event("", "first", Some("1")), event("", "second", Some("")), event("", " third", None)],
            ),
            ("data\n\ndata\ndata\n\ndata:", vec![event("", "", None), event("", "\n", None)]),
            ("\u{feff}event: a\r\ndata: é\r\rdata: b\r\n\r\n", vec![event("a", "é", None), event("", "b", None)]),
            ("event: a\n\ndata: b\n\ndata: lost", vec![event("", "b", None)]),
            ("id: a\0b\ndata: c\n\n", vec![event("", "c", None)]),
        ];
        for (text, expected) in cases {
            for size in [1, 2, 3, text.len()] {
                let mut parser = Parser::default();
                let events: Vec<_> = text.as_bytes().chunks(size).flat_map(|bytes| parser.push(bytes)).collect();
                assert_eq!(events, expected, "{text:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn an_id_counts_when_its_event_is_whole() {
        let mut parser = Parser::after("7");
        parser.push(b"id: 8\ndata: a\n");
        assert_eq!(parser.last_event_id(), Some("7"));
        parser.push(b"\n");
        assert_eq!(parser.last_event_id(), Some("8"));
    }
}
