//! A server within the process, whose streams are cut at will.

use bytes::Bytes;
use futures::{StreamExt, stream};
use leptos_sse_hub::{SseHub, SseRequest};
use leptos_sse_native::{Body, BoxError, Http};
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::watch;

#[derive(Clone, Default)]
pub struct Local(Arc<Mutex<State>>);

#[derive(Default)]
pub struct State {
    /// None while the server is away.
    pub hub: Option<SseHub>,
    /// What is answered in place of a stream, first come first served.
    pub answers: VecDeque<u16>,
    /// The head of each request.
    pub requests: Vec<http::Request<Bytes>>,
    /// After how many bytes the next streams are cut, and how long the pieces are in which they come.
    pub cut: Option<Box<dyn FnMut() -> (usize, usize) + Send>>,
    /// Whether the next streams say no more than their first words.
    pub is_silent: bool,
    cuts: Option<watch::Sender<()>>,
    /// How many bytes were taken.
    pub taken: usize,
}

impl Local {
    pub fn of(hub: &SseHub) -> Self {
        let local = Self::default();
        local.state().hub = Some(hub.clone());
        local
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Cuts what is open.
    pub fn cut(&self) {
        self.state().cuts = None;
    }

    pub fn requests(&self) -> usize {
        self.state().requests.len()
    }

    /// The query, or the body, of the last request.
    pub fn asked(&self) -> String {
        let state = self.state();
        let last = state.requests.last().unwrap();
        match last.uri().query() {
            Some(query) => query.to_owned(),
            None => String::from_utf8(last.body().to_vec()).unwrap(),
        }
    }

    fn answer(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, BoxError> {
        let mut state = self.state();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let asking = SseRequest::parse(&query, None)?;
        let asking = if request.body().is_empty() { asking } else { asking.body(request.body())? };
        let asking = asking.allow(|key| key.as_str() != "secret");
        state.requests.push(request);
        let response = http::Response::builder();
        if let Some(status) = state.answers.pop_front() {
            return Ok(response.status(status).body(Box::pin(stream::empty()) as Body)?);
        }
        let hub = state.hub.as_ref().ok_or("nobody listens")?;
        let subscription = hub.subscribe(asking).map_err(|refusal| refusal.to_string())?;
        let (mut left, piece) = state.cut.as_mut().map_or((usize::MAX, usize::MAX), |cut| cut());
        let mut cuts = state.cuts.get_or_insert_with(|| watch::channel(()).0).subscribe();
        let is_cut = async move { while cuts.changed().await.is_ok() {} };
        let words = if state.is_silent { 1 } else { usize::MAX };
        let subscription = subscription.take(words).chain(stream::pending());
        let pieces = subscription.map(Result::unwrap).flat_map(move |mut bytes| {
            let mut pieces = Vec::new();
            while !bytes.is_empty() {
                pieces.push(bytes.split_to(bytes.len().min(piece.max(1))));
            }
            stream::iter(pieces)
        });
        let local = self.clone();
        let whole = pieces.map(move |mut bytes| {
            bytes.truncate(left);
            left -= bytes.len();
            local.state().taken += bytes.len();
            if bytes.is_empty() { Err(BoxError::from("cut")) } else { Ok(bytes) }
        });
        let body: Body = Box::pin(whole.take_until(is_cut));
        Ok(response.header("content-type", "text/event-stream").body(body)?)
    }
}

impl Http for Local {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, BoxError>> + Send>> {
        let answer = self.answer(request);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            answer
        })
    }
}
