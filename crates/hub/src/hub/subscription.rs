use super::{
    connections::Connection,
    registry::Registry,
    stats::count,
    topic::{Only, Piece, Read, Want},
    topic_handle::{StartPoint, TopicHandle},
};
use crate::{
    event::SseEvent,
    heartbeat::{Heartbeat, jittered_retry},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, ready};
use leptos_sse_core::{
    Key,
    protocol::{Bye, Hello, Refused, Removed, event_name},
};
use std::{
    any::Any,
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until},
};

/// One client's stream of events: the body of a response.
///
/// It holds no queue, only how far each of its keys has been sent. When the socket takes bytes it reads from the hub what to
/// write. It is a response in axum and in actix-web, with the headers that keep proxies from holding it back. When it is
/// dropped, the client has left.
#[must_use = "it does nothing unless it is the body of a response"]
pub struct SseSubscription {
    registry: Arc<Registry>,
    connection: Arc<Connection>,
    keys: Vec<FollowedKey>,
    phase: Phase,
    heartbeat: Heartbeat,
    end: Option<End>,
    pieces: Vec<Piece>,
    /// Whether a key was refused that the client may be given when it comes back.
    has_refused: bool,
    /// They are dropped with it, and not used.
    held: Vec<Box<dyn Any + Send + Sync>>,
    span: tracing::Span,
}

/// One of the keys of a subscription.
struct FollowedKey {
    handle: TopicHandle,
    /// All up to this seq was sent. `None` before the start.
    sent: Option<u64>,
    /// The writes before this subscription are sent one by one.
    resumes: bool,
}

impl FollowedKey {
    /// Whether there was a write after the last one that was sent.
    fn is_behind(&self) -> bool {
        self.sent.is_none_or(|sent| sent < self.handle.topic.last())
    }
}

enum Phase {
    /// The first events, after the hello.
    Opening(String),
    Following,
    Ended,
}

/// A key that a client asks for.
pub(super) struct RequestedKey {
    pub(super) handle: TopicHandle,
    /// The seq that the client holds.
    pub(super) seq: Option<u64>,
    /// How far the hub had come before the key was followed.
    pub(super) head: u64,
}

impl SseSubscription {
    pub(super) fn new(
        registry: Arc<Registry>,
        connection: Arc<Connection>,
        requested: Vec<RequestedKey>,
        refused: Vec<Refused>,
        lasts: Option<Duration>,
        span: tracing::Span,
    ) -> Self {
        let mut opening = String::new();
        let has_refused = !refused.is_empty();
        for refused in refused {
            opening += &SseEvent::of(event_name::REFUSED, &refused).to_string();
        }
        let mut keys = Vec::with_capacity(requested.len());
        for RequestedKey { handle, seq, head } in requested {
            let StartPoint { sent, resumes, removed } = handle.start(seq, head);
            if let Some(to) = removed {
                let removed = Removed { name: handle.key().clone(), to };
                opening += &SseEvent::of(event_name::REMOVED, &removed).to_string();
            }
            count(&registry.log.counters.resumes, resumes.into());
            keys.push(FollowedKey { handle, sent, resumes });
        }
        let heartbeat = Heartbeat::every(registry.log.options.heartbeat);
        let end = lasts.map(End::after);
        Self {
            registry,
            connection,
            keys,
            phase: Phase::Opening(opening),
            heartbeat,
            end,
            pieces: Vec::new(),
            has_refused,
            held: Vec::new(),
            span,
        }
    }

    /// Keeps a value as long as the connection lasts, and drops it when the connection has ended in whatever way: a guard whose
    /// `Drop` notes that someone has left.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::{SseHub, SseRequest};
    /// struct Inside(SseHub);
    ///
    /// impl Drop for Inside {
    ///     fn drop(&mut self) {
    ///         self.0.signal_for("inside", 0).update(|number| *number -= 1);
    ///     }
    /// }
    ///
    /// # let hub = SseHub::new();
    /// # let request = SseRequest::parse("", None)?;
    /// let subscription = hub.subscribe(request)?;
    /// hub.signal_for("inside", 0).update(|number| *number += 1);
    /// let subscription = subscription.hold(Inside(hub.clone()));
    /// # drop(subscription);
    /// # assert_eq!(hub.signal_for("inside", 0).get(), 0);
    /// # Ok::<(), leptos_sse::SseRefusal>(())
    /// ```
    pub fn hold(mut self, value: impl Send + Sync + 'static) -> Self {
        self.held.push(Box::new(value));
        self
    }

