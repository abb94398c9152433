use super::{EventSource, event::Event};
use futures::{Stream, stream::FusedStream};
use leptos_sse_core::Error;
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};
use tokio::sync::mpsc;

/// The events of an [`EventSource`], as a stream: of [`EventSource::events`].
///
/// Reconnects do not show in it, as nothing is lost that the server gives anew; [`EventSource::on_error`] tells of them. So an
/// error is the last item: the source has given up. After 204, and after [`close`](EventSource::close), it ends without one.
pub struct Events {
    source: EventSource,
    told: mpsc::Receiver<Vec<Event>>,
    ready: vec::IntoIter<Event>,
    has_ended: bool,
}

impl Events {
    pub(super) fn new(source: EventSource, told: mpsc::Receiver<Vec<Event>>) -> Self {
        Self { source, told, ready: Vec::new().into_iter(), has_ended: false }
    }

    /// The source, which they hold open.
    #[must_use]
    pub fn source(&self) -> &EventSource {
        &self.source
    }
}

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.ready.next() {
                return Poll::Ready(Some(Ok(event)));
            }
            if self.has_ended {
                return Poll::Ready(None);
            }
            match ready!(self.told.poll_recv(context)) {
                Some(events) => self.ready = events.into_iter(),
                None => {
                    self.has_ended = true;
                    return Poll::Ready(self.source.shared().failure().map(Err));
                }
            }
        }
    }
}

impl FusedStream for Events {
    fn is_terminated(&self) -> bool {
        self.has_ended && self.ready.len() == 0
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("source", &self.source).finish_non_exhaustive()
    }
}
