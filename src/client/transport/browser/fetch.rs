//! Plain requests, by `fetch`.

use crate::client::machine::Lost;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCache, RequestCredentials, RequestInit, Response};

/// What the URL answers: its head, if that is one of a stream of events.
pub(super) fn answer(
    url: &str,
    with_credentials: bool,
    request: &AbortController,
) -> impl Future<Output = Result<Response, Lost>> + use<> {
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
        let Some(answer) = answer else { return Err(Lost::Ended) };
        let Ok(Ok(response)) = answer.await.map(JsCast::dyn_into::<Response>) else { return Err(Lost::Ended) };
        match response.status() {
            204 => Err(Lost::NoContent),
            200 if is_event_stream(&response) => Ok(response),
            status => Err(Lost::Refused { status }),
        }
    }
}

fn is_event_stream(response: &Response) -> bool {
    let content_type = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}