    /// The keys that it gives: the requested keys without those that were refused at once.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(|key| key.handle.key())
    }

    /// All but the fast path. A function of its own, so that the fast path makes no room for it on the stack.
    #[inline(never)]
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Phase::Opening(opening) = &mut self.phase {
            let opening = std::mem::take(opening);
            self.phase = Phase::Following;
            let epoch = self.registry.log.epoch().clone();
            let hello = Hello::of_connection(epoch, self.heartbeat.every, jittered_retry());
            return Poll::Ready(Some((SseEvent::hello(&hello).to_string() + &opening).into()));
        }
        if matches!(self.phase, Phase::Ended) {
            return Poll::Ready(None);
        }
        // Before anything is read, so that no write is missed in between.
        self.connection.waiter.set_waker(cx.waker());
        let expired = self.end.as_mut().is_some_and(|end| end.has_come(cx));
        if let Some(why) = self.connection.bye().or(expired.then_some("expired")) {
            self.phase = Phase::Ended;
            tracing::debug!(parent: &self.span, why, "a connection ends");
            let bye = Bye { name: None, reason: why.to_owned() };
            return Poll::Ready(Some(SseEvent::of(event_name::BYE, &bye).to_string().into()));
        }
        loop {
            let head = self.registry.log.head();
            let whole = self.read(head);
            if let Some(bytes) = self.take_pieces(head, whole) {
                return Poll::Ready(Some(bytes));
            }
            if self.wait() {
                // There may have been a write before the last key was waited for.
                continue;
            }
            if !whole {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            ready!(self.heartbeat.poll(cx));
            let cursor = self.registry.log.cursor(head);
            return Poll::Ready(Some(SseEvent::named(event_name::HEARTBEAT, cursor.to_string()).to_string().into()));
        }
    }

    /// **Fast path: the reader is up to date.** It misses one write to one key, so there is nothing to put in order.
    fn take_only_missed(&mut self) -> Option<Only> {
        let ends = self.end.as_ref().is_some_and(|end| !end.is_to_come()) || self.connection.bye().is_some();
        if ends || !matches!(self.phase, Phase::Following) {
            return None;
        }
        let head = self.registry.log.head();
        let mut behind = self.keys.iter_mut().filter(|key| key.is_behind());
        let (key, None) = (behind.next()?, behind.next()) else { return None };
        let TopicHandle { topic, string_edits, .. } = &key.handle;
        let only = topic.only_missed(key.sent?, head, *string_edits, !self.has_refused)?;
        key.sent = Some(only.to);
        Some(only)
    }

    /// Waits for writes to each key, and says whether it did not wait for one of them before.
    fn wait(&mut self) -> bool {
        let mut is_new = false;
        for key in &mut self.keys {
            is_new |= key.handle.wait(&self.connection.waiter);
        }
        is_new
    }

    /// Reads what was written up to `head` and not sent, or a good part of it. Says whether the pieces of each key follow what
    /// was sent of it without a hole.
    fn read(&mut self, head: u64) -> bool {
        let mut whole = true;
        for of in 0..self.keys.len() {
            whole &= self.read_key(of, head);
        }
        self.pieces.sort_by_key(|piece| piece.to);
        whole
    }

    fn read_key(&mut self, of: usize, head: u64) -> bool {
        let key = &mut self.keys[of];
        if !key.is_behind() {
            key.resumes = false;
            return true;
        }
        let topic = &key.handle.topic;
        let before = self.pieces.len();
        let len = self.registry.log.options.chunk_len;
        let string_edits = key.handle.string_edits;
        let want = Want { sent: key.sent, head, lags: !key.resumes, string_edits, len };
        let Read::Snapshot { updates, bytes } = topic.read(want, of, &mut self.pieces) else {
            if self.pieces.len() == before && key.sent.is_none() {
                // There is nothing yet: whatever comes is new.
                key.sent = Some(head);
            }
            return true;
        };
        match topic.snapshot(self.registry.log.epoch()) {
            Some((to, event)) if event.len() <= bytes => {
                let after = key.sent.unwrap_or(0);
                self.pieces.push(Piece { after, to, event, of, snapshot_of: Some(updates) });
                true
            }
            // The updates are smaller. If the history has moved on or the signal was removed, the next round decides.
            Some(_) => matches!(topic.read(Want { lags: false, ..want }, of, &mut self.pieces), Read::Pieces),
            None => false,
        }
    }

    /// Takes the first pieces, as many as fit a chunk, and notes them as sent.
    fn take_pieces(&mut self, head: u64, whole: bool) -> Option<Bytes> {
        let mut len = 0;
        let room = self.pieces.iter().position(|piece| {
            len += piece.event.len();
            len > self.registry.log.options.chunk_len
        });
        let (chunk, rest) = self.pieces.split_at(room.unwrap_or(self.pieces.len()).max(1).min(self.pieces.len()));
        let last = chunk.last()?;
        let counters = &self.registry.log.counters;
        for piece in chunk {
            let key = &mut self.keys[piece.of];
            if let Some(updates) = piece.snapshot_of {
                count(&counters.snapshots, 1);
                count(&counters.coalesced, updates.saturating_sub(1));
            }
            key.sent = Some(piece.to);
        }
        // An `id:` says that everything up to it was sent. The pieces are in order, so it holds for the last one of the chunk.
        // It does not hold while a key has not started, or was refused; when a piece that is left covers an earlier write,
        // as a snapshot may; and for a write after `head`.
        let started = !self.has_refused && self.keys.iter().all(|key| key.sent.is_some());
        let with_id = whole && started && last.to <= head && rest.iter().all(|piece| piece.after >= last.to);
        let bytes = match chunk {
            [only] => only.event.bytes(with_id),
            chunk => concat(chunk, with_id),
        };
        self.pieces.clear();
        // An idle connection does not keep the memory of a long catch-up.
        self.pieces.shrink_to(4);
        Some(bytes)
    }
}

