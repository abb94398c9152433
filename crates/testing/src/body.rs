//! The bytes of one answer, with what is to go wrong with them.

use super::fault::{AtLimit, NextEvent, TestFault};
use bytes::{Bytes, BytesMut};
use futures::{Stream, ready};
use leptos_sse_native::{Body, BoxError};
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// One open stream, as the test has it in hand.
pub(super) struct Line(Mutex<State>);

struct State {
    /// Whether it is to break, or else to end.
    end: Option<bool>,
    is_held: bool,
    next: VecDeque<NextEvent>,
    waker: Option<Waker>,
}

impl Line {
    pub(super) fn new(is_held: bool) -> Self {
        Self(Mutex::new(State { end: None, is_held, next: VecDeque::new(), waker: None }))
    }

    pub(super) fn end(&self, breaks: bool) {
        self.change(|state| state.end = Some(breaks));
    }

    pub(super) fn hold(&self, is_held: bool) {
        self.change(|state| state.is_held = is_held);
    }

    pub(super) fn next(&self, what: NextEvent) {
        self.change(|state| state.next.push_back(what));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that fails as it is told.
pub(super) struct Spoiled {
    line: Arc<Line>,
    /// Called once, when the stream ends or is dropped; `None` once it was.
    on_close: Option<Box<dyn FnOnce() + Send>>,
    /// None when it has nothing more to give.
    body: Option<Body>,
    /// The start of an event whose end has not come, while something is to happen to it.
    event: BytesMut,
    /// What may be given on.
    unsent: BytesMut,
    limit: Option<(usize, AtLimit)>,
    part_len: usize,
    latency: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Spoiled {
    pub(super) fn new(
        line: Arc<Line>,
        body: Body,
        fault: &TestFault,
        on_close: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self {
            line,
            on_close: Some(Box::new(on_close)),
            body: Some(body),
            event: BytesMut::new(),
            unsent: BytesMut::new(),
            limit: fault.limit,
            part_len: fault.part_len.unwrap_or(usize::MAX),
            latency: fault.latency,
            sleep: None,
        }
    }

    /// Takes bytes in, and does to the events in them what is to be done.
    fn take_in(&mut self, bytes: &[u8]) {
        self.event.extend_from_slice(bytes);
        while !self.line.state().next.is_empty() {
            // The rest waits for the end of the event.
            let Some(end) = end_of_event(&self.event) else { return };
            let event = self.event.split_to(end);
            if is_idle(&event) {
                self.unsent.extend_from_slice(&event);
                continue;
            }
            let next = self.line.state().next.pop_front();
            match next {
                None => self.unsent.extend_from_slice(&event),
                Some(NextEvent::Lost) => {}
                Some(NextEvent::Twice) => {
                    self.unsent.extend_from_slice(&event);
                    self.unsent.extend_from_slice(&event);
                }
                Some(NextEvent::Start(len)) => {
                    self.unsent.extend_from_slice(&event[..len.min(event.len())]);
                    self.event.clear();
                    self.body = None;
                    return;
                }
            }
        }
        let rest = self.event.split();
        self.unsent.extend_from_slice(&rest);
    }

    fn over<T>(&mut self, last: T) -> Poll<T> {
        self.body = None;
        self.close();
        Poll::Ready(last)
    }

    fn close(&mut self) {
        if let Some(on_close) = self.on_close.take() {
            on_close();
        }
    }
}

impl Stream for Spoiled {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if this.on_close.is_none() {
                return Poll::Ready(None);
            }
            let mut state = this.line.state();
            state.waker = Some(cx.waker().clone());
            let (end, is_held) = (state.end, state.is_held);
            drop(state);
            match end {
                Some(true) => return this.over(Some(Err("the connection broke, as the test has it".into()))),
                Some(false) => return this.over(None),
                None if is_held => return Poll::Pending,
                None => {}
            }
            let left = this.limit.map_or(usize::MAX, |(left, _)| left);
            match this.limit {
                Some((0, AtLimit::Cut)) => {
                    return this.over(Some(Err("the connection broke, as the test has it".into())));
                }
                Some((0, AtLimit::End)) => return this.over(None),
                Some((0, AtLimit::Stall)) => return Poll::Pending,
                _ => {}
            }
            if !this.unsent.is_empty() {
                if let Some(latency) = this.latency {
                    let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep(latency)));
                    ready!(sleep.as_mut().poll(cx));
                    this.sleep = None;
                }
                let len = this.unsent.len().min(this.part_len).min(left);
                if let Some((left, _)) = &mut this.limit {
                    *left -= len;
                }
                return Poll::Ready(Some(Ok(this.unsent.split_to(len).freeze())));
            }
            let Some(body) = &mut this.body else { return this.over(None) };
            // What it runs may come back to the server, which no lock is held of.
            match ready!(body.as_mut().poll_next(cx)) {
                Some(Ok(bytes)) => this.take_in(&bytes),
                Some(Err(error)) => return this.over(Some(Err(error))),
                None => {
                    this.body = None;
                    this.unsent = this.event.split();
                }
            }
        }
    }
}

impl Drop for Spoiled {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where the first event of a text ends: behind its blank line. Lines end with LF, CR or CRLF.
pub(super) fn end_of_event(text: &[u8]) -> Option<usize> {
    let (mut at, mut line) = (0, 0);
    while let Some(end) = text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map(|end| at + end) {
        at = if text[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 };
        if end == line {
            return Some(at);
        }
        line = at;
    }
    None
}

/// Whether an event says no more than that the stream lives: a comment, or a heartbeat.
fn is_idle(event: &[u8]) -> bool {
    let mut lines = event.split(|byte| matches!(byte, b'\n' | b'\r'));
    event.starts_with(b"event: hb\n") || !lines.any(|line| line.starts_with(b"data"))
}
