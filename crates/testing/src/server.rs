use super::{
    answer::{TestAnswer, TestRequest},
    body::{Line, Spoiled},
    fault::{NextEvent, TestFault},
};
use bytes::Bytes;
use http::{Request, Response};
use leptos_sse_hub::{SseHub, SseRefusal};
use leptos_sse_native::{Body, BoxError, Http};
use std::{
    collections::VecDeque,
    fmt,
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::watch, time::Instant};

/// A server within the process, without sockets, that fails when it is told to.
///
/// It takes the place of a client's HTTP: it is an [`Http`], and clones are the same server. Behind it is a hub, or anything that
/// answers requests. It has no threads and no waits of its own, so that a test in tokio's paused time takes no time, however
/// long the client waits between its attempts.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use futures::TryStreamExt;
/// use leptos_sse::events::{SseEvent, SseResponse};
/// use leptos_sse_native::{EventSource, EventSourceOptions};
/// use leptos_sse_testing::{TestAnswer, TestFault, TestServer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), leptos_sse::Error> {
/// // In a `#[tokio::test(start_paused = true)]`.
/// let server = TestServer::with(|request| match request.last_event_id() {
///     Some("3") => TestAnswer::status(204),
///     had => {
///         let had: u32 = had.map_or(0, |id| id.parse().unwrap());
///         let write = move |sink: leptos_sse::events::SseSink| async move {
///             for line in had + 1..=3 {
///                 sink.send(SseEvent::new().id(line.to_string())?.json(&line)?).await?;
///             }
///             Ok(())
///         };
///         SseResponse::new(write).spawn().into()
///     }
/// });
/// // The first answer breaks off within its second event; there is nothing to be had for a while then.
/// server.next(TestFault::new().cut_after(20));
/// server.next(TestFault::new().unreachable());
///
/// let options = EventSourceOptions::new().http(server.clone());
/// let events = EventSource::with_options("http://test/lines", options)?.events();
/// let lines: Vec<_> = events.and_then(async |event| event.json::<u32>()).try_collect().await?;
///
/// assert_eq!(lines, [1, 2, 3], "nothing is lost, and nothing comes twice");
/// let asked: Vec<_> = server.requests().iter().map(|request| request.last_event_id().map(str::to_owned)).collect();
/// assert_eq!(asked, [None, Some("1".to_owned()), Some("1".to_owned()), Some("3".to_owned())]);
/// # Ok(())
/// # }
/// ```
///
/// Over a hub, a client's signals have what the hub's are set to, whatever goes wrong on the way:
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::{Key, SseHub};
/// use leptos_sse_native::{SseClient, SseClientOptions};
/// use leptos_sse_testing::TestServer;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let hub = SseHub::new();
/// let count = hub.signal_for(Key::named("count"), 1);
/// let server = TestServer::new(&hub);
///
/// let client = SseClient::connect("http://test/sse", SseClientOptions::new().http(server.clone()))?;
/// let mut shown = client.signal_for::<u32>(Key::named("count"))?;
/// while shown.get().as_deref() != Some(&1) {
///     shown.changed().await?;
/// }
///
/// server.cut();
/// count.set(2);
/// while shown.get().as_deref() != Some(&2) {
///     shown.changed().await?;
/// }
///
/// // Another process: another hub, with another epoch.
/// let hub = SseHub::new();
/// hub.signal_for(Key::named("count"), 10);
/// server.restart(&hub);
/// while shown.get().as_deref() != Some(&10) {
///     shown.changed().await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Faults
///
/// - [`next`](Self::next): how the answer to a next request fails: its status, its type, when and where its stream breaks off.
/// - [`cut`](Self::cut), [`end`](Self::end), [`hold`](Self::hold), and the next event
///   [twice](Self::duplicate_next_event), [in part](Self::truncate_next_event) or [not at all](Self::lose_next_event): what
///   happens to the streams that are open.
/// - [`stop`](Self::stop) and [`restart`](Self::restart): the server goes, and comes back, as another one with a new epoch.
#[derive(Clone)]
pub struct TestServer(Arc<ServerState>);

