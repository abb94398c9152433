//! Where there is no browser, but a runtime: what a connection wishes for, for the one task that carries it out.

mod request;

use crate::{http::Http, options::SseClientOptions, url::shown_text};
use bytes::Bytes;
use leptos_sse_client::{
    connection::Connection,
    hooks::ConnectionEvent,
    status::SseClosed,
    transport::{FirstValue, Transport},
};
use leptos_sse_core::{Error, Key, protocol::SubscribeRequest};
use request::{Request, resolve};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A connection of its own to a URL, and what it wishes for. Nothing happens before somebody carries that out.
///
/// # Errors
///
/// When the URL is none, and when there is no HTTP client.
pub(crate) fn connect(url: &str, options: &SseClientOptions) -> Result<(Arc<Connection>, NativeTransport), Error> {
    let http = |shown: &str| options.http_client(shown);
    let options = &options.options;
    let url = resolve(url, options.base_url.as_deref())?;
    // What is logged and told is without the login that it may have.
    let shown = shown_text(&url);
    let native = NativeTransport(Arc::new(Inner {
        request: Request { url, access: options.access.clone() },
        http: http(&shown)?,
        begin: Instant::now(),
        wished: Mutex::default(),
    }));
    let connection = Connection::new(shown, options, Box::new(()), |_| Box::new(native.clone()));
    // For as long as the connection lives: it has this one provider.
    connection.hooks().add(&options.hooks);
    Ok((connection, native))
}

/// The world of a connection, as it wishes it to be.
///
/// A stream has a number, so that what was begun can be told from what is wished for now.
#[derive(Clone)]
pub(crate) struct NativeTransport(Arc<Inner>);

struct Inner {
    request: Request,
    http: Arc<dyn Http>,
    begin: Instant,
    wished: Mutex<Wished>,
}

#[derive(Default)]
struct Wished {
    last: u64,
    open: Option<u64>,
    beside: Option<u64>,
    probe: Option<u64>,
    /// Those that are not begun, and what they ask. There are two at most.
    new: Vec<(u64, SubscribeRequest)>,
    alarm: Option<Instant>,
}

/// What a stream is to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamRole {
    Open,
    Beside,
    Probe,
}

impl NativeTransport {
    /// What the stream of this number is now; nothing when it is wished for no more.
    pub(crate) fn role(&self, number: u64) -> Option<StreamRole> {
        self.wished().role(number)
    }

    /// The number of a stream that is to be begun, and what it asks.
    pub(crate) fn next(&self) -> Option<(u64, SubscribeRequest)> {
        let mut wished = self.wished();
        while let Some((number, ask)) = wished.new.pop() {
            if wished.role(number).is_some() {
                return Some((number, ask));
            }
        }
        None
    }

    /// When the connection wants to be told of the time.
    pub(crate) fn alarm(&self) -> Option<Instant> {
        self.wished().alarm
    }

    /// The alarm has rung. Whether it was still set to that time, or an earlier one.
    pub(crate) fn take_alarm(&self) -> bool {
        self.wished().alarm.take_if(|alarm| *alarm <= Instant::now()).is_some()
    }

    /// The request of a stream, which runs code of the user: its headers.
    ///
    /// # Errors
    ///
    /// When its URL is none for the HTTP client.
    pub(crate) fn request(&self, ask: &SubscribeRequest) -> Result<http::Request<Bytes>, Error> {
        self.0.request.build(ask)
    }

    /// Tells those who want to know that the connection is closed for good.
    pub(crate) fn closed(connection: &Connection) {
        connection.emit(ConnectionEvent::Closed(SseClosed::Unused));
    }

    pub(crate) fn http(&self) -> &Arc<dyn Http> {
        &self.0.http
    }

    fn wished(&self) -> MutexGuard<'_, Wished> {
        self.0.wished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wished {
    fn role(&self, number: u64) -> Option<StreamRole> {
        let places =
            [(self.open, StreamRole::Open), (self.beside, StreamRole::Beside), (self.probe, StreamRole::Probe)];
        places.into_iter().find(|(held, _)| *held == Some(number)).map(|(_, place)| place)
    }

    fn begin(&mut self, ask: &SubscribeRequest) -> Option<u64> {
        self.last += 1;
        self.new.push((self.last, ask.clone()));
        Some(self.last)
    }

    fn close(&mut self) {
        (self.open, self.beside, self.probe) = (None, None, None);
        self.new.clear();
    }
}

impl Transport for NativeTransport {
    fn is_ready(&self) -> bool {
        true
    }

    fn open(&self, ask: &SubscribeRequest) {
        let mut wished = self.wished();
        wished.close();
        wished.open = wished.begin(ask);
    }

    fn open_beside(&self, ask: &SubscribeRequest) {
        let mut wished = self.wished();
        wished.beside = wished.begin(ask);
    }

    fn settle(&self) {
        let mut wished = self.wished();
        wished.open = wished.beside.take();
    }

    fn close_beside(&self) {
        self.wished().beside = None;
    }

    fn close(&self) {
        self.wished().close();
    }

    fn probe(&self, ask: &SubscribeRequest) {
        let mut wished = self.wished();
        wished.close();
        wished.probe = wished.begin(ask);
    }

    // Nothing came with a page.
    fn changed(&self, _: &Key) {}

    fn wake_in(&self, wait: Duration) {
        // A time that no clock reaches never comes.
        self.wished().alarm = Instant::now().checked_add(wait);
    }

    fn now(&self) -> Duration {
        self.0.begin.elapsed()
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }

    fn first_value(&self, _: &Key) -> Option<FirstValue> {
        None
    }

    fn log_error(&self, message: fmt::Arguments<'_>) {
        tracing::error!("{message}");
    }

    fn log_warning(&self, message: fmt::Arguments<'_>) {
        tracing::warn!("{message}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wished_for_no_more_is_not_begun() {
        let native = native();
        native.open(&SubscribeRequest::default());
        native.open_beside(&SubscribeRequest::default());
        native.close_beside();
        let (open, _) = native.next().unwrap();
        assert_eq!((native.role(open), native.next().is_none()), (Some(StreamRole::Open), true));
        native.close();
        assert_eq!(native.role(open), None);
    }

    #[test]
    fn the_stream_beside_takes_the_place_of_the_open_one_at_once() {
        let native = native();
        native.open(&SubscribeRequest::default());
        let (open, _) = native.next().unwrap();
        native.open_beside(&SubscribeRequest::default());
        let (beside, _) = native.next().unwrap();
        assert_eq!((native.role(open), native.role(beside)), (Some(StreamRole::Open), Some(StreamRole::Beside)));
        native.settle();
        assert_eq!((native.role(open), native.role(beside)), (None, Some(StreamRole::Open)));
        native.probe(&SubscribeRequest::default());
        let (probe, _) = native.next().unwrap();
        assert_eq!((native.role(beside), native.role(probe)), (None, Some(StreamRole::Probe)));
    }

    fn native() -> NativeTransport {
        connect("http://localhost/sse", &SseClientOptions::new()).unwrap().1
    }
}
