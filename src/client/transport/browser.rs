//! The browser: its `EventSource`, its timer, and the page's one connection to each URL.

use super::{Target, Transport, hydration::Hydration, url_asking};
use crate::{
    Error, Key,
    client::{
        connection::Connection,
        keyed::Keyed,
        machine::{Backoff, Input, Probe},
    },
    document::Document,
    protocol::{Ask, event_name},
};
use send_wrapper::SendWrapper;
use std::{
    cell::{Cell, RefCell},
    fmt::Display,
    rc::Rc,
    sync::{Arc, Weak},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Event, EventSource, EventSourceInit, EventTarget, Headers, MessageEvent, PageTransitionEvent,
    RequestCache, RequestCredentials, RequestInit, Response, Url, VisibilityState,
};

/// The page's connection to a URL: the one that is there, or a new one.
pub(crate) fn page_connection(target: Target, backoff: Backoff) -> Result<Arc<Connection>, Error> {
    thread_local! {
        static PAGE: RefCell<Vec<(Target, Weak<Connection>)>> = RefCell::default();
    }
    let Target { url, with_credentials } = target;
    let resolved = Target { url: resolve(&url)?, with_credentials };
    let held =
        PAGE.with_borrow(|page| page.iter().find(|(held, _)| *held == resolved).and_then(|(_, held)| held.upgrade()));
    if let Some(connection) = held {
        return Ok(connection);
    }
    let connection = Connection::new(url, backoff, |connection| {
        Box::new(SendWrapper::new(Browser::new(resolved.clone(), connection)))
    });
    PAGE.with_borrow_mut(|page| {
        page.retain(|(_, connection)| connection.strong_count() > 0);
        page.push((resolved, Arc::downgrade(&connection)));
    });
    Ok(connection)
}

/// Whether the component of now is part of a page that the server rendered.
pub(crate) fn is_hydrating() -> bool {
    Hydration::of_owner().is_under_way()
}

thread_local! {
    static FIRST: RefCell<Keyed<First>> = RefCell::default();
}

struct First {
    document: Document,
    /// Whether the server has sent another one since.
    is_past: bool,
}

/// Keeps the first document of a signal for the signals of this page that share it.
pub(crate) fn remember(key: &Key, document: &Document) {
    let first = First { document: document.clone(), is_past: false };
    FIRST.with_borrow_mut(|all| all.insert(key.clone(), first));
}

/// The first document of a signal, which is what the server rendered, if the page has brought one.
pub(crate) fn recall(key: &Key) -> Option<Document> {
    FIRST.with_borrow(|all| all.get(key).map(|first| first.document.clone()))
}

/// The same, unless the server has sent another one since.
pub(crate) fn recall_current(key: &Key) -> Option<Document> {
    FIRST.with_borrow(|all| all.get(key).filter(|first| !first.is_past).map(|first| first.document.clone()))
}

pub(crate) fn log_error(message: impl Display) {
    web_sys::console::error_1(&message.to_string().into());
}

pub(crate) fn log_warning(message: impl Display) {
    web_sys::console::warn_1(&message.to_string().into());
}

fn resolve(url: &str) -> Result<String, Error> {
    let base = web_sys::window().and_then(|window| window.document()).and_then(|document| document.base_uri().ok()?);
    let resolved = match base {
        Some(base) => Url::new_with_base(url, &base),
        None => Url::new(url),
    };
    resolved.map(|url| url.href()).map_err(|_| Error::url(url, "the browser cannot resolve it"))
}

struct Browser {
    target: Target,
    connection: Weak<Connection>,
    source: RefCell<Option<Source>>,
    /// The one that is being opened to take its place.
    beside: RefCell<Option<Source>>,
    /// Aborts the request that is under way.
    request: Rc<RefCell<Option<AbortController>>>,
    timer: Timer,
    clock: Clock,
    hydration: Hydration,
    /// Those to the page itself; they end with the connection.
    _listeners: Vec<Listener>,
}

impl Browser {
    fn new(target: Target, connection: Weak<Connection>) -> Self {
        Self {
            target,
            source: RefCell::default(),
            beside: RefCell::default(),
            request: Rc::default(),
            timer: Timer::new(connection.clone()),
            clock: Clock::default(),
            hydration: Hydration::of_owner(),
            _listeners: page_listeners(&connection),
            connection,
        }
    }

