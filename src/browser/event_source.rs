//! The browser's own `EventSource`.

use super::{
    lifecycle::Listener,
    log::log_error,
    request::Request,
    source::{OnReport, Report, Source, Stream},
};
use js_sys::Reflect;
use leptos_sse_client::{machine::Lost, transport::url_asking};
use leptos_sse_core::protocol::{SubscribeRequest, event_name};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventSource, EventSourceInit, MessageEvent};

/// Opens an `EventSource` for each stream.
pub(super) struct EventSources {
    pub(super) request: Request,
    /// Opens those that an `EventSource` cannot.
    pub(super) fetches: Option<Box<dyn Source>>,
}

impl Source for EventSources {
    fn open(&self, ask: &SubscribeRequest, on_report: OnReport) -> Box<dyn Stream> {
        if let Some(fetches) = &self.fetches
            && self.request.is_post(ask)
        {
            return fetches.open(ask, on_report);
        }
        let Request { url, access } = &self.request;
        match OpenEventSource::new(&url_asking(url, ask), access.with_credentials, &on_report) {
            Ok(open) => Box::new(open),
            Err(error) => {
                log_error(format_args!("leptos_sse: `{url}`: the browser makes no EventSource: {error:?}"));
                spawn_local(async move { on_report(Report::Lost(Lost::Unexplained)) });
                Box::new(Failed)
            }
        }
    }
}

struct Failed;

impl Stream for Failed {}

struct OpenEventSource {
    source: EventSource,
    _listeners: Vec<Listener>,
}

impl OpenEventSource {
    fn new(url: &str, with_credentials: bool, on_report: &OnReport) -> Result<Self, JsValue> {
        let init = EventSourceInit::new();
        init.set_with_credentials(with_credentials);
        let source = EventSource::new_with_event_source_init_dict(url, &init)?;
        let mut listeners = vec![
            Listener::new(&source, "open", {
                let on_report = on_report.clone();
                move |_| on_report(Report::Opened)
            }),
            Listener::new(&source, "error", {
                let (on_report, source) = (on_report.clone(), source.clone());
                // "If the user agent fails the connection, readyState is CLOSED" (WHATWG HTML, 9.2.3).
                move |event| {
                    let gave_up = source.ready_state() == EventSource::CLOSED;
                    on_report(Report::Lost(if gave_up { refusal(&event) } else { Lost::BrowserRetries }));
                }
            }),
        ];
        for name in event_name::ALL {
            let on_report = on_report.clone();
            listeners.push(Listener::new(&source, name, move |event| {
                if let Some(data) = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string()) {
                    on_report(Report::Event { name, data: &data });
                }
            }));
        }
        Ok(Self { source, _listeners: listeners })
    }
}

impl Stream for OpenEventSource {
    fn event_source(&self) -> Option<EventSource> {
        Some(self.source.clone())
    }
}

/// Why an `EventSource` gave up, of which the browser's own says nothing.
///
/// One that stands in its place, as in a window of a desktop shell, may give its error the status of the answer as `code`, which
/// is the name that the npm package `eventsource` has for it. Then no probe is needed, which could not reach a server that such
/// a stand-in is there for.
fn refusal(error: &Event) -> Lost {
    match code(error) {
        None => Lost::Unexplained,
        Some(204) => Lost::NoContent,
        Some(status) => Lost::Refused { status, retry_after: None },
    }
}

fn code(error: &Event) -> Option<u16> {
    let code = Reflect::get(error, &"code".into()).ok()?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (100.0..1_000.0).contains(&code).then_some(code as u16)
}

impl Drop for OpenEventSource {
    fn drop(&mut self) {
        self.source.close();
    }
}
