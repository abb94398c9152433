use crate::url::shown;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use leptos_sse_core::Error;
use reqwest::Url;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// Gives the headers of an attempt.
pub(super) type FreshHeaders = Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// The request of each attempt, without the fresh headers and the last event id.
pub(super) struct RequestTemplate {
    uri: Uri,
    method: Method,
    headers: HeaderMap,
    fresh_headers: Option<FreshHeaders>,
    body: Bytes,
}

impl RequestTemplate {
    pub(super) fn new(
        url: &Url,
        method: Method,
        headers: &[(String, String)],
        fresh_headers: Option<FreshHeaders>,
        body: Bytes,
    ) -> Result<Self, Error> {
        let uri = url.as_str().parse().map_err(|_| Error::url(shown(url).as_str(), "HTTP does not know it"))?;
        // A `fetch` without a cache, as an `EventSource` makes it, has these unless it has others of the name.
        let mut all = HeaderMap::new();
        all.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        all.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        for (name, value) in headers {
            let (name, value) = parsed(name, value).ok_or_else(|| Error::header(name))?;
            all.insert(name, value);
        }
        Ok(Self { uri, method, headers: all, fresh_headers, body })
    }

    /// The request of an attempt that is made now; it runs code of the user's.
    pub(super) fn request(&self, last_event_id: &str) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        for (name, value) in self.fresh_headers() {
            match parsed(&name, &value) {
                Some((name, value)) => drop(headers.insert(name, value)),
                // Not with its value, which may be a secret.
                None => tracing::error!("leptos_sse: HTTP knows no header `{name}` of that value; it is left out"),
            }
        }
        // "If the EventSource object's last event ID string is not the empty string: let lastEventIDValue be [it], encoded as
        // UTF-8; set (`Last-Event-ID`, lastEventIDValue) in request's header list."
        if !last_event_id.is_empty() {
            match HeaderValue::from_bytes(last_event_id.as_bytes()) {
                Ok(value) => drop(headers.insert("last-event-id", value)),
                Err(_) => tracing::warn!("leptos_sse: the last event id has a control character, and is not sent"),
            }
        }
        request
    }

    fn fresh_headers(&self) -> Vec<(String, String)> {
        let Some(fresh_headers) = &self.fresh_headers else { return Vec::new() };
        catch_unwind(AssertUnwindSafe(|| fresh_headers())).unwrap_or_else(|_| {
            tracing::error!("leptos_sse: the function that gives headers panicked; they are left out");
            Vec::new()
        })
    }
}

fn parsed(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?))
}
