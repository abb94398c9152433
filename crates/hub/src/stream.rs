//! Any stream of values as a stream of server-sent events: one signal, for one connection, without a hub.

use crate::{
    event::SseEvent,
    heartbeat::{Heartbeat, jittered_retry},
};
use bytes::Bytes;
use futures::{Stream, TryStream, ready};
use leptos_sse_core::{
    Document, Error,
    diff::{self, Dialect, Walk},
    protocol::{Bye, Cursor, Epoch, Hello, IntoKey, Key, event_name, write_update},
};
use pin_project_lite::pin_project;
use serde::Serialize;
use std::{
    fmt::Display,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

pin_project! {
    /// A stream of values as the server-sent events of one signal.
    ///
    /// The first event is a `hello`, the next a snapshot, and each one after it a patch; a value that equals the one before
    /// sends nothing. The type of the events is inferred from where they go: `axum::response::sse::Event` with the feature
    /// `axum`, [`Bytes`] for actix-web and all else.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// use futures::stream;
    /// use leptos_sse::ServerSentEvents;
    /// # use serde::Serialize;
    ///
    /// #[derive(Serialize)]
    /// struct Count { value: u64 }
    ///
    /// # fn bytes() -> Result<impl futures::Stream<Item = Result<bytes::Bytes, std::io::Error>>, leptos_sse::Error> {
    /// let counts = stream::iter((0..).map(|value| Ok(Count { value })));
    /// let events = ServerSentEvents::new(counts)?;
    /// # Ok(events)
    /// # }
    /// ```
    ///
    /// # Several signals on one connection
    ///
    /// Merge their events; that is one line:
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use futures::{Stream, stream};
    /// # use leptos_sse::ServerSentEvents;
    /// # type BoxError = Box<dyn std::error::Error + Send + Sync>;
    /// # fn merged(
    /// #     counts: impl Stream<Item = Result<u64, BoxError>>,
    /// #     prices: impl Stream<Item = Result<f64, BoxError>>,
    /// # ) -> Result<impl Stream<Item = Result<bytes::Bytes, BoxError>>, leptos_sse::Error> {
    /// let events = stream::select(ServerSentEvents::new(counts)?, ServerSentEvents::new(prices)?);
    /// # Ok(events)
    /// # }
    /// ```
    ///
    /// # When a value or the stream fails
    ///
    /// A value that cannot be serialised is logged and skipped; the next one is compared with the last good one. An error of
    /// the stream itself is logged, a `bye` event is written, and the events end: the browser comes back for a new stream,
    /// which begins with a snapshot. The error is never passed on, so that a response does not break off in the middle.
    ///
    /// Heartbeats need a Tokio runtime; without one there are none.
    ///
    /// # Panics
    ///
    /// When it is polled in a Tokio runtime whose timer is not enabled. The runtimes of axum and actix-web have it.
    #[must_use = "events are written when the stream is polled, as the body of a response"]
    pub struct ServerSentEvents<S, E> {
        #[pin]
        stream: S,
        signal: SignalEncoder,
        heartbeat: Heartbeat,
        phase: Phase,
        event: PhantomData<fn() -> E>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Following,
    Ended,
}

impl<S, E> ServerSentEvents<S, E>
where
    S: TryStream,
    S::Ok: Serialize,
    S::Error: Display,
{
    /// The events of a signal whose key is the name of its type, as [`Key::of`] gives it.
    ///
    /// # Errors
    ///
    /// When the name of the type is longer than a [`Key`] may be.
    pub fn new(stream: S) -> Result<Self, Error> {
        Self::new_for(Key::named(std::any::type_name::<S::Ok>()), stream)
    }

    /// The events of a signal with this key: a bare text or number is an id, and a [`Key`] stands for itself.
    ///
    /// # Errors
    ///
    /// When the key is invalid: see [`Key::named`].
    pub fn new_for(key: impl IntoKey, stream: S) -> Result<Self, Error> {
        Ok(Self {
            stream,
            signal: SignalEncoder::new(key.into_key::<S::Ok>()?),
            heartbeat: Heartbeat::default(),
            phase: Phase::Opening,
            event: PhantomData,
        })
    }
}

impl<S, E> ServerSentEvents<S, E> {
    /// Sets how long the stream may be silent before it writes a heartbeat. Default is 15 seconds.
    ///
    /// A browser that hears nothing for two and a half of them reconnects. Zero means no heartbeats.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = Heartbeat::every(every);
        self
    }

    /// Sets whether a change within a text is written as `str_ins` and `str_del` of
    /// [JSON Patch Extended](https://jsonjoy.com/specs/json-patch-extended), so that a long text that grows costs what it
    /// grew by. Default is no: RFC 6902 has only the whole text anew.
    ///
    /// A client that takes them says so with `ops=str` in its query; that of this crate does.
    /// [`SseRequest::takes_string_edits`](crate::SseRequest::takes_string_edits) reads it.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::{Error, ServerSentEvents, SseRequest};
    /// # type BoxError = Box<dyn std::error::Error + Send + Sync>;
    /// # fn answer() -> impl futures::Stream<Item = Result<String, BoxError>> + Send { futures::stream::empty() }
    /// fn handler(request: SseRequest) -> Result<impl futures::Stream<Item = Result<bytes::Bytes, BoxError>>, Error> {
    ///     Ok(ServerSentEvents::new(answer())?.string_edits(request.takes_string_edits()))
    /// }
    /// ```
    pub fn string_edits(mut self, on: bool) -> Self {
        self.signal.walk.set_splices(on);
        self
    }
}

impl<S, E> Stream for ServerSentEvents<S, E>
where
    S: TryStream,
    S::Ok: Serialize,
    S::Error: Display,
    E: From<SseEvent>,
{
    type Item = Result<E, S::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let event = match *this.phase {
            Phase::Opening => {
                *this.phase = Phase::Following;
                Some(this.signal.hello(this.heartbeat.every))
            }
            Phase::Following => ready!(poll_following(this.stream, this.signal, this.heartbeat, this.phase, cx)),
            Phase::Ended => None,
        };
        if event.is_some() {
            this.heartbeat.heard();
        }
        Poll::Ready(event.map(|event| Ok(event.into())))
    }
}

