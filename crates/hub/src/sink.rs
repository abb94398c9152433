//! Plain server-sent events: a stream that is no signal, written by a closure.

use crate::{event::SseEvent, heartbeat::Heartbeat, send_error::SseSendError};
use bytes::Bytes;
use futures::{
    FutureExt, Stream,
    future::{Either, select},
};
use leptos_sse_core::BoxError;
use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{Semaphore, mpsc, watch};

type OnClose = Box<dyn FnOnce(SseResponseClosed) + Send>;

/// A response of plain server-sent events, which a closure writes.
///
/// The closure is given an [`SseSink`], and the stream is as long as the closure runs. It is a response in axum and in actix-web,
/// where `sse_response` makes one of a closure and the defaults; for other frameworks there is [`spawn`](Self::spawn).
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::events::{SseEvent, SseResponse};
/// use std::time::Duration;
/// # use futures::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let response = SseResponse::new(|sink| async move {
///     for done in [50, 100] {
///         sink.send(SseEvent::new().event("progress")?.json(&done)?).await?;
///     }
///     Ok(())
/// });
/// let body = response.keep_alive(Duration::from_secs(30)).on_close(|end| println!("it ended: {end:?}")).spawn();
/// # let body: Vec<_> = body.map(|part| String::from_utf8(part.unwrap().to_vec()).unwrap()).collect().await;
/// # assert_eq!(body.concat(), "event: progress\ndata: 50\n\nevent: progress\ndata: 100\n\n");
/// # }
/// ```
///
/// # When the stream ends
///
/// When the closure returns, the stream ends after what was sent; so it does at [`SseSink::complete`], after which the closure may
/// go on. When it returns an error or panics, that is logged, and the stream ends in the same way: a reader cannot tell.
///
/// **An `EventSource` comes back when a stream ends**, after its wait, with the id of the last event as `Last-Event-ID`. A stream
/// that is finite has to say that it is over, in one of two ways:
///
/// - by an event of its own, on which the page calls `close()`;
/// - by 204 (No Content) for the next request, which is the one answer that stops an `EventSource` for good. The last event has
///   an id that says so, and the handler looks for it in `Last-Event-ID`.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// # use leptos_sse::{BoxError, events::{SseEvent, SseSink}};
/// async fn import(sink: SseSink) -> Result<(), BoxError> {
///     sink.send(SseEvent::new().id("1")?.data("one half")).await?;
///     // For pages that listen for `done`; and a handler answers 204 to `Last-Event-ID: done`.
///     sink.send(SseEvent::new().event("done")?.id("done")?.data("")).await?;
///     Ok(())
/// }
/// ```
///
/// # When the client leaves
///
/// A send fails from then on, and [`SseSink::closed`] comes true. The closure may then take leave: it is dropped after ten
/// seconds ([`grace`](Self::grace)), so that one which waits for something else does not stay for ever. An error that it returns
/// after that is no error, as that is what a send gives: it is not logged as one. The hook [`on_close`](Self::on_close) is called
/// at once.
///
/// # When the server shuts down
///
/// A server that ends gracefully waits for its responses, and so for the closures. A closure has to heed the shutdown:
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// # use leptos_sse::{BoxError, events::{SseEvent, SseSink}};
/// # use tokio::sync::{broadcast, watch};
/// async fn news(
///     sink: SseSink,
///     mut news: broadcast::Receiver<String>,
///     mut shutdown: watch::Receiver<bool>,
/// ) -> Result<(), BoxError> {
///     loop {
///         tokio::select! {
///             line = news.recv() => sink.send(SseEvent::new().data(line?)).await?,
///             _ = shutdown.wait_for(|is_over| *is_over) => return Ok(()),
///             () = sink.closed() => return Ok(()),
///         }
///     }
/// }
/// ```
#[must_use = "it does nothing unless it is the answer to a request"]
pub struct SseResponse<F> {
    write: F,
    keep_alive: Duration,
    capacity: usize,
    grace: Duration,
    on_close: Option<OnClose>,
}

