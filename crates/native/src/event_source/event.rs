use leptos_sse_core::{Error, protocol::StreamedEvent};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// One event of a stream: the browser's `MessageEvent`. A clone shares its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    event: Arc<str>,
    data: Arc<str>,
    last_event_id: Arc<str>,
    origin: Arc<str>,
}

impl Event {
    /// Its name; `message` when the server gives none.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// Its data, whose lines are joined by LF.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Its data, read as JSON.
    ///
    /// ```no_run
    /// # fn show(event: &leptos_sse_native::Event) -> Result<(), leptos_sse_native::Error> {
    /// let price: f64 = event.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no JSON of that type ([`Error::is_malformed`]).
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.data).map_err(|why| Error::malformed("an event's data", why, &self.data))
    }

    /// The last id that the server has named, by this event or by one before it; empty without any.
    ///
    /// It is what [`EventSourceOptions::last_event_id`](super::EventSourceOptions::last_event_id) of a later source takes.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Scheme, host and port of the URL that the stream came from, after all redirects.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Makes events of one stream, which share what does not change from one to the next.
pub(super) struct Making {
    event: Arc<str>,
    last_event_id: Arc<str>,
    origin: Arc<str>,
}

impl Making {
    pub(super) fn new(origin: &str) -> Self {
        Self { event: "message".into(), last_event_id: "".into(), origin: origin.into() }
    }

    pub(super) fn event(&mut self, event: StreamedEvent) -> Event {
        Event {
            event: kept(&mut self.event, event.event),
            data: event.data.into(),
            last_event_id: kept(&mut self.last_event_id, event.last_event_id),
            origin: self.origin.clone(),
        }
    }
}

fn kept(last: &mut Arc<str>, text: &str) -> Arc<str> {
    if **last != *text {
        *last = text.into();
    }
    last.clone()
}
