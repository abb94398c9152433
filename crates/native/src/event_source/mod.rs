//! The browser's `EventSource`, for Rust.

mod driver;
mod event;
mod events;
mod listeners;
mod options;
mod ready_state;
mod request;
mod shared;
mod waits;

pub use event::Event;
pub use events::Events;
pub use listeners::Listener;
pub use options::EventSourceOptions;
pub use ready_state::ReadyState;

use driver::Driver;
use leptos_sse_core::Error;
use shared::Shared;
use std::{fmt, sync::Arc};
use tokio::runtime::Handle;

/// Follows a stream of server-sent events, as the browser's `EventSource` does.
///
/// It is right by the WHATWG HTML standard, section 9.2: it reconnects by itself, tells the server the last id that it has,
/// heeds `retry`, follows redirects, and gives up where the standard says so. One task of tokio drives it.
///
/// As a stream, which ends when the source gives up or is closed:
///
/// ```no_run
/// use futures::TryStreamExt;
/// use leptos_sse_native::EventSource;
///
/// # async fn follow() -> Result<(), leptos_sse_native::Error> {
/// let mut events = EventSource::new("https://example.com/prices")?.events();
/// while let Some(event) = events.try_next().await? {
///     println!("{}: {}", event.event(), event.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// By functions, as in a browser:
///
/// ```no_run
/// use leptos_sse_native::{EventSource, ReadyState};
///
/// # async fn follow() -> Result<(), leptos_sse_native::Error> {
/// let source = EventSource::new("https://example.com/prices")?;
/// source.on_message(|event| println!("{}", event.data()));
/// source.on_error(|error| eprintln!("{error}"));
/// let listener = source.add_event_listener("price", |event| println!("{}", event.data()));
///
/// source.remove_event_listener(listener);
/// source.close();
/// assert_eq!(source.ready_state(), ReadyState::Closed);
/// # Ok(())
/// # }
/// ```
///
/// # When it comes back, and when it gives up
///
/// | what happens | what it does |
/// |---|---|
/// | no connection, a broken one, a stream that ends, [silence](EventSourceOptions::idle_timeout) | reconnects |
/// | 204 | gives up; [`events`](Self::events) end without an error, as the server wants nobody to come back |
/// | any other status than 200, or no `text/event-stream` | gives up, or [reconnects if you say so](EventSourceOptions::retry_refusals) |
/// | too many redirects, or one to nowhere | the same |
/// | an event that is [too long](EventSourceOptions::max_event_len) | gives up, as it would come again |
///
/// Each of them is told to [`on_error`](Self::on_error); [`ready_state`](Self::ready_state) says whether it comes back.
///
/// # Nothing is lost at the start
///
/// The request is sent at once. The stream is read from when [`on_message`](Self::on_message),
/// [`add_event_listener`](Self::add_event_listener) or [`events`](Self::events) is called first. What must be there before
/// anything happens, as a second listener or `on_open`, is given [with the options](EventSourceOptions::on_open).
///
/// # Threads
///
/// Clones are the same source. It is closed when the last clone, and the last of its [`Events`], is dropped; a function that
/// holds a clone keeps it open until [`close`](Self::close). The functions are called one at a time, on the runtime's threads,
/// with no lock held: they may call anything of the source, also `close`. They should not block. One that panics is logged,
/// and nothing else is changed by it.
#[derive(Clone)]
pub struct EventSource {
    held: Arc<CloseOnDrop>,
}