impl<F, Fut> SseResponse<F>
where
    F: FnOnce(SseSink) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>,
{
    /// A response that the closure writes.
    pub fn new(write: F) -> Self {
        Self {
            write,
            keep_alive: Duration::from_secs(15),
            capacity: 16,
            grace: Duration::from_secs(10),
            on_close: None,
        }
    }

    /// Sets how long the stream may be silent before a comment is written, which readers do not see. Default is 15 seconds.
    ///
    /// It keeps proxies from taking the stream for dead, and has the server notice that a client is gone. Zero means none.
    pub fn keep_alive(mut self, every: Duration) -> Self {
        self.keep_alive = every;
        self
    }

    /// Sets how many events may wait for a slow client, at least 1, before [`SseSink::send`] waits too. Default is 16.
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events;
        self
    }

    /// Sets how long the closure may go on once the client has left, or has been sent all of a complete stream; then it is
    /// dropped where it waits. Default is 10 seconds.
    ///
    /// Zero drops it at once, and `Duration::MAX` never.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Sets what is called when the stream is over, once: the client has left, or has been sent everything. Default is nothing.
    ///
    /// It is called within the server's own work, and has to be quick.
    pub fn on_close(mut self, hook: impl FnOnce(SseResponseClosed) + Send + 'static) -> Self {
        self.on_close = Some(Box::new(hook));
        self
    }

    /// Runs the closure as a task of tokio, and gives the bytes of the stream, for the response of any framework.
    ///
    /// The response needs the header `Content-Type: text/event-stream`; and `Cache-Control: no-cache, no-transform` and
    /// `X-Accel-Buffering: no`, so that nothing on the way holds events back.
    ///
    /// # Panics
    ///
    /// Without a runtime of tokio.
    pub fn spawn(self) -> SseBody
    where
        F: Send + 'static,
        Fut: Send + 'static,
    {
        let (run, body) = self.start();
        tokio::spawn(run);
        body
    }

    /// What runs the closure, and what it writes.
    pub(crate) fn start(self) -> (impl Future<Output = ()>, SseBody) {
        let (sender, events) = mpsc::channel(self.capacity.clamp(1, Semaphore::MAX_PERMITS));
        let (reader, alive) = watch::channel(());
        let shared = Arc::new(SinkState { events: Mutex::new(Some(sender)), reader, failed: AtomicBool::new(false) });
        let mut keep_alive = Heartbeat::every(self.keep_alive);
        keep_alive.heard();
        let body = SseBody { events, keep_alive, shared: shared.clone(), alive: Some(alive), on_close: self.on_close };
        (run(self.write, SseSink(shared), self.grace), body)
    }
}

async fn run<F, Fut>(write: F, sink: SseSink, grace: Duration)
where
    F: FnOnce(SseSink) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>,
{
    let end = Ending(sink.clone());
    // What the closure leaves behind when it panics is never looked at again, but for the sink, which is always whole.
    let work = AssertUnwindSafe(async { write(sink.clone()).await }).catch_unwind();
    let left = async {
        sink.closed().await;
        tokio::time::sleep(grace).await;
    };
    match select(pin!(work), pin!(left)).await {
        Either::Left((Ok(Ok(())), _)) => {}
        Either::Left((Ok(Err(error)), _)) if end.has_left() => {
            tracing::debug!(%error, "the client of a plain stream has left");
        }
        Either::Left((Ok(Err(error)), _)) => {
            end.fail();
            tracing::error!(%error, "a plain stream failed, and ends");
        }
        Either::Left((Err(panic), _)) => {
            end.fail();
            tracing::error!(panic = text_of(&*panic), "what writes a plain stream panicked, and the stream ends");
        }
        Either::Right(_) => tracing::debug!("what wrote a plain stream did not end by itself, and was dropped"),
    }
}

/// Ends a stream with what writes it, in whatever way that ends.
struct Ending(SseSink);

impl Ending {
    fn has_left(&self) -> bool {
        self.0.0.reader.is_closed()
    }

    fn fail(&self) {
        self.0.0.failed.store(true, Ordering::Release);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.complete();
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}

impl<F> fmt::Debug for SseResponse<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keep_alive, capacity, grace, .. } = self;
        let mut debug = f.debug_struct("SseResponse");
        debug.field("keep_alive", keep_alive).field("capacity", capacity).field("grace", grace).finish_non_exhaustive()
    }
}

