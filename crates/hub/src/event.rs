use leptos_sse_core::Error;
use leptos_sse_core::protocol::{Hello, event_name};
use serde::Serialize;
use std::{borrow::Cow, fmt, time::Duration};

/// One server-sent event, as the WHATWG HTML standard has its fields (section 9.2.5).
///
/// What a text may not have is an error where it is set, so that an event which is there can always be written. It is what an
/// `SseSink` sends, and makes the events of any web framework that has `From<SseEvent>` for its own.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::events::SseEvent;
/// use std::time::Duration;
///
/// let event = SseEvent::new().event("rise")?.id("7")?.retry(Duration::from_secs(2)).data("one\ntwo");
/// assert_eq!(event.to_string(), "event: rise\nid: 7\nretry: 2000\ndata: one\ndata: two\n\n");
///
/// let event = SseEvent::new().json(&[1, 2])?;
/// assert_eq!(event.to_string(), "data: [1,2]\n\n");
/// # Ok::<(), leptos_sse::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it does nothing unless it is sent"]
pub struct SseEvent {
    comment: Option<String>,
    event: Option<Cow<'static, str>>,
    id: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
}

/// The fields of an [`SseEvent`], for frameworks that have events of their own. None is one that was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SseFields<'a> {
    /// What the reader is not told; its lines end with LF.
    pub comment: Option<&'a str>,
    /// The type of the event, without line breaks.
    pub event: Option<&'a str>,
    /// The id, without line breaks and NUL.
    pub id: Option<&'a str>,
    /// How long a reader waits before it comes back.
    pub retry: Option<Duration>,
    /// The data; its lines end with LF.
    pub data: Option<&'a str>,
}

impl SseEvent {
    /// An event without any field, which a reader takes no notice of.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the data. Default is none: a reader takes an event without data for none, and notes its id and its wait alone.
    ///
    /// Each line of it is a line of the stream, which a reader joins with LF: so CR and CRLF come out as LF, and all else
    /// as it went in. Empty data is data.
    pub fn data(mut self, data: impl Into<String>) -> Self {
        self.data = Some(lines(data.into()));
        self
    }

    /// Sets the data to a value as JSON.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let data = serde_json::to_string(value);
        Ok(self.data(data.map_err(|error| Error::serialize(std::any::type_name::<T>(), error))?))
    }

    /// Sets the type of the event, which a page gives to `addEventListener`. Default is none, and the type `message`.
    ///
    /// # Errors
    ///
    /// When it has a line break: `Error::is_invalid_field`.
    pub fn event(mut self, event: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let event = event.into();
        check("event", &event, &['\n', '\r'], "it has a line break")?;
        self.event = Some(event);
        Ok(self)
    }

    /// Sets the id, which a reader gives back as `Last-Event-ID` when it comes again. Default is none: the id of the event before
    /// it stays. An empty one has the reader forget it.
    ///
    /// # Errors
    ///
    /// When it has a line break or a NUL, for which a reader drops it: `Error::is_invalid_field`.
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        check("id", &id, &['\n', '\r'], "it has a line break")?;
        // "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value. Otherwise,
        // ignore the field."
        check("id", &id, &['\0'], "it has a NUL")?;
        self.id = Some(id);
        Ok(self)
    }

    /// Sets how long a reader waits before it comes back, in whole milliseconds. Default is the reader's own choice, a few
    /// seconds.
    pub fn retry(mut self, wait: Duration) -> Self {
        self.retry = Some(wait);
        self
    }

    /// Sets a comment, which a reader does not see; each line of it is a comment. Default is none.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(lines(comment.into()));
        self
    }

    /// The fields as they were set.
    #[must_use]
    pub fn fields(&self) -> SseFields<'_> {
        SseFields {
            comment: self.comment.as_deref(),
            event: self.event.as_deref(),
            id: self.id.as_deref(),
            retry: self.retry,
            data: self.data.as_deref(),
        }
    }

    /// An unnamed event, which carries an update.
    pub(crate) fn message(data: String) -> Self {
        Self::new().data(data)
    }

    /// An event with a name of ours.
    pub(crate) fn named(event: &'static str, data: String) -> Self {
        Self { event: Some(Cow::Borrowed(event)), ..Self::message(data) }
    }

    /// A named event whose data is one of our own messages.
    pub(crate) fn of(event: &'static str, message: &impl Serialize) -> Self {
        // Their fields are strings and numbers, which can always be written.
        Self::named(event, serde_json::to_string(message).unwrap_or_default())
    }

    /// The event that opens a stream.
    pub(crate) fn hello(hello: &Hello) -> Self {
        let event = Self::of(event_name::HELLO, hello);
        match hello.retry() {
            Some(retry) => event.retry(retry),
            None => event,
        }
    }

    /// The event as it stands on the wire.
    pub(crate) fn encode(&self) -> String {
        use fmt::Write;
        let texts = [self.data.as_deref(), self.comment.as_deref(), self.event.as_deref(), self.id.as_deref()];
        let len = texts.into_iter().flatten().map(str::len).sum::<usize>();
        let mut text = String::with_capacity(len + 64);
        // A `String` takes all that is written.
        let _ = write!(text, "{self}");
        text
    }
}

/// A text whose lines end with LF. "These characters must not be in a line": CR, LF and CRLF each end one.
fn lines(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn check(field: &'static str, text: &str, forbidden: &[char], why: &'static str) -> Result<(), Error> {
    if text.contains(forbidden) { Err(Error::event_field(field, text, why)) } else { Ok(()) }
}

/// The event as it stands on the wire, with the blank line that ends it.
impl fmt::Display for SseEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.comment.iter().flat_map(|comment| comment.split('\n')) {
            writeln!(f, ": {line}")?;
        }
        if let Some(event) = &self.event {
            writeln!(f, "event: {event}")?;
        }
        if let Some(id) = &self.id {
            writeln!(f, "id: {id}")?;
        }
        if let Some(retry) = self.retry {
            writeln!(f, "retry: {}", retry.as_millis())?;
        }
        // A space behind each colon, as a reader takes one away: so a line may begin with one.
        for line in self.data.iter().flat_map(|data| data.split('\n')) {
            f.write_str("data: ")?;
            f.write_str(line)?;
            f.write_str("\n")?;
        }
        f.write_str("\n")
    }
}

#[cfg(test)]
mod tests;
