//! Events as bytes, encoded once for everyone.

use bytes::Bytes;
use leptos_sse_core::protocol::{Epoch, event_name};
use std::{fmt, io::Write};

/// One event as it stands on the wire. Its `id:` line comes first, so that the event with it and the one without share
/// their memory.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    bytes: Bytes,
    id_len: usize,
}

impl Encoded {
    /// An event that has no seq, and so no `id:`.
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

/// What is written for those who take no string edits.
#[derive(Clone, Debug)]
pub(super) enum Plain<E> {
    /// The same as for those who do.
    Same,
    Own(Box<E>),
    /// Nobody was there who needed it; one who comes later is given a snapshot.
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

/// What an event says beside its seqs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The body is a patch.
    Update,
    /// The body is an item.
    Feed,
    /// The body is a reason.
    Refused,
    /// There is no body.
    Removed,
}

impl Kind {
    /// What stands before the name, and before the body.
    fn parts(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Update => (None, ",\"patch\":"),
            Self::Feed => (Some(event_name::FEED), ",\"item\":"),
            Self::Refused => (Some(event_name::REFUSED), ",\"reason\":"),
            Self::Removed => (Some(event_name::REMOVED), ""),
        }
    }
}

/// An event whose seq is not known yet: its body, behind room for all that comes before it. So the seq can be taken, and the
/// event be finished, in the few instructions that a lock is held, without a copy of the body.
#[derive(Debug)]
pub(super) struct Draft {
    kind: Kind,
    buffer: Vec<u8>,
    room: usize,
}

const TAIL: &[u8] = b"}\n\n";
/// The digits of a `u64`.
const SEQ: usize = 20;

impl Draft {
    /// `name` is the key as JSON; `body` writes JSON without a line break.
    pub(super) fn new(kind: Kind, name: &str, epoch: &Epoch, body: impl FnOnce(&mut Vec<u8>)) -> Self {
        let (event, before_body) = kind.parts();
        let id = "id: .\n".len() + epoch.as_str().len() + SEQ;
        let event = event.map_or(0, |event| "event: \n".len() + event.len());
        let data = "data: {\"name\":,\"from\":,\"to\":".len() + name.len() + 2 * SEQ + before_body.len();
        let room = id + event + data;
        let mut buffer = Vec::with_capacity(room + 96);
        buffer.resize(room, 0);
        body(&mut buffer);
        buffer.extend_from_slice(TAIL);
        // It may stay for long.
        if buffer.capacity() - buffer.len() > buffer.len() / 4 {
            buffer.shrink_to_fit();
        }
        Self { kind, buffer, room }
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.buffer[self.room..self.buffer.len() - TAIL.len()]
    }

    pub(super) fn finish(mut self, name: &str, epoch: &Epoch, from: Option<u64>, to: u64) -> Encoded {
        let (event, before_body) = self.kind.parts();
        let (from_text, from) = if let Some(from) = from { (",\"from\":", Some(from)) } else { ("", None) };
        let id = format_args!("id: {epoch}.{to}\n");
        let id_len = "id: .\n".len() + epoch.as_str().len() + digits(to);
        let data_len = event.map_or(0, |event| "event: \n".len() + event.len())
            + "data: {\"name\":,\"to\":".len()
            + name.len()
            + from_text.len()
            + from.map_or(0, digits)
            + digits(to)
            + before_body.len();
        let start = self.room.saturating_sub(id_len + data_len);
        let mut head = &mut self.buffer[start..self.room];
        let written = write_head(&mut head, id, event, name, from, to, before_body);
        debug_assert!(written.is_ok() && head.is_empty(), "the room was not measured well");
        Encoded { bytes: Bytes::from(self.buffer).slice(start..), id_len }
    }
}

fn write_head(
    head: &mut &mut [u8],
    id: fmt::Arguments<'_>,
    event: Option<&str>,
    name: &str,
    from: Option<u64>,
    to: u64,
    before_body: &str,
) -> std::io::Result<()> {
    head.write_fmt(id)?;
    if let Some(event) = event {
        writeln!(head, "event: {event}")?;
    }
    write!(head, "data: {{\"name\":{name}")?;
    if let Some(from) = from {
        write!(head, ",\"from\":{from}")?;
    }
    write!(head, ",\"to\":{to}{before_body}")
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(kind: Kind, body: &str, from: Option<u64>, to: u64) -> Encoded {
        let epoch: Epoch = "9f3c".parse().unwrap();
        let draft = Draft::new(kind, "\"a\"", &epoch, |buffer| buffer.extend_from_slice(body.as_bytes()));
        assert_eq!(draft.body(), body.as_bytes());
        draft.finish("\"a\"", &epoch, from, to)
    }

    #[test]
    fn an_event_is_what_the_protocol_says() {
        let cases = [
            (Kind::Update, "[]", Some(41), 42, "data: {\"name\":\"a\",\"from\":41,\"to\":42,\"patch\":[]}\n\n"),
            (Kind::Update, "[1]", None, 0, "data: {\"name\":\"a\",\"to\":0,\"patch\":[1]}\n\n"),
            (
                Kind::Update,
                "[]",
                Some(u64::MAX - 1),
                u64::MAX,
                "data: {\"name\":\"a\",\"from\":18446744073709551614,\"to\":18446744073709551615,\"patch\":[]}\n\n",
            ),
            (Kind::Feed, "7", Some(9), 10, "event: feed\ndata: {\"name\":\"a\",\"from\":9,\"to\":10,\"item\":7}\n\n"),
            (Kind::Removed, "", None, 9, "event: removed\ndata: {\"name\":\"a\",\"to\":9}\n\n"),
        ];
        for (kind, body, from, to, expected) in cases {
            let event = finished(kind, body, from, to);
            assert_eq!(event.bytes(false), expected);
            assert_eq!(event.bytes(true), format!("id: 9f3c.{to}\n{expected}"));
            assert_eq!(event.as_slice(false), expected.as_bytes());
        }
    }
}
