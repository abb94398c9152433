use crate::{browser, options::SseOptions, status_signal::StatusSignal};
use leptos::prelude::{on_cleanup, use_context};
use leptos_sse_client::connection::{Connection, User};
use leptos_sse_core::Error;
use std::sync::{Arc, OnceLock};

/// A page's connection, as [`provide_sse`](crate::provide_sse) puts it into context.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::SseContext;
///
/// # fn component() {
/// let sse = expect_context::<SseContext>();
/// Effect::new(move |_| {
///     // Runs again when another `EventSource` takes the place of a failed one.
///     if let Some(source) = sse.event_source() {
///         // source.add_event_listener_with_callback("chat", ...)
///     }
/// });
/// # }
/// ```
#[derive(Clone)]
pub struct SseContext {
    connection: Arc<Connection>,
    listener: Arc<OnceLock<User>>,
    /// Whether providers below keep this connection, as they do with a test's.
    is_kept: bool,
}

impl SseContext {
    /// What a provider puts into context; its hooks go with it.
    pub(crate) fn of(connection: Arc<Connection>, options: &SseOptions) -> Self {
        if let Some(id) = connection.hooks().add(&options.options.hooks) {
            let connection = Arc::downgrade(&connection);
            on_cleanup(move || {
                if let Some(connection) = connection.upgrade() {
                    connection.hooks().remove(id);
                }
            });
        }
        Self { connection, listener: Arc::default(), is_kept: false }
    }

    /// The same, for providers below too.
    #[cfg(feature = "testing")]
    pub(crate) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// What a provider below puts into context, if it keeps this connection.
    pub(super) fn keep(&self, options: &SseOptions) -> Option<Self> {
        self.is_kept.then(|| Self { is_kept: true, ..Self::of(self.connection.clone(), options) })
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// The URL that was given to [`provide_sse`](crate::provide_sse).
    #[must_use]
    pub fn url(&self) -> &str {
        self.connection.url()
    }

    /// Closes the connection and opens a new one at once, as with a new login or token, if anything uses it.
    ///
    /// The signals keep their values, and the new connection goes on from them. A server that has answered 204 is asked again,
    /// too. On the server this does nothing.
    ///
    /// It resets the waits between attempts, so call it for what the user or the app did, and not for each refusal: called by
    /// `on_error` itself, it would ask again without a wait.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::{SseContext, SseStatus, use_sse_status};
    ///
    /// #[component]
    /// fn Login() -> impl IntoView {
    ///     let sse = expect_context::<SseContext>();
    ///     let status = use_sse_status();
    ///     let has_ended = move || matches!(status.get(), SseStatus::Refused { status: 401, .. });
    ///     // ... and once the user has logged in:
    ///     let log_in = move |_| sse.reconnect();
    ///     view! { <button hidden=move || !has_ended() on:click=log_in>"Log in again"</button> }
    /// }
    /// ```
    pub fn reconnect(&self) {
        self.connection.reconnect();
    }

    /// The browser's `EventSource`, for listeners of your own. `None` on the server, while there is no connection, and where the
    /// stream is read with `fetch`, as one with [headers](SseOptions::header) is.
    ///
    /// It is tracked like a signal: another `EventSource` takes its place after a failure that the browser does not mend by itself.
    /// From the first call on, the connection stays open while its provider lives.
    #[must_use]
    pub fn event_source(&self) -> Option<web_sys::EventSource> {
        if self.listener.get().is_none() {
            // Not within the cell, as it may run effects that come here again.
            let _ = self.listener.set(self.connection.use_it());
        }
        StatusSignal::of(&self.connection).track_stream();
        browser::event_source(&self.connection)
    }
}

/// The connection in context.
///
/// # Errors
///
/// When there is none; the error names the missing call.
pub(super) fn use_connection(call: &'static str) -> Result<Arc<Connection>, Error> {
    use_context::<SseContext>().map(|context| context.connection).ok_or_else(|| Error::provider(call))
}
