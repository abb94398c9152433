use super::{
    Inner,
    connections::Member,
    follow::{Beginning, Followed},
    stats::count,
    topic::{Only, Piece, Read, Want},
};
use crate::{
    event::SseEvent,
    heartbeat::{Heartbeat, jittered_retry},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, ready};
use leptos_sse_core::protocol::{Bye, Hello, Refused, Removed, event_name};
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
/// It holds no queue, only how far each of its keys has been sent; what is to be written is read from the hub when the
/// socket takes bytes. It is a response in axum and in actix-web, with the headers that keep proxies from holding it back.
/// When it is dropped, the client has gone.
#[must_use = "it does nothing unless it is the body of a response"]
pub struct Subscription {
    inner: Arc<Inner>,
    member: Arc<Member>,
    keys: Vec<Key>,
    phase: Phase,
    heartbeat: Heartbeat,
    end: Option<End>,
    pieces: Vec<Piece>,
    /// Whether a key was refused that may be given to the same client when it comes back.
    has_refused: bool,
    /// Dropped with it; nothing else is done with them.
    held: Vec<Box<dyn Any + Send + Sync>>,
    span: tracing::Span,
}

struct Key {
    followed: Followed,
    /// All up to this seq was sent; none before the start.
    sent: Option<u64>,
    /// What came before this subscription is sent without merging.
    resumes: bool,
}

impl Key {
    /// Whether it was written to after what was sent.
    fn is_behind(&self) -> bool {
        self.sent.is_none_or(|sent| sent < self.followed.topic.last())
    }
}

enum Phase {
    /// What is to be said first, after the hello.
    Opening(String),
    Following,
    Ended,
}

/// What a client holds of a key, as the hub sees it.
pub(super) struct Asked {
    pub(super) followed: Followed,
    pub(super) seq: Option<u64>,
    /// How far the hub had come before it was followed.
    pub(super) head: u64,
}

