use super::{
    closed::SseClientClosed,
    driver::{Command, Commands, FollowGuard},
    gate::Gate,
};
use futures::Stream;
use leptos_sse_client::{
    connection::Connection,
    feed_log::{FeedEntry, FeedLog},
};
use leptos_sse_core::{Error, Key};
use serde::de::DeserializeOwned;
use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// How much may wait for one who reads; a stream that begins meanwhile is still read for some KiB.
const BOUND: usize = 1_024;

/// A feed of the server: a series of events, each once and in order, as a [`Stream`]. It comes from
/// [`SseClient::feed`](super::SseClient::feed), and is followed until it is dropped.
///
/// It begins with the events that the client holds, at most 1,024, where the feed is followed already, and with those that the
/// server holds where it is not. After a loss of the connection it goes on where it was.
///
/// Nothing is left out for a reader that is slow: with 1,024 that it has not read the client reads no more of its stream, until it
/// has. The server sees a client that takes nothing, and whatever else comes on that connection waits too. So read a feed, or
/// drop it.
///
/// It ends when the client is closed by [`close`](super::SseClient::close), and when the name is followed as something else;
/// [`closed`](Self::closed) says which. It does not when the server answers 204, as the client may be told to ask again.
///
/// ```
/// use futures::StreamExt;
/// use leptos_sse_native::{Key, SseClientFeedItem};
///
/// #[derive(serde::Deserialize)]
/// struct Line { text: String }
///
/// # async fn run(client: leptos_sse_native::SseClient) -> Result<(), leptos_sse_native::Error> {
/// let mut log = client.feed_for::<Line>(Key::named("log"))?;
/// while let Some(item) = log.next().await {
///     match item {
///         SseClientFeedItem::Event(line) => println!("{}", line.text),
///         SseClientFeedItem::Gap => println!("(some lines are missing)"),
///         SseClientFeedItem::Start => println!("(the log starts here)"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "it holds the connection back while it is not read"]
pub struct SseClientFeed<E> {
    queue: Arc<Queue<E>>,
    key: Key,
    number: u64,
    commands: Commands,
}

/// What comes of a feed.
#[derive(Debug)]
pub enum SseClientFeedItem<E> {
    /// The next event.
    Event(Arc<E>),
    /// Events are missing here, which the server held no more.
    Gap,
    /// The feed starts: at first, and anew when the server has begun anew. What was read is of the past, and events of it that
    /// the server has kept come again.
    Start,
}

impl<E> Clone for SseClientFeedItem<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Event(event) => Self::Event(event.clone()),
            Self::Gap => Self::Gap,
            Self::Start => Self::Start,
        }
    }
}

impl<E: DeserializeOwned + Send + Sync + 'static> SseClientFeed<E> {
    pub(super) fn new(key: Key, commands: &Commands) -> Self {
        let queue = Arc::new(Queue::new(commands.gate().clone()));
        let follow = {
            // It ends also where nobody is left who could follow it.
            let (key, end) = (key.clone(), End(queue.clone()));
            move |connection: &Arc<Connection>| follow(connection, &key, end)
        };
        let number = commands.follow(&key, follow);
        Self { queue, key, number, commands: commands.clone() }
    }
}

impl<E> SseClientFeed<E> {
    /// The key that it is known by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Why nothing more will come, once that is so; what came before can still be read.
    #[must_use]
    pub fn closed(&self) -> Option<SseClientClosed> {
        self.queue.state().end.clone()
    }
}

impl<E> Stream for SseClientFeed<E> {
    type Item = SseClientFeedItem<E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SseClientFeedItem<E>>> {
        self.queue.poll(cx)
    }
}

impl<E> fmt::Debug for SseClientFeed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClientFeed").field("key", &self.key).field("closed", &self.closed()).finish_non_exhaustive()
    }
}

impl<E> Drop for SseClientFeed<E> {
    fn drop(&mut self) {
        self.queue.leave();
        self.commands.send(Command::Leave(self.number));
    }
}

fn follow<E: DeserializeOwned + Send + Sync + 'static>(
    connection: &Arc<Connection>,
    key: &Key,
    end: End<E>,
) -> Result<FollowGuard, Error> {
    let queue = end.0.clone();
    match connection.follow_as(key, FeedLog::<E>::default) {
        Ok((log, user)) => {
            let reading = log.read(move |entry| match entry {
                FeedEntry::Event(event) => queue.push(SseClientFeedItem::Event(event)),
                FeedEntry::Start => queue.push(SseClientFeedItem::Start),
                // With a start their number begins anew.
                FeedEntry::Gaps(0) => {}
                FeedEntry::Gaps(_) => queue.push(SseClientFeedItem::Gap),
            });
            Ok(Box::new((reading, end, user)))
        }
        Err(error) => {
            queue.end(Some(error.clone()));
            Err(error)
        }
    }
}

/// Ends a queue when it is dropped.
struct End<E>(Arc<Queue<E>>);

impl<E> Drop for End<E> {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

/// What one reader has not read yet.
struct Queue<E> {
    state: Mutex<Waiting<E>>,
    gate: Arc<Gate>,
}

struct Waiting<E> {
    items: VecDeque<SseClientFeedItem<E>>,
    reader: Option<Waker>,
    end: Option<SseClientClosed>,
    /// Whether nobody reads it any more.
    is_left: bool,
}

impl<E> Queue<E> {
    fn new(gate: Arc<Gate>) -> Self {
        gate.enter();
        let waiting = Waiting { items: VecDeque::new(), reader: None, end: None, is_left: false };
        Self { state: Mutex::new(waiting), gate }
    }

    fn push(&self, item: SseClientFeedItem<E>) {
        let reader = {
            let mut state = self.state();
            if state.is_left {
                // The lock goes first, as the item may be a user's.
                drop(state);
                return drop(item);
            }
            state.items.push_back(item);
            if state.items.len() == BOUND {
                self.gate.close();
            }
            state.reader.take()
        };
        reader.map(Waker::wake).unwrap_or_default();
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<SseClientFeedItem<E>>> {
        let mut state = self.state();
        match state.items.pop_front() {
            Some(item) => {
                if state.items.len() == BOUND - 1 {
                    self.gate.open();
                }
                Poll::Ready(Some(item))
            }
            None if state.end.is_some() => Poll::Ready(None),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Nothing more comes. What ended it first counts.
    fn end(&self, error: Option<Error>) {
        let reader = {
            let mut state = self.state();
            state.end.get_or_insert_with(|| SseClientClosed::new(error));
            state.reader.take()
        };
        reader.map(Waker::wake).unwrap_or_default();
    }

    /// Nobody reads any more.
    fn leave(&self) {
        let items = {
            let mut state = self.state();
            state.is_left = true;
            if state.items.len() >= BOUND {
                self.gate.open();
            }
            std::mem::take(&mut state.items)
        };
        // Not under the lock, as they may be a user's.
        drop(items);
        self.gate.leave();
    }

    fn state(&self) -> MutexGuard<'_, Waiting<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
