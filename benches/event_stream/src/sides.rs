//! The crates that read a stream, each in the way that is closest to parsing alone: its parts are in memory, and it is
//! polled until it has no more.

use bytes::Bytes;
use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
use futures::{Stream, StreamExt, stream};
use http::{Request, Response};
use launchdarkly_sdk_transport::{HttpTransport, ResponseFuture, TransportError};
use leptos_sse_core::protocol::{EventStream, StreamedEvent};
use std::{
    convert::Infallible,
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// What was read, so that each side is seen to have read the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub events: usize,
    /// The bytes of all data.
    pub data: usize,
}

impl Read {
    fn event(&mut self, data: &str) {
        self.events += 1;
        self.data += data.len();
    }
}

/// One way to read a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Events where they lie, as the parser gives them.
    Ours,
    /// Each of them copied into strings of its own, which is what the others give.
    OursOwned,
    /// `eventsource-stream`.
    EventsourceStream,
    /// `eventsource-client`. Its parser is private: the client reads from a transport that has all parts at once, and does
    /// not reconnect.
    EventsourceClient,
    /// `sse-stream`, which leaves to its user that an id stays until the next one.
    SseStream,
}

pub const SIDES: [Side; 5] =
    [Side::Ours, Side::OursOwned, Side::EventsourceStream, Side::EventsourceClient, Side::SseStream];

impl Side {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::OursOwned => "ours, copied",
            Self::EventsourceStream => "eventsource-stream",
            Self::EventsourceClient => "eventsource-client",
            Self::SseStream => "sse-stream",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        SIDES.into_iter().find(|side| side.name() == name)
    }

    /// Reads a stream from its start to its end.
    pub fn read(self, parts: &[Bytes]) -> Read {
        match self {
            Self::Ours => ours(parts),
            Self::OursOwned => ours_owned(parts),
            Self::EventsourceStream => eventsource_stream(parts),
            Self::EventsourceClient => eventsource_client(parts),
            Self::SseStream => sse_stream(parts),
        }
    }
}

fn ours(parts: &[Bytes]) -> Read {
    let (mut stream, mut read) = (EventStream::default(), Read::default());
    for part in parts {
        stream.push(part, |event| read.event(black_box(event).data)).expect("no event is too long");
    }
    read
}

fn ours_owned(parts: &[Bytes]) -> Read {
    let (mut stream, mut read) = (EventStream::default(), Read::default());
    for part in parts {
        let take = |event: StreamedEvent| {
            let [_, data, _] = black_box([event.event, event.data, event.last_event_id].map(str::to_owned));
            read.event(&data);
        };
        stream.push(part, take).expect("no event is too long");
    }
    read
}

fn eventsource_stream(parts: &[Bytes]) -> Read {
    let mut read = Read::default();
    let parts = stream::iter(parts.iter().cloned().map(Ok::<_, Infallible>));
    drain(eventsource_stream::EventStream::new(parts), |event| {
        read.event(&black_box(event.expect("the stream is good")).data);
        true
    });
    read
}

fn sse_stream(parts: &[Bytes]) -> Read {
    let mut read = Read::default();
    let parts = stream::iter(parts.iter().cloned().map(Ok::<_, Infallible>));
    drain(sse_stream::SseByteStream::new(parts), |event| {
        if let Some(data) = black_box(event.expect("the stream is good")).data {
            read.event(&data);
        }
        true
    });
    read
}

fn eventsource_client(parts: &[Bytes]) -> Read {
    let mut read = Read::default();
    let builder = ClientBuilder::for_url("http://localhost/").expect("it is a URL");
    let client = builder.reconnect(ReconnectOptions::reconnect(false).build());
    drain(client.build_with_transport(Memory(parts.to_vec())).stream(), |event| match black_box(event) {
        Ok(SSE::Event(event)) => {
            read.event(&event.data);
            true
        }
        Ok(SSE::Comment(_) | SSE::Connected(_)) => true,
        // The end of the stream is one.
        Err(_) => false,
    });
    read
}

/// A transport whose answer is there already.
#[derive(Clone)]
struct Memory(Vec<Bytes>);

impl HttpTransport for Memory {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let parts = stream::iter(self.0.clone().into_iter().map(Ok::<_, TransportError>));
        Box::pin(async move { Ok(Response::new(Box::pin(parts) as _)) })
    }
}

/// Takes all that a stream has, which is never a wait.
fn drain<S: Stream>(stream: S, mut take: impl FnMut(S::Item) -> bool) {
    let mut stream = pin!(stream);
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(item)) = stream.poll_next_unpin(&mut context) {
        if !take(item) {
            break;
        }
    }
}
