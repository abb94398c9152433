//! Events as bytes, encoded once for every reader.

use bytes::Bytes;
use leptos_sse_core::protocol::Epoch;

/// One event as it stands on the wire. The `id:` line comes first, so that the event with it and the event without it share
/// their memory.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    bytes: Bytes,
    id_len: usize,
}

impl Encoded {
    /// An event without a seq, and so without an `id:`.
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), id_len: 0 }
    }

    pub(super) fn bytes(&self, with_id: bool) -> Bytes {
        if with_id { self.bytes.clone() } else { self.bytes.slice(self.id_len..) }
    }

    pub(super) fn as_slice(&self, with_id: bool) -> &[u8] {
        if with_id { &self.bytes } else { &self.bytes[self.id_len..] }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// The form of an update for readers that take no string edits.
#[derive(Clone, Debug)]
pub(super) enum Plain<E> {
    /// The same as for readers that take string edits.
    Same,
    Own(Box<E>),
    /// Not written, as no such reader was there. A reader that comes later gets a snapshot.
    Missing,
}

impl<E> Plain<E> {
    pub(super) fn map<F>(self, map: impl FnOnce(E) -> F) -> Plain<F> {
        match self {
            Self::Same => Plain::Same,
            Self::Own(own) => Plain::Own(Box::new(map(*own))),
            Self::Missing => Plain::Missing,
        }
    }
}

/// The kinds of event that have a seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The body is a patch.
    Update,
    /// The body is an item.
    Feed,
    /// The body is a reason.
    Refused,
    /// There is no body.
    Removed,
}

impl EventKind {
    /// The text before the name, and the text before the body.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Update => ("data: {\"name\":", ",\"patch\":"),
            Self::Feed => ("event: feed\ndata: {\"name\":", ",\"item\":"),
            Self::Refused => ("event: refused\ndata: {\"name\":", ",\"reason\":"),
            Self::Removed => ("event: removed\ndata: {\"name\":", ""),
        }
    }
}

/// An event whose seq is not known yet: its body, behind room for the head. The event is finished while the log is locked, so
/// that has to take few instructions, and no copy of the body.
#[derive(Debug)]
pub(super) struct Draft {
    kind: EventKind,
    buffer: Vec<u8>,
    room: usize,
}

const TAIL: &[u8] = b"}\n\n";
const FROM: &str = ",\"from\":";
const TO: &str = ",\"to\":";
/// The digits of the largest `u64`.
const SEQ: usize = 20;

impl Draft {
    /// `name` is the key as JSON; `body` writes JSON without a line break.
    pub(super) fn new(kind: EventKind, name: &str, epoch: &Epoch, body: impl FnOnce(&mut Vec<u8>)) -> Self {
        let (before_name, before_body) = kind.parts();
        let id = "id: .\n".len() + epoch.as_str().len() + SEQ;
        let room = id + before_name.len() + name.len() + FROM.len() + TO.len() + 2 * SEQ + before_body.len();
        let mut buffer = Vec::with_capacity(room + 96);
        buffer.resize(room, 0);
        body(&mut buffer);
        buffer.extend_from_slice(TAIL);
        // The history may keep it for long.
        if buffer.capacity() - buffer.len() > buffer.len() / 4 {
            buffer.shrink_to_fit();
        }
        Self { kind, buffer, room }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.buffer[self.room..self.buffer.len() - TAIL.len()]
    }

    /// The event with its seqs. The head is written to the start of the room and moved to the body.
    pub(super) fn finish(mut self, name: &str, epoch: &Epoch, from: Option<u64>, to: u64) -> Encoded {
        let (before_name, before_body) = self.kind.parts();
        let mut number = itoa::Buffer::new();
        let to = number.format(to);
        let mut head = Head { room: &mut self.buffer[..self.room], len: 0 };
        ["id: ", epoch.as_str(), ".", to, "\n"].iter().for_each(|text| head.push(text));
        let id_len = head.len;
        head.push(before_name);
        head.push(name);
        if let Some(from) = from {
            head.push(FROM);
            head.push(itoa::Buffer::new().format(from));
        }
        [TO, to, before_body].iter().for_each(|text| head.push(text));
        let (len, start) = (head.len, self.room - head.len);
        self.buffer.copy_within(..len, start);
        Encoded { bytes: Bytes::from(self.buffer).slice(start..), id_len }
    }
}

struct Head<'a> {
    room: &'a mut [u8],
    len: usize,
}

impl Head<'_> {
    fn push(&mut self, text: &str) {
        self.room[self.len..self.len + text.len()].copy_from_slice(text.as_bytes());
        self.len += text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_sse_core::protocol::event_name;

    #[test]
    fn the_kinds_have_the_names_of_the_protocol() {
        let named = [
            (EventKind::Feed, event_name::FEED),
            (EventKind::Refused, event_name::REFUSED),
            (EventKind::Removed, event_name::REMOVED),
        ];
        for (kind, name) in named {
            assert!(kind.parts().0.starts_with(&format!("event: {name}\n")), "{kind:?}");
        }
    }

    fn finished(kind: EventKind, body: &str, from: Option<u64>, to: u64) -> Encoded {
        let epoch: Epoch = "9f3c".parse().unwrap();
        let draft = Draft::new(kind, "\"a\"", &epoch, |buffer| buffer.extend_from_slice(body.as_bytes()));
        assert_eq!(draft.body(), body.as_bytes());
        draft.finish("\"a\"", &epoch, from, to)
    }

    #[test]
    fn an_event_is_what_the_protocol_says() {
        let cases = [
            (EventKind::Update, "[]", Some(41), 42, "data: {\"name\":\"a\",\"from\":41,\"to\":42,\"patch\":[]}\n\n"),
            (EventKind::Update, "[1]", None, 0, "data: {\"name\":\"a\",\"to\":0,\"patch\":[1]}\n\n"),
            (
                EventKind::Update,
                "[]",
                Some(u64::MAX - 1),
                u64::MAX,
                "data: {\"name\":\"a\",\"from\":18446744073709551614,\"to\":18446744073709551615,\"patch\":[]}\n\n",
            ),
            (
                EventKind::Feed,
                "7",
                Some(9),
                10,
                "event: feed\ndata: {\"name\":\"a\",\"from\":9,\"to\":10,\"item\":7}\n\n",
            ),
            (EventKind::Removed, "", None, 9, "event: removed\ndata: {\"name\":\"a\",\"to\":9}\n\n"),
        ];
        for (kind, body, from, to, expected) in cases {
            let event = finished(kind, body, from, to);
            assert_eq!(event.bytes(false), expected);
            assert_eq!(event.bytes(true), format!("id: 9f3c.{to}\n{expected}"));
            assert_eq!(event.as_slice(false), expected.as_bytes());
        }
    }
}