type Handler = Arc<dyn Fn(&TestRequest) -> TestAnswer + Send + Sync>;

struct ServerState {
    state: Mutex<State>,
    /// Told of each request, and of each stream that begins or ends.
    changes: watch::Sender<()>,
    begin: Instant,
}

#[derive(Default)]
struct State {
    /// None while the server is stopped.
    handler: Option<Handler>,
    faults: VecDeque<TestFault>,
    requests: Vec<TestRequest>,
    open: Vec<Arc<Line>>,
    is_held: bool,
}

impl TestServer {
    /// A server over a hub, which answers every URL, and everyone may see everything that the hub has.
    #[must_use]
    pub fn new(hub: &SseHub) -> Self {
        Self::over(of_hub(hub.clone()))
    }

    /// A server that answers with whatever a function makes of a request, as with a hub that not everyone may see, or with plain
    /// events.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// use leptos_sse::events::{SseEvent, SseResponse};
    /// use leptos_sse_testing::{TestAnswer, TestServer};
    ///
    /// let server = TestServer::with(|request| match request.last_event_id() {
    ///     Some("done") => TestAnswer::status(204),
    ///     _ => SseResponse::new(|sink| async move {
    ///         sink.send(SseEvent::new().id("done")?.data("all")).await?;
    ///         Ok(())
    ///     })
    ///     .spawn()
    ///     .into(),
    /// });
    /// # drop(server);
    /// ```
    #[must_use]
    pub fn with<A: Into<TestAnswer>>(answer: impl Fn(&TestRequest) -> A + Send + Sync + 'static) -> Self {
        Self::over(Arc::new(move |request: &TestRequest| answer(request).into()))
    }

    fn over(handler: Handler) -> Self {
        let state = State { handler: Some(handler), ..State::default() };
        let server = ServerState { state: Mutex::new(state), changes: watch::Sender::new(()), begin: Instant::now() };
        Self(Arc::new(server))
    }

    /// Has an answer fail: that of the next request, or of the one after those for which a fault waits already.
    pub fn next(&self, fault: TestFault) {
        self.state().faults.push_back(fault);
    }

    /// Breaks all open streams, as a network does: each ends with an error.
    pub fn cut(&self) {
        self.end_all(true);
    }

    /// Ends all open streams, as a server does: without an error.
    pub fn end(&self) {
        self.end_all(false);
    }

    /// Holds all back that streams would bring, also those that open from now on, until [`release`](Self::release): nobody is
    /// told, as by a network that is stuck.
    pub fn hold(&self) {
        self.set_held(true);
    }

    /// Lets all come that was held back.
    pub fn release(&self) {
        self.set_held(false);
    }

    /// Gives the next event of each open stream twice. Heartbeats and comments do not count as events.
    pub fn duplicate_next_event(&self) {
        self.each(|line| line.next(NextEvent::Twice));
    }

    /// Gives so many bytes of the next event of each open stream, and then ends it, without an error. Heartbeats and comments do
    /// not count as events.
    pub fn truncate_next_event(&self, bytes: usize) {
        self.each(|line| line.next(NextEvent::Start(bytes)));
    }

    /// Loses the next event of each open stream, which no network does and some proxies have done. Heartbeats and comments do not
    /// count as events.
    pub fn lose_next_event(&self) {
        self.each(|line| line.next(NextEvent::Lost));
    }

    /// Stops: open streams break, and requests fail without an answer, until [`restart`](Self::restart).
    pub fn stop(&self) {
        let before = self.state().handler.take();
        drop(before);
        self.cut();
    }

