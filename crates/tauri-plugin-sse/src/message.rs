//! What a page and the plugin tell each other, in the words of `guest-js/event-source.js`.

use leptos_sse_native::{Error, Event};
use serde::{Deserialize, Serialize};

/// The dictionary `EventSourceInit` of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Init {
    pub(crate) with_credentials: bool,
}

/// What the plugin tells a page of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Message {
    /// It is open.
    Open,
    Event {
        event: String,
        data: String,
        last_event_id: String,
        origin: String,
    },
    /// It was lost, and is tried again.
    Retry(Why),
    /// It is closed for good.
    Closed(Why),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Why {
    /// The status of an answer that was no stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    message: String,
}

impl From<&Event> for Message {
    fn from(event: &Event) -> Self {
        Self::Event {
            event: event.event().to_owned(),
            data: event.data().to_owned(),
            last_event_id: event.last_event_id().to_owned(),
            origin: event.origin().to_owned(),
        }
    }
}

impl From<&Error> for Why {
    fn from(error: &Error) -> Self {
        Self { code: error.status(), message: error.to_string() }
    }
}