    /// An `EventSource` that asks for these keys. One that the browser does not make has failed, but not within this call.
    fn source(&self, ask: &Ask, place: Place) -> Option<Source> {
        match Source::open(&url_asking(&self.target.url, ask), self.target.with_credentials, &self.connection, place) {
            Ok(source) => Some(source),
            Err(error) => {
                log_error(format_args!(
                    "leptos_sse: `{}`: the browser makes no EventSource: {error:?}",
                    self.target.url
                ));
                let connection = self.connection.clone();
                spawn_local(async move { tell(&connection, place.failed(true)) });
                None
            }
        }
    }

    fn abort(&self) {
        if let Some(request) = self.request.take() {
            request.abort();
        }
    }
}

impl Transport for SendWrapper<Browser> {
    fn is_ready(&self) -> bool {
        !self.hydration.is_under_way()
    }

    fn open(&self, ask: &Ask) {
        self.close();
        *self.source.borrow_mut() = self.source(ask, Place::Open);
    }

    fn open_beside(&self, ask: &Ask) {
        // Taken out first: to drop it closes it.
        drop(self.beside.take());
        *self.beside.borrow_mut() = self.source(ask, Place::Beside);
    }

    fn settle(&self) {
        let beside = self.beside.take();
        if let Some(source) = &beside {
            source.place.set(Place::Open);
        }
        drop(self.source.replace(beside));
    }

    fn close_beside(&self) {
        drop(self.beside.take());
    }

    fn close(&self) {
        self.abort();
        drop(self.beside.take());
        drop(self.source.take());
    }

    fn probe(&self, ask: &Ask) {
        self.close();
        let Ok(request) = AbortController::new() else { return };
        let answer = answer(&url_asking(&self.target.url, ask), self.target.with_credentials, &request);
        *self.request.borrow_mut() = Some(request.clone());
        let (connection, current) = (self.connection.clone(), self.request.clone());
        spawn_local(async move {
            let probe = answer.await;
            // One that was aborted is not the current one any more.
            if current.borrow().as_ref() == Some(&request) {
                // The body of a stream never ends: it is the `EventSource` that shall read it.
                current.take();
                request.abort();
                tell(&connection, Input::Probed(probe));
            }
        });
    }

    fn changed(&self, key: &Key) {
        FIRST.with_borrow_mut(|all| {
            if self.hydration.is_over() {
                all.remove(key);
            } else if let Some(first) = all.get_mut(key) {
                // A part of the page that is hydrated later must find what the server rendered.
                first.is_past = true;
            }
        });
    }

    fn wake_in(&self, wait: Duration) {
        self.timer.set(wait);
    }

    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn event_source(&self) -> Option<EventSource> {
        self.source.borrow().as_ref().map(|source| source.source.clone())
    }
}

/// The events that mean something to a connection; the first is one without a name.
const EVENTS: [&str; 7] = [
    "message",
    event_name::HELLO,
    event_name::HEARTBEAT,
    event_name::BYE,
    event_name::FEED,
    event_name::REFUSED,
    event_name::REMOVED,
];

fn tell(connection: &Weak<Connection>, input: Input) {
    if let Some(connection) = connection.upgrade() {
        connection.handle(input);
    }
}

/// What an `EventSource` is to the connection.
#[derive(Clone, Copy)]
enum Place {
    Open,
    Beside,
}

impl Place {
    fn failed(self, gave_up: bool) -> Input {
        match self {
            Self::Open => Input::Failed { gave_up },
            Self::Beside => Input::BesideFailed { gave_up },
        }
    }
}

/// An `EventSource` with our listeners; it is closed when it is dropped.
struct Source {
    source: EventSource,
    place: Rc<Cell<Place>>,
    _listeners: Vec<Listener>,
}

