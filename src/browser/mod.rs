//! The browser: the streams of events, its timer, and the page's one connection to each URL.

mod event_source;
mod fetch;
mod lifecycle;
mod locks;
mod log;
mod request;
mod source;
mod tabs;
mod ways;

use crate::{
    hydration::{brought, progress::Hydration},
    status_signal::StatusSignal,
};
use leptos_sse_client::{
    Connection, Options,
    machine::Input,
    transport::{FirstValue, Transport},
};
use leptos_sse_core::{Error, Key, protocol::SubscribeRequest};
use lifecycle::{Clock, Listener, Timer, page_listeners, tell};
pub(crate) use log::{log_error, log_warning};
use request::Request;
use send_wrapper::SendWrapper;
use source::{OnReport, Report, Source, Stream};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    ops::Deref,
    rc::Rc,
    sync::{Arc, Weak},
    time::Duration,
};
use wasm_bindgen_futures::spawn_local;
pub(crate) use ways::Ways;
use web_sys::{AbortController, EventSource, Url};

/// The page's connection to a URL: the one that is there, or a new one.
pub(crate) fn page_connection(url: String, options: &Options, ways: Ways) -> Result<Arc<Connection>, Error> {
    thread_local! {
        static PAGE: RefCell<Vec<(Target, Weak<Connection>)>> = RefCell::default();
    }
    let target = Target {
        url: resolve(&url, options.base_url.as_deref())?,
        with_credentials: options.access.with_credentials,
        headers: options.access.headers.clone(),
    };
    let held =
        PAGE.with_borrow(|page| page.iter().find(|(held, _)| *held == target).and_then(|(_, held)| held.upgrade()));
    if let Some(connection) = held {
        return Ok(connection);
    }
    let request = Request { url: target.url.clone(), access: options.access.clone() };
    let connection = Connection::new(url, options, Box::new(StatusSignal::default()), |connection| {
        Box::new(OnePage(SendWrapper::new(Browser::new(request, ways, connection))))
    });
    PAGE.with_borrow_mut(|page| {
        page.retain(|(_, connection)| connection.strong_count() > 0);
        page.push((target, Arc::downgrade(&connection)));
    });
    Ok(connection)
}

/// What to connect to, and as whom: one user's connection is none of another's.
#[derive(Clone, PartialEq, Eq)]
struct Target {
    url: String,
    with_credentials: bool,
    headers: Vec<(String, String)>,
}

/// Whether the current component is part of a page that the server rendered.
pub(crate) fn is_hydrating() -> bool {
    Hydration::of_owner().is_under_way()
}

/// A page is rendered by a server: what is asked for here is asked for as long as the page lives.
pub(crate) fn renders() -> bool {
    false
}

fn resolve(url: &str, base: Option<&str>) -> Result<String, Error> {
    let page =
        || web_sys::window().and_then(|window| window.document()).and_then(|document| document.base_uri().ok()?);
    let resolved = match base.map(str::to_owned).or_else(page) {
        Some(base) => Url::new_with_base(url, &base),
        None => Url::new(url),
    };
    resolved.map(|url| url.href()).map_err(|_| Error::url(url, "the browser cannot resolve it"))
}

struct Browser {
    request: Request,
    connection: Weak<Connection>,
    source: Box<dyn Source>,
    open: RefCell<Option<ActiveStream>>,
    /// The one that is being opened to take its place.
    beside: RefCell<Option<ActiveStream>>,
    /// Aborts the probe that is under way.
    probe: Rc<RefCell<Option<AbortController>>>,
    timer: Timer,
    clock: Clock,
    hydration: Hydration,
    /// Those to the page itself; they end with the connection.
    _listeners: Vec<Listener>,
}

impl Browser {
    fn new(request: Request, ways: Ways, connection: Weak<Connection>) -> Self {
        Self {
            source: ways.source(&request, &connection),
            request,
            open: RefCell::default(),
            beside: RefCell::default(),
            probe: Rc::default(),
            timer: {
                let connection = connection.clone();
                Timer::new(move || tell(&connection, Input::Tick))
            },
            clock: Clock::default(),
            hydration: Hydration::of_owner(),
            _listeners: page_listeners(&connection),
            connection,
        }
    }

