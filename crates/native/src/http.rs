//! The seam to HTTP.

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use http::{Request, Response, header::AUTHORIZATION};
use leptos_sse_core::BoxError;
use percent_encoding::percent_decode_str;
use reqwest::RequestBuilder;
use std::{fmt, future::Future, pin::Pin};

/// The bytes of an answer, as they come.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// Sends the requests of a client: [`Reqwest`] by default, and a server within the process in tests.
pub trait Http: Send + Sync + 'static {
    /// Sends a request, follows redirects, and gives the answer when its head is there.
    ///
    /// To drop the future, or the body, ends the request.
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;
}

/// The URL that an answer came from after all redirects, as an extension of the response.
///
/// An implementation of [`Http`] that follows redirects leaves it there; without it, it is the URL that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalUrl(pub String);

/// A client of the crate `reqwest`, whose settings are its own: proxies, certificates, cookies, timeouts, redirects.
#[derive(Clone)]
pub struct Reqwest(reqwest::Client);

impl From<reqwest::Client> for Reqwest {
    fn from(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl Http for Reqwest {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let answer = with_login(client, request.try_into()?).send().await?;
            let mut response = Response::builder().status(answer.status()).version(answer.version());
            response.headers_mut().into_iter().for_each(|headers| headers.clone_from(answer.headers()));
            response = response.extension(FinalUrl(answer.url().to_string()));
            let body: Body = Box::pin(answer.bytes_stream().map_err(Into::into));
            Ok(response.body(body)?)
        })
    }
}

/// With the name and the password of the URL, if it has them, where a server looks for them.
fn with_login(client: reqwest::Client, mut request: reqwest::Request) -> RequestBuilder {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, password) = (decoded(request.url().username()), request.url().password().map(decoded));
    let has_login = !name.is_empty() || password.is_some();
    if has_login {
        // Each URL of HTTP has a host, so that it can be without them.
        let url = request.url_mut();
        let _ = url.set_username("").and_then(|()| url.set_password(None));
    }
    let is_set = request.headers().contains_key(AUTHORIZATION);
    let request = RequestBuilder::from_parts(client, request);
    if has_login && !is_set { request.basic_auth(name, password) } else { request }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reqwest").finish_non_exhaustive()
    }
}
