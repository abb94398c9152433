//! The request for a stream.

use crate::url::shown_text;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use leptos_sse_client::{options::Access, subscriptions::MAX_LEN, transport::url_asking};
use leptos_sse_core::{Error, protocol::SubscribeRequest};
use reqwest::Url;

/// Where the streams of a connection are, and how to ask for them.
pub(super) struct Request {
    pub(super) url: String,
    pub(super) access: Access,
}

impl Request {
    /// # Errors
    ///
    /// When the URL is none for the HTTP client.
    pub(super) fn build(&self, request: &SubscribeRequest) -> Result<http::Request<Bytes>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.access.headers() {
            set(&mut headers, &name, &value);
        }
        let query = request.to_query();
        // What is too long for a URL goes into a body.
        let (method, url, body) = if self.access.posts && query.len() > MAX_LEN {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            (Method::POST, url_asking(&self.url, &SubscribeRequest::default()), Bytes::from(query))
        } else {
            (Method::GET, url_asking(&self.url, request), Bytes::new())
        };
        let request = http::Request::builder().method(method).uri(&url).body(body);
        let mut request = request.map_err(|_| Error::url(&shown_text(&url), "the HTTP client cannot ask for it"))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        (Ok(name), Ok(value)) => drop(headers.insert(name, value)),
        // Not with its value, which may be a secret.
        _ => tracing::error!("leptos_sse: there is no header `{name}` of that value; it is left out"),
    }
}

/// The URL as it is asked for.
///
/// # Errors
///
/// When it is none, is relative without a base, or has a scheme other than `http` and `https`.
pub(super) fn resolve(url: &str, base: Option<&str>) -> Result<String, Error> {
    let parsed = match base {
        Some(base) => Url::parse(base).and_then(|base| base.join(url)),
        None => Url::parse(url),
    };
    let parsed = parsed.map_err(|_| match base {
        Some(_) => Error::url(&shown_text(url), "with its base it is none"),
        None => Error::url(
            &shown_text(url),
            "it is no whole one; without a page a relative one needs `SseOptions::base_url`",
        ),
    })?;
    match parsed.scheme() {
        "http" | "https" => Ok(parsed.into()),
        _ => Err(Error::url(&shown_text(url), "its scheme is neither `http` nor `https`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::SseClientOptions;
    use leptos_sse_core::Key;

    #[test]
    fn a_url_is_whole_or_has_a_base() {
        let cases = [
            ("http://host/sse", None, Some("http://host/sse")),
            ("sse?room=1", Some("https://host/api/"), Some("https://host/api/sse?room=1")),
            ("/sse", Some("https://host/api/"), Some("https://host/sse")),
            ("/sse", None, None),
            ("", None, None),
            ("ws://host/sse", None, None),
            ("/sse", Some("host"), None),
        ];
        for (url, base, resolved) in cases {
            let is = resolve(url, base);
            assert!(is.as_ref().err().is_none_or(Error::is_invalid_url), "{url}");
            assert_eq!(is.ok().as_deref(), resolved, "{url}");
        }
    }

    #[test]
    fn a_login_in_a_url_is_not_told() {
        for bad in ["ftp://ann:secret@host/", "http://ann:secret@host/s se"] {
            let told = resolve(bad, None).err().map(|error| error.to_string());
            assert!(told.is_none_or(|told| !told.contains("secret")), "{bad}");
        }
    }

    #[test]
    fn more_keys_than_a_url_has_room_for_go_by_post_and_bad_headers_are_left_out() {
        let request = |posts, keys: usize| {
            let options =
                SseClientOptions::new().post(posts).header("X-App", "1").header("x-bad", "a\nb").header("a b", "c");
            let options = options.headers(|| vec![("x-app".to_owned(), "2".to_owned())]);
            let keys = (0..keys).map(|key| (Key::named(format!("{key:0100}")).unwrap(), None)).collect();
            let request = Request { url: "http://host/sse?room=1".to_owned(), access: options.options.access };
            request.build(&SubscribeRequest { keys, ..SubscribeRequest::default() }).unwrap()
        };
        let few = request(true, 1);
        assert_eq!((few.method(), few.uri().query().unwrap().len(), few.body().len()), (&Method::GET, 109, 0));
        let many = request(true, 100);
        assert_eq!((many.method(), many.uri().query(), many.body().len()), (&Method::POST, Some("room=1"), 10_299));
        assert_eq!(many.headers()["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(request(false, 100).method(), Method::GET);
        assert_eq!(few.headers()["x-app"], "2");
        assert!(!few.headers().contains_key("x-bad"));
    }
}
