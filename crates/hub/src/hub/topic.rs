use super::{
    encode::{Draft, Encoded, EventKind},
    history::History,
    waiters::WaitList,
};
use bytes::Bytes;
use leptos_sse_core::{
    Document, diff,
    protocol::{Epoch, Key, event_name},
};
use std::{
    any::Any,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{task::AbortHandle, time::Instant};

/// The hub's knowledge of one key: its source, its history, and its subscribers.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) key: Key,
    /// The key as JSON.
    pub(super) name: Box<str>,
    /// The seq of the last write, so that a subscriber of many keys sees which have changed without a lock.
    last: AtomicU64,
    state: Mutex<State>,
    pub(super) waiters: WaitList,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) source: TopicSource,
    pub(super) history: History,
    /// The latest snapshot that was asked for, and its seq.
    pub(super) snapshot: Option<(u64, Encoded)>,
    pub(super) subscribers: usize,
    /// Those of them that take no string edits.
    pub(super) plain_subscribers: usize,
    /// How often a subscriber came.
    pub(super) visits: u64,
    /// How often a provider was called for it.
    pub(super) loads: u64,
    /// Whether a provider made it, so that it may be evicted.
    pub(super) provided: bool,
}

/// The source of a topic's writes.
#[derive(Clone, Debug)]
pub(super) enum TopicSource {
    /// There is none, yet or any more.
    Vacant,
    /// A provider is making it: the number of the topic's load, and the handle to end it.
    Loading {
        load: u64,
        abort: Option<AbortHandle>,
    },
    Signal(Arc<dyn AnySignal>),
    /// A feed of events of this type, which begins with this seq. A new reader is given so many of them.
    Feed {
        item: &'static str,
        born: u64,
        replay: usize,
    },
}

/// A signal of any type, for callers that know its document alone.
pub(super) trait AnySignal: Any + Send + Sync + std::fmt::Debug {
    /// The current document and its seq.
    fn document(&self) -> (u64, Document);
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    fn type_name(&self) -> &'static str;
}

/// Where a reader stands, and how much to give it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    /// All up to this seq was sent to it. `None` before the start.
    pub(super) sent: Option<u64>,
    pub(super) head: u64,
    /// It has followed all the time and was slow, so it gets the smaller of its updates and a snapshot.
    pub(super) lags: bool,
    /// Whether it takes string edits.
    pub(super) string_edits: bool,
    /// About how many bytes.
    pub(super) len: usize,
}

/// What to give a reader.
#[derive(Debug)]
pub(super) enum Read {
    /// The pieces that were added, if any.
    Pieces,
    /// A snapshot, unless it is larger than the updates that it replaces: so many, of so many bytes.
    Snapshot { updates: usize, bytes: usize },
}

/// A piece of what to write to a reader.
#[derive(Debug)]
pub(super) struct Piece {
    /// It covers all writes after this seq, up to `to`.
    pub(super) after: u64,
    pub(super) to: u64,
    pub(super) event: Encoded,
    /// The number of its key among those that the reader follows.
    pub(super) of: usize,
    /// How many updates it replaces, when it is a snapshot.
    pub(super) snapshot_of: Option<usize>,
}

/// The only write that a reader misses.
pub(super) struct Only {
    pub(super) to: u64,
    /// When it was made.
    pub(super) at: Instant,
    pub(super) bytes: Bytes,
}