/// Why a plain stream is over, as [`SseResponse::on_close`] is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseResponseClosed {
    /// All was sent, and nothing more was to be.
    Complete,
    /// All was sent until the closure failed or panicked, which was logged.
    Failed,
    /// The client left before the end.
    Left,
}

/// Sends the events of one plain stream. Clones send to the same one.
///
/// See [`SseResponse`] for how it comes and goes.
#[derive(Clone)]
pub struct SseSink(Arc<SinkState>);

struct SinkState {
    /// None once the stream is complete. A send that had begun before holds a sender of its own.
    events: Mutex<Option<mpsc::Sender<Bytes>>>,
    /// Its receiver goes with the body.
    reader: watch::Sender<()>,
    failed: AtomicBool,
}

impl SseSink {
    /// Sends an event, and waits while as many events wait as [may](SseResponse::capacity).
    ///
    /// Sent is what the client will be given as fast as it reads; whether it arrives is never known.
    ///
    /// # Errors
    ///
    /// When the client has left, or the stream is [complete](Self::complete); the error gives the event back.
    pub async fn send(&self, event: SseEvent) -> Result<(), SseSendError<SseEvent>> {
        let Some(sender) = self.sender() else { return Err(SseSendError::complete(event)) };
        match sender.reserve().await {
            Ok(room) => room.send(event.encode().into()),
            Err(_) => return Err(SseSendError::left(event)),
        }
        Ok(())
    }

    /// Sends an event if there is room for it now.
    ///
    /// # Errors
    ///
    /// When as many events wait as may, the client has left, or the stream is complete; the error gives the event back.
    pub fn try_send(&self, event: SseEvent) -> Result<(), SseSendError<SseEvent>> {
        let Some(sender) = self.sender() else { return Err(SseSendError::complete(event)) };
        match sender.try_reserve() {
            Ok(room) => room.send(event.encode().into()),
            Err(mpsc::error::TrySendError::Full(())) => return Err(SseSendError::full(event)),
            Err(mpsc::error::TrySendError::Closed(())) => return Err(SseSendError::left(event)),
        }
        Ok(())
    }

    /// Ends the stream after what was sent, also by clones of this sink; what they send from now on is an error. The closure
    /// may go on, as with what is to be tidied up.
    pub fn complete(&self) {
        let sender = self.0.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It may wake the body's task, which is not done under the lock.
        drop(sender);
    }

    /// Waits until the client has left, or has been sent all of a complete stream.
    pub async fn closed(&self) {
        self.0.reader.closed().await;
    }

    /// Whether nothing can be sent any more: the client has left, or the stream is complete.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.reader.is_closed() || self.sender().is_none()
    }

    fn sender(&self) -> Option<mpsc::Sender<Bytes>> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for SseSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseSink").field("is_closed", &self.is_closed()).finish()
    }
}

/// The bytes of a plain stream: the body of a response. When it is dropped, the client has left.
#[must_use = "it does nothing unless it is the body of a response"]
pub struct SseBody {
    events: mpsc::Receiver<Bytes>,
    keep_alive: Heartbeat,
    shared: Arc<SinkState>,
    /// None when all was given.
    alive: Option<watch::Receiver<()>>,
    on_close: Option<OnClose>,
}

/// "Authors can include a comment line (one starting with a ':' character) every 15 seconds or so" (section 9.2.7).
const KEEP_ALIVE: &[u8] = b":\n\n";

impl Stream for SseBody {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let part = match self.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => event,
            Poll::Ready(None) => {
                let failed = self.shared.failed.load(Ordering::Acquire);
                self.close(if failed { SseResponseClosed::Failed } else { SseResponseClosed::Complete });
                return Poll::Ready(None);
            }
            Poll::Pending => {
                std::task::ready!(self.keep_alive.poll(cx));
                Bytes::from_static(KEEP_ALIVE)
            }
        };
        self.keep_alive.heard();
        Poll::Ready(Some(Ok(part)))
    }
}

impl SseBody {
    fn close(&mut self, end: SseResponseClosed) {
        // Before anyone is told, so that a send that follows fails.
        self.events.close();
        self.alive = None;
        if let Some(hook) = self.on_close.take() {
            hook(end);
        }
    }
}

impl Drop for SseBody {
    fn drop(&mut self) {
        self.close(SseResponseClosed::Left);
    }
}

impl fmt::Debug for SseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
