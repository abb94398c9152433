use super::{
    event::{Event, Making},
    options::EventSourceOptions,
    request::RequestTemplate,
    shared::Shared,
    waits::Waits,
};
use crate::{
    FinalUrl,
    attempt::{Answer, Attempt, AttemptFailure},
    url::{shown, shown_text},
};
use futures::future::select;
use leptos_sse_core::{Error, protocol::EventStream};
use reqwest::Url;
use std::{pin::pin, sync::Arc, thread, time::Duration};
use tokio::{task::coop::consume_budget, time::sleep};

/// The task of a source: it asks, reads, tells and comes back, as the standard says (section 9.2.3).
pub(super) struct Driver {
    shared: Arc<Shared>,
    attempt: Attempt,
    template: RequestTemplate,
    /// Of the source's own URL; a stream has the one that it came from at last.
    origin: String,
    waits: Waits,
    max_event_len: usize,
    retries_refusals: bool,
}

/// So much is read at once before it is told, so that what is held of a part of many small events has a bound too.
const PIECE: usize = 16 << 10;

/// How a connection was lost.
enum Lost {
    /// "Reestablish the connection."
    Reconnect { error: Error, retry_after: Option<Duration> },
    /// "Fail the connection."
    Fail(Error),
    /// The server wants nobody to come back.
    NoContent(Error),
    /// By the user, so that there is nobody to be told.
    Closed,
}

impl Driver {
    pub(super) fn new(url: &str, options: EventSourceOptions) -> Result<(Self, Arc<Shared>), Error> {
        let parsed = Url::parse(url).map_err(|_| Error::url(url, "it is no absolute URL"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(Error::url(&shown_text(url), "its scheme is neither `http` nor `https`"));
        }
        let shown_url = String::from(shown(&parsed));
        let template = options.template(&parsed)?;
        let attempt = options.attempt(&shown_url)?;
        let origin = parsed.origin().ascii_serialization();
        let shared = Arc::new(Shared::new(parsed.into(), shown_url, &options.last_event_id, options.listeners));
        let driver = Self {
            shared: shared.clone(),
            attempt,
            template,
            origin,
            waits: options.waits,
            max_event_len: options.max_event_len,
            retries_refusals: options.retries_refusals,
        };
        Ok((driver, shared))
    }

    pub(super) async fn run(mut self) {
        let shared = self.shared.clone();
        // The first one is looked at first.
        select(pin!(shared.closed()), pin!(self.keep())).await;
    }

    async fn keep(&mut self) {
        let mut attempt = 0_u32;
        loop {
            let request = self.template.request(&self.shared.last_event_id());
            let lost = match self.attempt.open(request).await {
                Ok(answer) => {
                    attempt = 0;
                    self.read(answer).await
                }
                Err(failure) => self.lost(failure),
            };
            match lost {
                Lost::Reconnect { error, retry_after } => {
                    if !self.shared.lose(&error) {
                        return;
                    }
                    attempt = attempt.saturating_add(1);
                    sleep(self.waits.wait(attempt, fastrand::f64(), retry_after)).await;
                }
                Lost::Fail(error) => return self.shared.fail(&error, Some(error.clone())),
                Lost::NoContent(error) => return self.shared.fail(&error, None),
                Lost::Closed => return,
            }
        }
    }

    /// Reads a stream to its end.
    async fn read(&mut self, mut answer: Answer) -> Lost {
        let final_url = answer.extension().and_then(|FinalUrl(url)| Url::parse(url).ok());
        let origin = final_url.map(|url| url.origin().ascii_serialization());
        let mut making = Making::new(origin.as_ref().unwrap_or(&self.origin));
        let mut stream = EventStream::new(self.max_event_len).resuming(&self.shared.last_event_id());
        self.shared.announce();
        self.shared.followed().await;
        loop {
            let part = match answer.next().await {
                Some(Ok(part)) => part,
                Some(Err(failure)) => return self.lost(failure),
                None => {
                    let error = Error::lost(self.shared.shown_url(), "the stream has ended");
                    return Lost::Reconnect { error, retry_after: None };
                }
            };
            for piece in part.chunks(PIECE) {
                let mut events = Vec::new();
                let read = stream.push(piece, |event| events.push(making.event(event)));
                if let Some(retry) = stream.retry() {
                    self.waits.base = retry;
                }
                // Also after the last one, which may have led to a close.
                if !events.iter().all(|event| self.shared.dispatch(event)) || self.shared.is_closed() {
                    return Lost::Closed;
                }
                // Also that of an event without data, which is told to nobody.
                self.shared.set_last_event_id(stream.last_event_id());
                self.tell(events).await;
                if let Err(error) = read {
                    return Lost::Fail(error);
                }
            }
            // A body that always has more would leave no turn to others.
            consume_budget().await;
        }
    }

    /// Gives events to those who read them as a stream; it waits for the slowest of them.
    async fn tell(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let streams = self.shared.streams();
        let Some((last, others)) = streams.split_last() else { return };
        for stream in others {
            // Who does not read any more is let go at the next time.
            let _ = stream.send(events.clone()).await;
        }
        let _ = last.send(events).await;
    }

    fn lost(&self, failure: AttemptFailure) -> Lost {
        let url = self.shared.shown_url();
        match failure {
            AttemptFailure::NoContent => Lost::NoContent(Error::refused(url, 204)),
            AttemptFailure::Refused { status, retry_after } => self.refused(Error::refused(url, status), retry_after),
            // "Reestablish the connection, unless the user agent knows that to be futile."
            AttemptFailure::Network(ref why)
                if why.downcast_ref().is_some_and(|why: &reqwest::Error| why.is_redirect() || why.is_builder()) =>
            {
                self.refused(Error::lost(url, failure), None)
            }
            AttemptFailure::Network(_) => Lost::Reconnect { error: Error::lost(url, failure), retry_after: None },
        }
    }

    fn refused(&self, error: Error, retry_after: Option<Duration>) -> Lost {
        if self.retries_refusals { Lost::Reconnect { error, retry_after } } else { Lost::Fail(error) }
    }
}

/// Also when its runtime is shut down, and when what sends the requests panics.
impl Drop for Driver {
    fn drop(&mut self) {
        let why = thread::panicking().then(|| Error::lost(self.shared.shown_url(), "what reads it has panicked"));
        self.shared.end(why);
    }
}