impl Topic {
    pub(super) fn new(key: Key, history: History) -> Self {
        let name = json_name(&key);
        let state = State {
            source: TopicSource::Vacant,
            history,
            snapshot: None,
            subscribers: 0,
            plain_subscribers: 0,
            visits: 0,
            loads: 0,
            provided: false,
        };
        Self { key, name, last: AtomicU64::new(0), state: Mutex::new(state), waiters: WaitList::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    pub(super) fn set_last(&self, seq: u64) {
        self.last.store(seq, Ordering::Release);
    }

    /// The only write up to the head that a reader misses; `None` where it misses none or several.
    #[inline]
    pub(super) fn only_missed(&self, sent: u64, head: u64, string_edits: bool, with_id: bool) -> Option<Only> {
        let state = self.state();
        let entry = state.history.only_after(sent, string_edits).filter(|entry| entry.to <= head)?;
        Some(Only { to: entry.to, at: entry.at, bytes: entry.event(string_edits).bytes(with_id) })
    }

    /// Adds what a reader misses up to the head, or says that it needs a snapshot.
    pub(super) fn read(&self, want: Want, of: usize, pieces: &mut Vec<Piece>) -> Read {
        let Want { sent, head, lags, string_edits, len } = want;
        let state = self.state();
        let history = &state.history;
        let reached = sent.filter(|sent| history.reaches(*sent, string_edits));
        let after = match (&state.source, reached) {
            (TopicSource::Signal(_), None) => {
                // The history has outrun it: it missed more than are left.
                let outran = sent.filter(|_| lags).map_or(0, |sent| history.after(sent).len());
                return Read::Snapshot { updates: outran, bytes: usize::MAX };
            }
            (TopicSource::Signal(_), Some(sent)) => {
                let missed = history.after(sent).take_while(|entry| entry.to <= head);
                let (updates, bytes) = missed
                    .fold((0, 0), |(updates, bytes), entry| (updates + 1, bytes + entry.event(string_edits).len()));
                let snapshot = state.snapshot.as_ref().map_or(0, |(_, snapshot)| snapshot.len());
                if lags && updates > 1 && bytes > snapshot {
                    return Read::Snapshot { updates, bytes };
                }
                sent
            }
            (TopicSource::Feed { born, replay, .. }, None) => {
                let gap_from = sent.filter(|sent| sent >= born);
                // A reader that came before the feed is not new to it.
                let to = if sent.is_some() { history.floor } else { history.before_latest(*replay) };
                let (after, event) = (sent.unwrap_or(0), self.move_of_feed(gap_from, to));
                pieces.push(Piece { after, to, event, of, snapshot_of: None });
                to
            }
            (_, Some(sent)) => sent,
            (TopicSource::Vacant | TopicSource::Loading { .. }, None) => sent.unwrap_or(head),
        };
        let mut bytes = 0;
        // The writes before a removal may be gone.
        let mut unread = reached.is_none().then_some(after);
        for entry in history.after(after).take_while(|entry| entry.to <= head) {
            let snapshot_of = (entry.from.is_none() && matches!(state.source, TopicSource::Signal(_))).then_some(0);
            let after = unread.take().unwrap_or(entry.to - 1);
            let event = entry.event(string_edits).clone();
            bytes += event.len();
            pieces.push(Piece { after, to: entry.to, event, of, snapshot_of });
            if bytes > len {
                break;
            }
        }
        Read::Pieces
    }

    /// The current snapshot of the signal, and its seq; encoded once for all readers.
    pub(super) fn snapshot(&self, epoch: &Epoch) -> Option<(u64, Encoded)> {
        let signal = {
            let state = self.state();
            match (&state.source, &state.snapshot) {
                (TopicSource::Signal(_), Some((seq, event))) if *seq == state.history.last => {
                    return Some((*seq, event.clone()));
                }
                (TopicSource::Signal(signal), _) => signal.clone(),
                _ => return None,
            }
        };
        let (seq, document) = signal.document();
        let draft = snapshot_draft(&self.name, epoch, &document);
        let event = draft.finish(&self.name, epoch, None, seq);
        let mut state = self.state();
        if state.snapshot.as_ref().is_none_or(|(held, _)| *held < seq) {
            state.snapshot = Some((seq, event.clone()));
        }
        Some((seq, event))
    }

    fn move_of_feed(&self, from: Option<u64>, to: u64) -> Encoded {
        let (event, name) = (event_name::FEED, &self.name);
        let from = from.map(|from| format!(",\"from\":{from}")).unwrap_or_default();
        Encoded::new(format!("event: {event}\ndata: {{\"name\":{name}{from},\"to\":{to}}}\n\n"))
    }
}

/// A key as JSON.
pub(super) fn json_name(key: &Key) -> Box<str> {
    // A string can always be written.
    serde_json::to_string(key.as_str()).unwrap_or_default().into()
}

/// A snapshot of a document whose seq is not known yet.
pub(super) fn snapshot_draft(name: &str, epoch: &Epoch, document: &Document) -> Draft {
    Draft::new(EventKind::Update, name, epoch, |body| diff::snapshot(document, body))
}