impl Subscription {
    pub(super) fn new(
        inner: Arc<Inner>,
        member: Arc<Member>,
        asked: Vec<Asked>,
        refused: Vec<Refused>,
        lasts: Option<Duration>,
        span: tracing::Span,
    ) -> Self {
        let mut opening = String::new();
        let has_refused = !refused.is_empty();
        for refused in refused {
            opening += &SseEvent::of(event_name::REFUSED, &refused).to_string();
        }
        let mut keys = Vec::with_capacity(asked.len());
        for Asked { followed, seq, head } in asked {
            let Beginning { sent, resumes, removed } = followed.begin(seq, head);
            if let Some(to) = removed {
                let removed = Removed { name: followed.key().clone(), to };
                opening += &SseEvent::of(event_name::REMOVED, &removed).to_string();
            }
            count(&inner.shared.counters.resumes, resumes.into());
            keys.push(Key { followed, sent, resumes });
        }
        let heartbeat = Heartbeat::every(inner.shared.options.heartbeat);
        let end = lasts.map(End::after);
        Self {
            inner,
            member,
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

    /// Keeps a value for as long as the connection lasts, and drops it when that has ended in whatever way: a guard, whose
    /// `Drop` notes that someone has left.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::{SseHub, SseRequest};
    /// struct Inside(SseHub);
    ///
    /// impl Drop for Inside {
    ///     fn drop(&mut self) {
    ///         self.0.signal_named("inside", 0).update(|number| *number -= 1);
    ///     }
    /// }
    ///
    /// # let hub = SseHub::new();
    /// # let request = SseRequest::parse("", None)?;
    /// let subscription = hub.subscribe(request)?;
    /// hub.signal_named("inside", 0).update(|number| *number += 1);
    /// let subscription = subscription.hold(Inside(hub.clone()));
    /// # drop(subscription);
    /// # assert_eq!(hub.signal_named("inside", 0).get(), 0);
    /// # Ok::<(), leptos_sse::SseRefusal>(())
    /// ```
    pub fn hold(mut self, value: impl Send + Sync + 'static) -> Self {
        self.held.push(Box::new(value));
        self
    }

    /// The keys that it gives: those that were asked for, without those that were refused at once.
    pub fn keys(&self) -> impl Iterator<Item = &leptos_sse_core::Key> {
        self.keys.iter().map(|key| key.followed.key())
    }

    /// All but the usual case. On its own, so that the usual case does not make room for it on the stack.
    #[inline(never)]
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Phase::Opening(opening) = &mut self.phase {
            let opening = std::mem::take(opening);
            self.phase = Phase::Following;
            let epoch = self.inner.shared.log.epoch().clone();
            let hello = Hello::of_connection(epoch, self.heartbeat.every, jittered_retry());
            return Poll::Ready(Some((SseEvent::hello(&hello).to_string() + &opening).into()));
        }
        if matches!(self.phase, Phase::Ended) {
            return Poll::Ready(None);
        }
        // Before anything is looked at, so that no write falls between.
        self.member.sleeper.register(cx.waker());
        let expired = self.end.as_mut().is_some_and(|end| end.has_come(cx));
        if let Some(why) = self.member.bye().or(expired.then_some("expired")) {
            self.phase = Phase::Ended;
            tracing::debug!(parent: &self.span, why, "a connection ends");
            let bye = Bye { name: None, reason: why.to_owned() };
            return Poll::Ready(Some(SseEvent::of(event_name::BYE, &bye).to_string().into()));
        }
        loop {
            let head = self.inner.shared.log.head();
            let whole = self.read(head);
            if let Some(bytes) = self.take_pieces(head, whole) {
                return Poll::Ready(Some(bytes));
            }
            if self.wait() {
                // Something may have been written before the last room was entered.
                continue;
            }
            if !whole {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            ready!(self.heartbeat.poll(cx));
            let cursor = leptos_sse_core::Cursor { epoch: self.inner.shared.log.epoch().clone(), seq: head };
            return Poll::Ready(Some(SseEvent::named(event_name::HEARTBEAT, cursor.to_string()).to_string().into()));
        }
    }

    /// Takes what is missed when that is one write to one key, as with all who keep up: so there is nothing to put in order.
    fn take_only_missed(&mut self) -> Option<Only> {
        let ends = self.end.as_ref().is_some_and(|end| !end.is_to_come()) || self.member.bye().is_some();
        if ends || !matches!(self.phase, Phase::Following) {
            return None;
        }
        let head = self.inner.shared.log.head();
        let mut behind = self.keys.iter_mut().filter(|key| key.is_behind());
        let (key, None) = (behind.next()?, behind.next()) else { return None };
        let Followed { topic, string_edits, .. } = &key.followed;
        let only = topic.only_missed(key.sent?, head, *string_edits, !self.has_refused)?;
        key.sent = Some(only.to);
        Some(only)
    }

    /// Waits for writes to each key, and says whether they have not been waited for already.
    fn wait(&mut self) -> bool {
        let mut entered = false;
        for key in &mut self.keys {
            entered |= key.followed.wait(&self.member.sleeper);
        }
        entered
    }

    /// Reads what has been written up to `head` and not been sent, or a good part of it. Says whether it is, of each key,
    /// all from where it stands on.
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
        let topic = &key.followed.topic;
        let before = self.pieces.len();
        let len = self.inner.shared.options.chunk_len;
        let string_edits = key.followed.string_edits;
        let want = Want { sent: key.sent, head, lags: !key.resumes, string_edits, len };
        let Read::Snapshot { updates, bytes } = topic.read(want, of, &mut self.pieces) else {
            if self.pieces.len() == before && key.sent.is_none() {
                // There is nothing yet: whatever comes is new.
                key.sent = Some(head);
            }
            return true;
        };
        match topic.snapshot(self.inner.shared.log.epoch()) {
            Some((to, event)) if event.len() <= bytes => {
                let after = key.sent.unwrap_or(0);
                self.pieces.push(Piece { after, to, event, of, snapshot_of: Some(updates) });
                true
            }
            // The updates are smaller. The history may have moved on meanwhile, or the signal be removed: the next round.
            Some(_) => matches!(topic.read(Want { lags: false, ..want }, of, &mut self.pieces), Read::Pieces),
            None => false,
        }
    }

    /// Takes the first pieces, as many as make a good chunk, and notes them as sent.
    fn take_pieces(&mut self, head: u64, whole: bool) -> Option<Bytes> {
        let mut len = 0;
        let room = self.pieces.iter().position(|piece| {
            len += piece.event.len();
            len > self.inner.shared.options.chunk_len
        });
        let (chunk, rest) = self.pieces.split_at(room.unwrap_or(self.pieces.len()).max(1).min(self.pieces.len()));
        let last = chunk.last()?;
        let counters = &self.inner.shared.counters;
        for piece in chunk {
            let key = &mut self.keys[piece.of];
            if let Some(updates) = piece.snapshot_of {
                count(&counters.snapshots, 1);
                count(&counters.coalesced, updates.saturating_sub(1));
            }
            key.sent = Some(piece.to);
        }
        // An `id:` says that everything up to it was sent. The pieces are in order, so that it holds for the last one; but
        // not while a key has still to start, or was refused, nor when one that is left stands for something before it, as
        // a snapshot may, nor for what was written after `head`.
        let started = !self.has_refused && self.keys.iter().all(|key| key.sent.is_some());
        let with_id = whole && started && last.to <= head && rest.iter().all(|piece| piece.after >= last.to);
        let bytes = match chunk {
            [only] => only.event.bytes(with_id),
            chunk => concat(chunk, with_id),
        };
        self.pieces.clear();
        // A long catch-up is over some time; it is not to be paid for by an idle connection.
        self.pieces.shrink_to(4);
        Some(bytes)
    }
}

/// When a connection is to end.
struct End {
    at: Instant,
    /// Made when it is first polled: there is a runtime then, if ever.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl End {
    fn after(lasts: Duration) -> Self {
        let now = Instant::now();
        // One that is too far to be told is none.
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

impl Stream for Subscription {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let (event, at) = match this.take_only_missed() {
            Some(Only { bytes, at, .. }) => (Some(bytes), at),
            None => (ready!(this.poll_event(cx)), Instant::now()),
        };
        if let Some(event) = &event {
            this.heartbeat.heard_at(at);
            this.member.count_sent(event.len());
        }
        Poll::Ready(event.map(Ok))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.member.sleeper.leave();
        self.inner.connections.leave(&self.member);
        tracing::debug!(parent: &self.span, "a client has left");
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("user", &self.member.user()).field("keys", &self.keys.len()).finish()
    }
}