/// How many values in a row may send nothing before other tasks get their turn.
const BUDGET: usize = 64;

fn poll_following<S>(
    mut stream: Pin<&mut S>,
    signal: &mut SignalEncoder,
    heartbeat: &mut Heartbeat,
    phase: &mut Phase,
    cx: &mut Context<'_>,
) -> Poll<Option<SseEvent>>
where
    S: TryStream,
    S::Ok: Serialize,
    S::Error: Display,
{
    for _ in 0..BUDGET {
        match stream.as_mut().try_poll_next(cx) {
            Poll::Ready(Some(Ok(value))) => {
                if let Some(event) = signal.update(&value) {
                    return Poll::Ready(Some(event));
                }
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::error!(key = %signal.key, %error, "the stream of a signal failed; its browser will ask for a new one");
                *phase = Phase::Ended;
                return Poll::Ready(Some(signal.bye()));
            }
            Poll::Ready(None) => {
                *phase = Phase::Ended;
                return Poll::Ready(None);
            }
            Poll::Pending => {
                ready!(heartbeat.poll(cx));
                return Poll::Ready(Some(signal.heartbeat()));
            }
        }
    }
    if heartbeat.poll(cx).is_ready() {
        return Poll::Ready(Some(signal.heartbeat()));
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// The writer of one signal's events.
#[derive(Debug)]
struct SignalEncoder {
    key: Key,
    epoch: Epoch,
    seq: u64,
    walk: Walk,
    /// That of the last value.
    document: Option<Document>,
}

impl SignalEncoder {
    fn new(key: Key) -> Self {
        let epoch = Epoch::from_random(fastrand::u64(..));
        Self { key, epoch, seq: 0, walk: Walk::usual(false), document: None }
    }

    fn hello(&self, heartbeat: Duration) -> SseEvent {
        SseEvent::hello(&Hello::of_signal(self.key.clone(), self.epoch.clone(), heartbeat, jittered_retry()))
    }

    fn update<T: Serialize>(&mut self, value: &T) -> Option<SseEvent> {
        let event = self.try_update(value).unwrap_or_else(|error| {
            tracing::error!(key = %self.key, %error, "a value was skipped");
            None
        })?;
        self.seq += 1;
        Some(SseEvent::message(event))
    }

    /// The data of the event that leads to a value; none when it is equal to the one before.
    fn try_update<T: Serialize>(&mut self, value: &T) -> Result<Option<String>, Error> {
        let Some(document) = &mut self.document else {
            let document = Document::of(value)?;
            let data = write_update(&self.key, None, self.seq + 1, |data| diff::snapshot(&document, data))?;
            self.document = Some(document);
            return Ok(Some(data));
        };
        let mut step = diff::advance(&mut self.walk, document, value)?;
        if step.is_empty() {
            self.walk.take_back(step);
            return Ok(None);
        }
        let dialect = if self.walk.splices() { Dialect::Extended } else { Dialect::Plain };
        let data = write_update(&self.key, Some(self.seq), self.seq + 1, |data| step.render(document, dialect, data))?;
        step.apply(document);
        self.walk.take_back(step);
        Ok(Some(data))
    }

    fn heartbeat(&self) -> SseEvent {
        let cursor = Cursor { epoch: self.epoch.clone(), seq: self.seq };
        SseEvent::named(event_name::HEARTBEAT, cursor.to_string())
    }

    fn bye(&self) -> SseEvent {
        let bye = Bye { name: Some(self.key.clone()), reason: "the stream of this signal failed".to_owned() };
        SseEvent::of(event_name::BYE, &bye)
    }
}

impl From<SseEvent> for Bytes {
    fn from(event: SseEvent) -> Self {
        event.encode().into()
    }
}