    fn stream(&self, ask: &SubscribeRequest, role: StreamRole) -> ActiveStream {
        let role = Rc::new(Cell::new(role));
        let on_report = report_to(self.connection.clone(), role.clone());
        ActiveStream { stream: self.source.open(ask, on_report), role }
    }

    fn abort(&self) {
        if let Some(probe) = self.probe.take() {
            probe.abort();
        }
    }
}

/// A page has one thread, which all of it stays on.
struct OnePage(SendWrapper<Browser>);

impl Deref for OnePage {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.0
    }
}

impl Transport for OnePage {
    fn is_ready(&self) -> bool {
        !self.hydration.is_under_way()
    }

    fn open(&self, ask: &SubscribeRequest) {
        self.close();
        *self.open.borrow_mut() = Some(self.stream(ask, StreamRole::Open));
    }

    fn open_beside(&self, ask: &SubscribeRequest) {
        // Taken out first: to drop it closes it.
        drop(self.beside.take());
        *self.beside.borrow_mut() = Some(self.stream(ask, StreamRole::Beside));
    }

    fn settle(&self) {
        let beside = self.beside.take();
        if let Some(beside) = &beside {
            beside.role.set(StreamRole::Open);
        }
        drop(self.open.replace(beside));
    }

    fn close_beside(&self) {
        drop(self.beside.take());
    }

    fn close(&self) {
        self.abort();
        drop(self.beside.take());
        drop(self.open.take());
    }

    fn probe(&self, ask: &SubscribeRequest) {
        self.close();
        let Ok(abort) = AbortController::new() else { return };
        *self.probe.borrow_mut() = Some(abort.clone());
        let (connection, current) = (self.connection.clone(), self.probe.clone());
        let (request, ask) = (self.request.clone(), ask.clone());
        spawn_local(async move {
            let answer = request.send(&ask, &abort).await;
            // One that was aborted is not the current one any more.
            if current.borrow().as_ref() == Some(&abort) {
                // The body of a stream never ends: it is the `EventSource` that shall read it.
                current.take();
                abort.abort();
                tell(&connection, Input::Probed(answer.map(drop)));
            }
        });
    }

    fn changed(&self, key: &Key) {
        brought::changed(key, &self.hydration);
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

    fn first_value(&self, key: &Key) -> Option<FirstValue> {
        brought::recall_current(key)
    }

    fn log_error(&self, message: fmt::Arguments<'_>) {
        log_error(message);
    }

    fn log_warning(&self, message: fmt::Arguments<'_>) {
        log_warning(message);
    }
}

/// The `EventSource` that a connection reads now, if it is one.
pub(crate) fn event_source(connection: &Connection) -> Option<EventSource> {
    let browser = (connection.transport() as &dyn Any).downcast_ref::<OnePage>()?;
    browser.open.borrow().as_ref()?.stream.event_source()
}

/// What a stream is to the connection.
#[derive(Clone, Copy)]
enum StreamRole {
    Open,
    Beside,
}

struct ActiveStream {
    stream: Box<dyn Stream>,
    role: Rc<Cell<StreamRole>>,
}

/// Reports to a connection what becomes of a stream with that role.
fn report_to(connection: Weak<Connection>, role: Rc<Cell<StreamRole>>) -> OnReport {
    Rc::new(move |report| {
        let Some(connection) = connection.upgrade() else { return };
        match (report, role.get()) {
            (Report::Opened, StreamRole::Open) => connection.handle(Input::Opened),
            // The one beside is open with its `hello`.
            (Report::Opened, StreamRole::Beside) => {}
            (Report::Event { name, data }, StreamRole::Open) => connection.receive(name, data),
            (Report::Event { name, data }, StreamRole::Beside) => connection.receive_beside(name, data),
            (Report::Lost(lost), StreamRole::Open) => connection.handle(Input::Failed(lost)),
            (Report::Lost(lost), StreamRole::Beside) => connection.handle(Input::BesideFailed(lost)),
        }
    })
}