    /// Restarts over a hub: open streams break. As a new hub has a new epoch, this is what a server does that was restarted;
    /// with the hub of before it is one whose connections were lost.
    pub fn restart(&self, hub: &SseHub) {
        let before = self.state().handler.replace(of_hub(hub.clone()));
        drop(before);
        self.cut();
    }

    /// Restarts with another function for requests: open streams break. See [`with`](Self::with).
    pub fn restart_with<A: Into<TestAnswer>>(&self, answer: impl Fn(&TestRequest) -> A + Send + Sync + 'static) {
        let before = self.state().handler.replace(Arc::new(move |request: &TestRequest| answer(request).into()));
        drop(before);
        self.cut();
    }

    /// All requests so far, the first one first.
    #[must_use]
    pub fn requests(&self) -> Vec<TestRequest> {
        self.state().requests.clone()
    }

    /// How many streams are open.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.state().open.len()
    }

    /// Waits until there have been so many requests, and gives the last of those.
    pub async fn requested(&self, number: usize) -> TestRequest {
        let index = number.max(1) - 1;
        self.until(|state| state.requests.get(index).cloned()).await
    }

    /// Waits until exactly so many streams are open.
    pub async fn until_open(&self, number: usize) {
        self.until(|state| (state.open.len() == number).then_some(())).await;
    }

    async fn until<T>(&self, what: impl Fn(&State) -> Option<T>) -> T {
        let mut changes = self.0.changes.subscribe();
        loop {
            let found = what(&self.state());
            if let Some(found) = found {
                return found;
            }
            if changes.changed().await.is_err() {
                // The server is here, so that its sender is.
                return pending().await;
            }
        }
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Body>, BoxError> {
        let request = TestRequest::new(request, self.0.begin.elapsed());
        let fault = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.faults.pop_front().unwrap_or_default()
        };
        self.tell();
        if let Some(delay) = fault.delay {
            tokio::time::sleep(delay).await;
        }
        if fault.is_silent {
            return pending().await;
        }
        let handler = self.state().handler.clone().filter(|_| !fault.is_unreachable);
        let Some(handler) = handler else { return Err("the connection was refused, as the test has it".into()) };
        let answer = match fault.status {
            None => handler(&request),
            Some(status) => TestAnswer::of(status),
        };
        Ok(fault.head(answer).into_response(|body| self.open(body, &fault)))
    }

    fn open(&self, body: Body, fault: &TestFault) -> Body {
        let mut state = self.state();
        let line = Arc::new(Line::new(state.is_held));
        state.open.push(line.clone());
        drop(state);
        self.tell();
        let (server, closed) = (self.clone(), line.clone());
        Box::pin(Spoiled::new(line, body, fault, move || server.close(&closed)))
    }

    fn close(&self, line: &Arc<Line>) {
        self.state().open.retain(|open| !Arc::ptr_eq(open, line));
        self.tell();
    }

    fn set_held(&self, is_held: bool) {
        self.state().is_held = is_held;
        self.each(|line| line.hold(is_held));
    }

    fn end_all(&self, breaks: bool) {
        let open = std::mem::take(&mut self.state().open);
        open.iter().for_each(|line| line.end(breaks));
        self.tell();
    }

    fn each(&self, what: impl Fn(&Line)) {
        // Not under the lock: a stream that is woken may be read at once.
        let open = self.state().open.clone();
        open.iter().for_each(|line| what(line));
    }

    fn tell(&self) {
        self.0.changes.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_hub(hub: SseHub) -> Handler {
    Arc::new(move |request: &TestRequest| match request.subscribe_request() {
        Ok(asked) => hub.subscribe(asked).into(),
        Err(error) => SseRefusal::from(error).into(),
    })
}

impl Http for TestServer {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
        Box::pin(self.clone().answer(request))
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        let mut debug = f.debug_struct("TestServer");
        debug.field("requests", &state.requests.len()).field("open_streams", &state.open.len()).finish_non_exhaustive()
    }
}
