//! The request for a stream, by `fetch`.

use super::log::log_error;
use leptos::prelude::untrack;
use leptos_sse_client::{machine::Lost, options::Access, subscriptions::MAX_LEN, transport::url_asking};
use leptos_sse_core::protocol::{SubscribeRequest, answer};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCache, RequestCredentials, RequestInit, Response};

/// Where the streams of a connection are, and how to ask for them.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) url: String,
    pub(super) access: Access,
}

impl Request {
    /// Whether so much is asked for that it goes into a body.
    pub(super) fn is_post(&self, ask: &SubscribeRequest) -> bool {
        self.access.posts && ask.to_query().len() > MAX_LEN
    }

    /// What the server answers: the head of a stream, or why there is none.
    pub(super) async fn send(&self, ask: &SubscribeRequest, abort: &AbortController) -> Result<Response, Lost> {
        let init = RequestInit::new();
        init.set_signal(Some(&abort.signal()));
        init.set_cache(RequestCache::NoStore);
        let everywhere = self.access.with_credentials;
        init.set_credentials(if everywhere { RequestCredentials::Include } else { RequestCredentials::SameOrigin });
        let headers = Headers::new().map_err(|_| Lost::Ended)?;
        let url = if self.is_post(ask) {
            init.set_method("POST");
            init.set_body(&ask.to_query().into());
            set(&headers, "content-type", "application/x-www-form-urlencoded");
            url_asking(&self.url, &SubscribeRequest::default())
        } else {
            url_asking(&self.url, ask)
        };
        set(&headers, "accept", "text/event-stream");
        for (name, value) in untrack(|| self.access.headers()) {
            set(&headers, &name, &value);
        }
        init.set_headers(&headers);
        let window = web_sys::window().ok_or(Lost::Ended)?;
        let answer = JsFuture::from(window.fetch_with_str_and_init(&url, &init)).await;
        let response: Response = answer.and_then(JsCast::dyn_into).map_err(|_| Lost::Ended)?;
        match response.status() {
            204 => Err(Lost::NoContent),
            200 if is_event_stream(&response) => Ok(response),
            status => Err(Lost::Refused { status, retry_after: retry_after(&response) }),
        }
    }
}

fn set(headers: &Headers, name: &str, value: &str) {
    if headers.set(name, value).is_err() {
        // Not with its value, which may be a secret.
        log_error(format_args!("leptos_sse: the browser takes no header `{name}` of that value; it is left out"));
    }
}

fn is_event_stream(response: &Response) -> bool {
    header(response, "content-type").is_some_and(|content_type| answer::is_event_stream(&content_type))
}

fn retry_after(response: &Response) -> Option<Duration> {
    answer::retry_after(&header(response, "retry-after")?)
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}
