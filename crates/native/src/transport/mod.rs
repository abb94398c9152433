//! The transport of a program without a browser: it records which streams the connection needs; one task opens and closes them.

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

/// A new connection to a URL, and its transport. The transport opens nothing itself: a driver does.
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
    let native = NativeTransport(Arc::new(NativeState {
        request: Request { url, access: options.access.clone() },
        http: http(&shown)?,
        begin: Instant::now(),
        desired: Mutex::default(),
    }));
    let connection = Connection::new(shown, options, Box::new(()), |_| Box::new(native.clone()));
    // For as long as the connection lives: it has this one provider.
    connection.hooks().add(&options.hooks);
    Ok((connection, native))
}

/// The transport of a connection: it records the streams and the alarm that the connection needs.
///
/// Each stream has a number, which tells a stream that was begun from the ones that are needed now.
#[derive(Clone)]
pub(crate) struct NativeTransport(Arc<NativeState>);

struct NativeState {
    request: Request,
    http: Arc<dyn Http>,
    begin: Instant,
    desired: Mutex<DesiredStreams>,
}

#[derive(Default)]
struct DesiredStreams {
    last: u64,
    open: Option<u64>,
    beside: Option<u64>,
    probe: Option<u64>,
    /// The streams that are not begun, with their requests. There are at most two.
    new: Vec<(u64, SubscribeRequest)>,
    alarm: Option<Instant>,
}

/// The role of a stream in its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamRole {
    Open,
    Beside,
    Probe,
}

impl NativeTransport {
    /// The role of the stream with this number; `None` when it is no longer needed.
    pub(crate) fn role(&self, number: u64) -> Option<StreamRole> {
        self.desired().role(number)
    }

    /// The number and the request of a stream that is to be begun.
    pub(crate) fn next(&self) -> Option<(u64, SubscribeRequest)> {
        let mut desired = self.desired();
        while let Some((number, request)) = desired.new.pop() {
            if desired.role(number).is_some() {
                return Some((number, request));
            }
        }
        None
    }

    /// When the connection wants to be told of the time.
    pub(crate) fn alarm(&self) -> Option<Instant> {
        self.desired().alarm
    }

    /// The alarm has rung. Whether it was still set to that time, or an earlier one.
    pub(crate) fn take_alarm(&self) -> bool {
        self.desired().alarm.take_if(|alarm| *alarm <= Instant::now()).is_some()
    }

    /// The request of a stream, which runs code of the user: its headers.
    ///
    /// # Errors
    ///
    /// When its URL is none for the HTTP client.
    pub(crate) fn request(&self, request: &SubscribeRequest) -> Result<http::Request<Bytes>, Error> {
        self.0.request.build(request)
    }

    /// Tells those who want to know that the connection is closed for good.
    pub(crate) fn closed(connection: &Connection) {
        connection.emit(ConnectionEvent::Closed(SseClosed::Unused));
    }

    pub(crate) fn http(&self) -> &Arc<dyn Http> {
        &self.0.http
    }

    fn desired(&self) -> MutexGuard<'_, DesiredStreams> {
        self.0.desired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DesiredStreams {
    fn role(&self, number: u64) -> Option<StreamRole> {
        let places =
            [(self.open, StreamRole::Open), (self.beside, StreamRole::Beside), (self.probe, StreamRole::Probe)];
        places.into_iter().find(|(held, _)| *held == Some(number)).map(|(_, place)| place)
    }

    fn begin(&mut self, request: &SubscribeRequest) -> Option<u64> {
        self.last += 1;
        self.new.push((self.last, request.clone()));
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

    fn open(&self, request: &SubscribeRequest) {
        let mut desired = self.desired();
        desired.close();
        desired.open = desired.begin(request);
    }

    fn open_beside(&self, request: &SubscribeRequest) {
        let mut desired = self.desired();
        desired.beside = desired.begin(request);
    }

    fn settle(&self) {
        let mut desired = self.desired();
        desired.open = desired.beside.take();
    }

    fn close_beside(&self) {
        self.desired().beside = None;
    }

    fn close(&self) {
        self.desired().close();
    }

    fn probe(&self, request: &SubscribeRequest) {
        let mut desired = self.desired();
        desired.close();
        desired.probe = desired.begin(request);
    }

    // Nothing came with a page.
    fn changed(&self, _: &Key) {}

    fn wake_in(&self, wait: Duration) {
        // A time that no clock reaches never comes.
        self.desired().alarm = Instant::now().checked_add(wait);
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
    fn what_is_no_longer_desired_is_not_begun() {
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