impl Source {
    fn open(url: &str, with_credentials: bool, connection: &Weak<Connection>, place: Place) -> Result<Self, JsValue> {
        let init = EventSourceInit::new();
        init.set_with_credentials(with_credentials);
        let source = EventSource::new_with_event_source_init_dict(url, &init)?;
        let place = Rc::new(Cell::new(place));
        let mut listeners = vec![
            Listener::new(&source, "open", {
                let (connection, place) = (connection.clone(), place.clone());
                move |_| {
                    // The one beside is open with its `hello`.
                    if let Place::Open = place.get() {
                        tell(&connection, Input::Opened);
                    }
                }
            }),
            Listener::new(&source, "error", {
                let (connection, source, place) = (connection.clone(), source.clone(), place.clone());
                // "If the user agent fails the connection, readyState is CLOSED" (WHATWG HTML, 9.2.3).
                move |_| tell(&connection, place.get().failed(source.ready_state() == EventSource::CLOSED))
            }),
        ];
        for name in EVENTS {
            let (connection, place) = (connection.clone(), place.clone());
            listeners.push(Listener::new(&source, name, move |event| {
                let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let (Some(connection), Some(data)) = (connection.upgrade(), data) {
                    match place.get() {
                        Place::Open => connection.receive(name, &data),
                        Place::Beside => connection.receive_beside(name, &data),
                    }
                }
            }));
        }
        Ok(Self { source, place, _listeners: listeners })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// What the URL answers to a plain request: its status and type, not its body.
fn answer(url: &str, with_credentials: bool, request: &AbortController) -> impl Future<Output = Probe> + use<> {
    let init = RequestInit::new();
    init.set_signal(Some(&request.signal()));
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(if with_credentials { RequestCredentials::Include } else { RequestCredentials::SameOrigin });
    if let Ok(headers) = Headers::new()
        && headers.set("accept", "text/event-stream").is_ok()
    {
        init.set_headers(&headers);
    }
    let answer = web_sys::window().map(|window| JsFuture::from(window.fetch_with_str_and_init(url, &init)));
    async move {
        let Some(answer) = answer else { return Probe::Unreachable };
        let Ok(Ok(response)) = answer.await.map(JsCast::dyn_into::<Response>) else { return Probe::Unreachable };
        match response.status() {
            204 => Probe::NoContent,
            200 if is_event_stream(&response) => Probe::Stream,
            status => Probe::Refused { status },
        }
    }
}

fn is_event_stream(response: &Response) -> bool {
    let content_type = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}

fn page_listeners(connection: &Weak<Connection>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let input = |name, target: &EventTarget, input: fn(&Event) -> Option<Input>| {
        let connection = connection.clone();
        Listener::new(target, name, move |event| {
            if let Some(input) = input(&event) {
                tell(&connection, input);
            }
        })
    };
    let mut listeners = vec![
        input("online", &window, |_| Some(Input::Revived)),
        // A page with an open connection may not be kept in the browser's cache of pages.
        input("pagehide", &window, |_| Some(Input::Frozen)),
        input("pageshow", &window, |event| {
            event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted).then_some(Input::Revived)
        }),
    ];
    if let Some(document) = window.document() {
        listeners.push(input("visibilitychange", &document, |_| {
            let document = web_sys::window()?.document()?;
            (document.visibility_state() == VisibilityState::Visible).then_some(Input::Visible)
        }));
    }
    listeners
}

/// A listener that is removed when it is dropped, also from within itself.
struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    fn new(target: &EventTarget, name: &'static str, callback: impl Fn(Event) + 'static) -> Self {
        let callback = Closure::<dyn Fn(Event)>::new(callback);
        // It fails for no name and function of ours.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
    }
}

struct Timer {
    handle: Cell<Option<i32>>,
    callback: Closure<dyn Fn()>,
}

impl Timer {
    fn new(connection: Weak<Connection>) -> Self {
        Self { handle: Cell::new(None), callback: Closure::new(move || tell(&connection, Input::Tick)) }
    }

    fn set(&self, wait: Duration) {
        self.clear();
        // A timer that rang a little early would be set once more; browsers take 31 bits.
        let millis = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX).saturating_add(1);
        let callback = self.callback.as_ref().unchecked_ref();
        let handle = web_sys::window()
            .and_then(|window| window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, millis).ok());
        self.handle.set(handle);
    }

    fn clear(&self) {
        if let (Some(handle), Some(window)) = (self.handle.take(), web_sys::window()) {
            window.clear_timeout_with_handle(handle);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A time that never goes back, and that counts the computer's sleep, in which `performance.now()` may stand still: a step
/// in which the time of day went ahead of it by more than a second was one.
#[derive(Default)]
struct Clock {
    last: Cell<Option<(f64, f64)>>,
    elapsed: Cell<f64>,
}

impl Clock {
    fn now(&self) -> Duration {
        let performance = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
        let date = js_sys::Date::now();
        if let Some((last_performance, last_date)) = self.last.replace(Some((performance, date))) {
            let (step, by_day) = ((performance - last_performance).max(0.0), date - last_date);
            self.elapsed.set(self.elapsed.get() + if by_day - step > 1_000.0 { by_day } else { step });
        }
        // It is neither negative nor, for thousands of years, out of range.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Duration::from_micros((self.elapsed.get() * 1_000.0) as u64)
    }
}
