//! A server within the process, whose answers are written down before.

use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use http::{Request, Response};
use leptos_sse_hub::Error;
use leptos_sse_native::{Body, BoxError, Event, EventSource, EventSourceOptions, Http, ReadyState};
use std::{
    collections::VecDeque,
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::mpsc, time::Instant};

/// Answers each request with the next answer; when there are none any more, never.
#[derive(Clone, Default)]
pub struct Fake(Arc<Inner>);

#[derive(Default)]
struct Inner {
    answers: Mutex<VecDeque<Result<Response<Body>, BoxError>>>,
    asked: Mutex<Vec<Asked>>,
    /// Of each request that is under way.
    under_way: Arc<()>,
}

/// A request, and when it came.
pub struct Asked {
    pub at: Instant,
    pub request: Request<Bytes>,
}

/// What a stream does behind its bytes.
#[derive(Clone, Copy)]
pub enum Then {
    Ends,
    Breaks,
    Stays,
}

impl Fake {
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with a stream of events.
    pub fn stream(self, text: impl AsRef<[u8]>, then: Then) -> Self {
        let text = text.as_ref();
        self.parts([Bytes::copy_from_slice(text)], then)
    }

    /// Answers with a stream of events that comes in these parts.
    pub fn parts(self, parts: impl IntoIterator<Item = Bytes>, then: Then) -> Self {
        let parts = stream::iter(parts.into_iter().map(Ok).collect::<Vec<_>>());
        let body: Body = match then {
            Then::Ends => Box::pin(parts),
            Then::Breaks => Box::pin(parts.chain(stream::iter([Err("the cable was cut".into())]))),
            Then::Stays => Box::pin(parts.chain(stream::pending())),
        };
        self.body(body)
    }

    pub fn body(self, body: Body) -> Self {
        let response = Response::builder().header("content-type", "text/event-stream; charset=utf-8").body(body);
        self.answer(Ok(response.unwrap()))
    }

    /// Answers with a status.
    pub fn status(self, status: u16, headers: &[(&str, &str)]) -> Self {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let body: Body = Box::pin(stream::iter([Ok(Bytes::from_static(b"data: not for you\n\n"))]));
        self.answer(Ok(response.body(body).unwrap()))
    }

    /// Is not reached.
    pub fn down(self) -> Self {
        self.answer(Err("no route to the host".into()))
    }

    fn answer(self, answer: Result<Response<Body>, BoxError>) -> Self {
        self.0.answers.lock().unwrap().push_back(answer);
        self
    }

    pub fn asked(&self) -> usize {
        self.0.asked.lock().unwrap().len()
    }

    /// Of each request, what it says that the client has.
    pub fn last_event_ids(&self) -> Vec<Option<String>> {
        let text = |asked: &Asked| {
            let value = asked.request.headers().get("last-event-id")?;
            Some(String::from_utf8(value.as_bytes().to_vec()).unwrap())
        };
        self.0.asked.lock().unwrap().iter().map(text).collect()
    }

    /// The times between the requests.
    pub fn waits(&self) -> Vec<Duration> {
        let asked = self.0.asked.lock().unwrap();
        asked.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
    }

    /// The latest request.
    pub fn request(&self) -> Request<Bytes> {
        self.0.asked.lock().unwrap().last().unwrap().request.clone()
    }

    /// How many requests and streams are under way.
    pub fn under_way(&self) -> usize {
        Arc::strong_count(&self.0.under_way) - 1
    }

    pub fn options(&self) -> EventSourceOptions {
        EventSourceOptions::new().http(self.clone())
    }

    pub fn source(&self) -> EventSource {
        self.source_with(|options| options)
    }

    pub fn source_with(&self, with: impl FnOnce(EventSourceOptions) -> EventSourceOptions) -> EventSource {
        EventSource::with_options("http://fake/events", with(self.options())).unwrap()
    }
}

impl Http for Fake {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
        self.0.asked.lock().unwrap().push(Asked { at: Instant::now(), request });
        let guard = self.0.under_way.clone();
        let Some(answer) = self.0.answers.lock().unwrap().pop_front() else {
            return Box::pin(async move {
                let _guard = guard;
                pending().await
            });
        };
        // The guard lives as long as the body does.
        let answer = answer.map(|response| response.map(|body| Box::pin(body.inspect(move |_| _ = &guard)) as Body));
        Box::pin(async move { answer })
    }
}

/// What happened to a source, in order: `open`, `error …, Connecting`, `message: data`.
pub fn told(source: &EventSource) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    source.on_open({
        let sender = sender.clone();
        move || drop(sender.send("open".to_owned()))
    });
    source.on_error({
        let (sender, fields) = (sender.clone(), Mutex::new(source.clone()));
        move |error| drop(sender.send(format!("{:?}: {error}", fields.lock().unwrap().ready_state())))
    });
    source.on_message(move |event| drop(sender.send(format!("message: {}", event.data()))));
    receiver
}

/// The events of a source, until it gives up or is closed.
pub async fn all(source: EventSource) -> (Vec<Event>, Option<Error>) {
    let (mut events, mut error) = (Vec::new(), None);
    let mut stream = source.events();
    drop(source);
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(why) => error = Some(why),
        }
    }
    (events, error)
}

pub fn data(events: &[Event]) -> Vec<&str> {
    events.iter().map(Event::data).collect()
}

/// Lets all that can happen happen; in paused time, in no time.
pub async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Waits until something is so; in paused time it goes on.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    tokio::time::timeout(Duration::from_secs(120), async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("it never comes to be");
}

pub fn is_closed(source: &EventSource) -> bool {
    source.ready_state() == ReadyState::Closed
}

/// What has come so far.
pub fn so_far(told: &mut mpsc::UnboundedReceiver<String>) -> Vec<String> {
    std::iter::from_fn(|| told.recv().now_or_never().flatten()).collect()
}
