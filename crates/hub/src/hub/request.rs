use super::{logouts, options::MAX_BODY_LEN};
use leptos_sse_core::{Cursor, Error, Key, protocol::SubscribeRequest};
use std::{
    fmt,
    future::Future,
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The request of a client to a hub: keys and cursors, and what the handler adds about the client.
///
/// It is an extractor in axum and in actix-web. A key that the handler does not allow is refused in band: the connection goes on
/// without it. A client that may not connect at all is answered before, as by a login extractor in front of this one.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::{SseHub, SseRequest};
///
/// # let hub = SseHub::new();
/// let request = SseRequest::parse("s=Room:42&s=Salaries", None)?;
/// let request = request.for_user("ada").allow(|key| !key.as_str().starts_with("Salaries"));
/// let subscription = hub.subscribe(request);
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is given to `SseHub::subscribe`"]
pub struct SseRequest {
    pub(super) request: SubscribeRequest,
    pub(super) last_event_id: Option<Cursor>,
    pub(super) len: usize,
    pub(super) forbidden: Vec<Key>,
    pub(super) user: Option<Arc<str>>,
    pub(super) address: Option<IpAddr>,
    pub(super) lasts: Option<Duration>,
    /// How many logouts there had been when the request was read.
    pub(super) logouts_seen: u64,
}

impl SseRequest {
    /// Reads a request from a URL's query, without its `?`, and the value of the header `Last-Event-ID`.
    ///
    /// # Errors
    ///
    /// When the epoch or a key in the query is invalid, and when there are more than 1,024 keys. A `Last-Event-ID` that is no
    /// cursor is ignored.
    pub fn parse(query: &str, last_event_id: Option<&str>) -> Result<Self, Error> {
        Ok(Self {
            request: SubscribeRequest::parse(query)?,
            last_event_id: last_event_id.and_then(|id| id.parse().ok()),
            len: query.len(),
            forbidden: Vec::new(),
            user: None,
            address: None,
            lasts: None,
            logouts_seen: logouts::count(),
        })
    }

    /// How many bytes the body of a POST may have: 256 KiB.
    pub const MAX_BODY_LEN: usize = MAX_BODY_LEN;

    /// Takes the body of a POST in place of the query. It has the same form, and serves pages with more keys than a URL has room
    /// for.
    ///
    /// The extractors do that by themselves. They read the query first, so that a logout while the body comes in is not missed.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// use leptos_sse::SseRequest;
    ///
    /// let request = SseRequest::parse("", None)?.body(b"s=Room:42&s=Room:43")?;
    /// assert_eq!(request.keys().count(), 2);
    /// # Ok::<(), leptos_sse::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and when it is not UTF-8 or is longer than [`MAX_BODY_LEN`](Self::MAX_BODY_LEN).
    pub fn body(mut self, body: &[u8]) -> Result<Self, Error> {
        let malformed = |why: &dyn fmt::Display| Error::malformed("the body of a request", why, "");
        if body.len() > Self::MAX_BODY_LEN {
            return Err(malformed(&"it is longer than 256 KiB"));
        }
        self.request = SubscribeRequest::parse(std::str::from_utf8(body).map_err(|error| malformed(&error))?)?;
        Ok(self)
    }

    /// The requested keys that are not forbidden.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.request.keys.iter().map(|(key, _)| key)
    }

    /// Whether the client takes changes within a text as `str_ins` and `str_del`: the query has `ops=str`. A hub knows that
    /// by itself; a stream for one connection is told with
    /// [`ServerSentEvents::string_edits`](crate::ServerSentEvents::string_edits).
    #[must_use]
    pub fn takes_string_edits(&self) -> bool {
        self.request.string_edits
    }

    /// Forbids the keys that `allow` is not true of. Default is to allow every key.
    pub fn allow(mut self, mut allow: impl FnMut(&Key) -> bool) -> Self {
        let Self { request, forbidden, .. } = &mut self;
        request.keys.retain(|(key, _)| {
            let allowed = allow(key);
            if !allowed {
                forbidden.push(key.clone());
            }
            allowed
        });
        self
    }

    /// Forbids the keys that `allow` is not true of, asked one after the other; there are at most 1,024.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::{Key, SseRequest};
    /// # async fn may_see(user: &str, key: &Key) -> bool { true }
    /// # async fn handler(request: SseRequest) {
    /// let request = request.allow_async(async |key| may_see("ada", &key).await).await;
    /// # }
    /// ```
    pub async fn allow_async<F: Future<Output = bool>>(mut self, mut allow: impl FnMut(Key) -> F) -> Self {
        let mut allowed = Vec::with_capacity(self.request.keys.len());
        for (key, seq) in std::mem::take(&mut self.request.keys) {
            if allow(key.clone()).await {
                allowed.push((key, seq));
            } else {
                self.forbidden.push(key);
            }
        }
        self.request.keys = allowed;
        self
    }

    /// Names the user of the connection, so that [`SseHub::close_user`](super::SseHub::close_user) can end it.
    pub fn for_user(mut self, user: impl AsRef<str>) -> Self {
        self.user = Some(user.as_ref().into());
        self
    }

    /// Ends the connection at a time, as when a token expires: the client is told, and comes back for a new decision.
    /// Default is no end.
    pub fn until(mut self, end: SystemTime) -> Self {
        self.lasts = Some(end.duration_since(SystemTime::now()).unwrap_or_default());
        self
    }

    /// Sets the address that counts for
    /// [`max_connections_per_address`](super::SseHubOptions::max_connections_per_address). Default is that of the peer, where
    /// the server tells it: actix-web does, axum with `into_make_service_with_connect_info::<SocketAddr>()`.
    ///
    /// Behind a proxy, give the address from the header that your proxy sets.
    pub fn client_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_measure_wherever_it_comes_from() {
        let request = || SseRequest::parse("s=query", None).unwrap();
        let longest = [b"s=body&", [b'x'; SseRequest::MAX_BODY_LEN - 7].as_slice()].concat();
        let keys: Vec<_> = request().body(&longest).unwrap().keys().cloned().collect();
        assert_eq!(keys, [Key::named("body").unwrap()]);
        assert!(request().body(&[&longest[..], b"x"].concat()).unwrap_err().is_malformed());
        assert!(request().body(b"s=\xFF").unwrap_err().is_malformed());
    }
}