/// The time at which a connection ends.
struct End {
    at: Instant,
    /// Made at the first poll, when there is a runtime, if ever.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl End {
    fn after(lasts: Duration) -> Self {
        let now = Instant::now();
        // A time too far off to be represented counts as none.
        let at = now.checked_add(lasts).unwrap_or_else(|| now + Duration::from_secs(365 * 86_400));
        Self { at, sleep: None }
    }

    /// Whether its timer runs.
    fn is_to_come(&self) -> bool {
        self.sleep.as_ref().is_some_and(|sleep| !sleep.is_elapsed())
    }

    fn has_come(&mut self, cx: &mut Context<'_>) -> bool {
        if self.sleep.is_none() && Handle::try_current().is_ok() {
            self.sleep = Some(Box::pin(sleep_until(self.at)));
        }
        let rings = self.sleep.as_mut().is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready());
        rings || Instant::now() >= self.at
    }
}

fn concat(pieces: &[Piece], with_id: bool) -> Bytes {
    let mut bytes = BytesMut::with_capacity(pieces.iter().map(|piece| piece.event.len()).sum());
    for (at, piece) in pieces.iter().enumerate() {
        bytes.extend_from_slice(piece.event.as_slice(with_id && at + 1 == pieces.len()));
    }
    bytes.freeze()
}

impl Stream for SseSubscription {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let (event, at) = match this.take_only_missed() {
            Some(Only { bytes, at, .. }) => (Some(bytes), at),
            None => (ready!(this.poll_event(cx)), Instant::now()),
        };
        if let Some(event) = &event {
            this.heartbeat.heard_at(at);
            this.connection.count_sent(event.len());
        }
        Poll::Ready(event.map(Ok))
    }
}

impl Drop for SseSubscription {
    fn drop(&mut self) {
        self.connection.waiter.leave();
        self.registry.connections.leave(&self.connection);
        tracing::debug!(parent: &self.span, "a client has left");
    }
}

impl fmt::Debug for SseSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseSubscription")
            .field("user", &self.connection.user())
            .field("keys", &self.keys.len())
            .finish()
    }
}
