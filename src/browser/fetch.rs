//! A stream that is read with `fetch`, for what an `EventSource` cannot say.

use super::{
    log::log_error,
    request::Request,
    source::{OnReport, Report, Source, Stream},
};
use js_sys::{IteratorNext, Promise, Uint8Array};
use leptos_sse_client::machine::Lost;
use leptos_sse_core::protocol::{EventStream, SubscribeRequest, event_name};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader};

/// Sends a request for each stream.
#[derive(Clone)]
pub(super) struct Fetches(pub(super) Request);

impl Source for Fetches {
    fn open(&self, ask: &SubscribeRequest, on_report: OnReport) -> Box<dyn Stream> {
        let is_closed = Rc::new(Cell::new(false));
        let abort = AbortController::new().ok();
        let reader = FetchReader { request: self.0.clone(), ask: ask.clone(), on_report, is_closed: is_closed.clone() };
        let controller = abort.clone();
        spawn_local(async move {
            // It may be closed before it was begun.
            if !reader.is_closed.get() {
                let lost = match controller {
                    Some(controller) => reader.read(&controller).await,
                    None => Lost::Ended,
                };
                reader.tell(Report::Lost(lost));
            }
        });
        Box::new(OpenFetch { abort, is_closed })
    }
}

struct OpenFetch {
    abort: Option<AbortController>,
    is_closed: Rc<Cell<bool>>,
}

impl Stream for OpenFetch {}

impl Drop for OpenFetch {
    fn drop(&mut self) {
        self.is_closed.set(true);
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

struct FetchReader {
    request: Request,
    ask: SubscribeRequest,
    on_report: OnReport,
    is_closed: Rc<Cell<bool>>,
}

impl FetchReader {
    /// Reads to the end, which is how the stream was lost.
    async fn read(&self, abort: &AbortController) -> Lost {
        let response = match self.request.send(&self.ask, abort).await {
            Ok(response) => response,
            Err(lost) => return lost,
        };
        self.tell(Report::Opened);
        let Some(body) = response.body() else { return Lost::Ended };
        let Ok(reader) = body.get_reader().dyn_into::<ReadableStreamDefaultReader>() else { return Lost::Ended };
        let mut events = EventStream::default();
        loop {
            let Ok(part) = JsFuture::from(reader.read()).await else { return Lost::Ended };
            let part: IteratorNext = part.unchecked_into();
            let Ok(bytes) = part.value().dyn_into::<Uint8Array>() else { return Lost::Ended };
            let mut part = Vec::new();
            let read = events.push(&bytes.to_vec(), |event| {
                let name = event_name::known(event.event);
                part.extend(name.map(|name| (name, event.data.to_owned())));
            });
            for (name, data) in part {
                self.tell(Report::Event { name, data: &data });
                // As between the events of an `EventSource`: what one has led to runs before the next is reported. Otherwise the
                // view of an item that has changed would read it when the next event has taken it out already.
                let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
            }
            if let Err(error) = read {
                log_error(format_args!("leptos_sse: `{}`: {error}; reconnecting", self.request.url));
                abort.abort();
                return Lost::Ended;
            }
        }
    }

    /// What is closed tells nothing, also when what it told last has closed it.
    fn tell(&self, report: Report) {
        if !self.is_closed.get() {
            (self.on_report)(report);
        }
    }
}