/// Closes the source when the last clone is dropped.
struct CloseOnDrop(Arc<Shared>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl EventSource {
    /// Follows the events of a URL, as [`EventSourceOptions::new`] has it.
    ///
    /// # Errors
    ///
    /// When the URL is no absolute one of `http` or `https` ([`Error::is_invalid_url`]), or when there is no tokio runtime
    /// here ([`Error::is_no_runtime`]). The runtime must have its I/O and its time enabled, as `#[tokio::main]` has.
    pub fn new(url: impl AsRef<str>) -> Result<Self, Error> {
        Self::with_options(url, EventSourceOptions::new())
    }

    /// Follows the events of a URL.
    ///
    /// ```no_run
    /// use leptos_sse_native::{EventSource, EventSourceOptions};
    /// use std::time::Duration;
    ///
    /// # async fn follow() -> Result<(), leptos_sse_native::Error> {
    /// let options = EventSourceOptions::new()
    ///     .header("authorization", "Bearer 7f3a")
    ///     .idle_timeout(Duration::from_secs(45))
    ///     .retry_refusals(true);
    /// let source = EventSource::with_options("https://example.com/prices", options)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and when a header ([`Error::is_invalid_header`]) or the proxy's URL is none.
    pub fn with_options(url: impl AsRef<str>, options: EventSourceOptions) -> Result<Self, Error> {
        let runtime = Handle::try_current().map_err(|_| Error::no_runtime())?;
        let (driver, shared) = Driver::new(url.as_ref(), options)?;
        runtime.spawn(driver.run());
        Ok(Self { held: Arc::new(CloseOnDrop(shared)) })
    }

    /// The URL, as the source has read it.
    #[must_use]
    pub fn url(&self) -> &str {
        self.shared().url()
    }

    /// Where the source stands.
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        self.shared().ready_state()
    }

    /// The last id that the server has named, which a reconnect tells it; empty while there is none.
    ///
    /// It is the one of the latest event that the functions were called with. [`Events`] may be some events behind it: there
    /// [`Event::last_event_id`] says what was read.
    #[must_use]
    pub fn last_event_id(&self) -> Arc<str> {
        self.shared().last_event_id()
    }

    /// Sets the function that is called when a stream has begun, again after each reconnect. Default is none.
    pub fn on_open(&self, on_open: impl Fn() + Send + Sync + 'static) {
        self.shared().listen(|listeners| listeners.set_on_open(on_open));
    }

    /// Sets the function that is called with each event that is named `message`, or not at all. Default is none.
    ///
    /// It takes the place of the one before it, also among the listeners of that name, which are called in their order.
    pub fn on_message(&self, on_message: impl Fn(&Event) + Send + Sync + 'static) {
        self.shared().listen(|listeners| listeners.set_on_message(on_message));
        self.shared().follow();
    }

    /// Sets the function that is called when there is no stream, or no more of it. Default is none.
    ///
    /// While it is called [`ready_state`](Self::ready_state) is [`Connecting`](ReadyState::Connecting) if the source comes
    /// back by itself, and [`Closed`](ReadyState::Closed) if it has given up. [`Error::status`] is the answer's, if one came;
    /// else [`Error::is_lost`] or [`Error::is_too_large`] holds.
    pub fn on_error(&self, on_error: impl Fn(&Error) + Send + Sync + 'static) {
        self.shared().listen(|listeners| listeners.set_on_error(on_error));
    }

    /// Sets the function that is called with each event, whatever its name, before those that listen to that name. Default is
    /// none.
    ///
    /// The browser's has none such. It is for who hands all events on, and learns their names from the server.
    pub fn on_event(&self, on_event: impl Fn(&Event) + Send + Sync + 'static) {
        self.shared().listen(|listeners| listeners.set_on_event(on_event));
        self.shared().follow();
    }

    /// Adds a function that is called with each event of that name.
    ///
    /// Events without a name are named `message`. Those that a server names `open` or `error` come here too; that the
    /// connection is opened or lost is told to [`on_open`](Self::on_open) and [`on_error`](Self::on_error) alone.
    pub fn add_event_listener(&self, name: &str, listener: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        let listener = self.shared().listen(|listeners| (listeners.add(name, listener), None));
        self.shared().follow();
        listener
    }

    /// Takes a function away; also from among those that are called with the current event. Without it, nothing happens.
    ///
    /// A call that another thread has begun may still be under way.
    pub fn remove_event_listener(&self, listener: Listener) {
        self.shared().listen(|listeners| ((), listeners.remove(listener)));
    }

    /// The events from now on, of all names.
    ///
    /// They hold the source open, and back: while they are not read, it reads no further than some tens of KiB, or a few events,
    /// so that nothing is lost and no memory is filled. That holds for all others too who listen to this source; what is not
    /// read any more should be dropped.
    #[must_use]
    pub fn events(&self) -> Events {
        let told = self.shared().tell();
        self.shared().follow();
        Events::new(self.clone(), told)
    }

    /// Closes the source for good, also within one of its functions; [`on_error`](Self::on_error) is not called.
    ///
    /// No function is called for a further event. A call that another thread has begun may still be under way.
    pub fn close(&self) {
        self.shared().close();
    }

    fn shared(&self) -> &Shared {
        &self.held.0
    }
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource")
            .field("url", &self.shared().shown_url())
            .field("ready_state", &self.ready_state())
            .finish_non_exhaustive()
    }
}
