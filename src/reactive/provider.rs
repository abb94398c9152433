use super::{test_connection::test_connection, value::carry_first_values};
use crate::{SseOptions, browser, status_signal::StatusSignal};
use leptos::prelude::{Owner, on_cleanup, provide_context, use_context};
use leptos_sse_client::connection::{Connection, User};
use leptos_sse_core::Error;
use std::sync::{Arc, OnceLock};

/// A page's connection, as [`provide_sse`] puts it into context.
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
}

impl SseContext {
    /// What a provider puts into context; its hooks go with it.
    pub(crate) fn of(connection: Arc<Connection>, options: &SseOptions) -> Self {
        if let Some(id) = connection.bell().add(&options.options.hooks) {
            let connection = Arc::downgrade(&connection);
            on_cleanup(move || {
                if let Some(connection) = connection.upgrade() {
                    connection.bell().remove(id);
                }
            });
        }
        Self { connection, listener: Arc::default() }
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// The URL that the connection was asked for.
    #[must_use]
    pub fn url(&self) -> &str {
        self.connection.url()
    }

    /// Closes the connection and opens a new one at once, as with a new login or token, if anything uses it.
    ///
    /// The signals keep their values, and the server is asked from what they hold. Also a server that had answered 204 is
    /// asked again. On the server it does nothing.
    ///
    /// It begins the waits anew, so let it follow what the user or the app did, and not each refusal: called by `on_error`
    /// itself it would ask without a wait.
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

    /// The browser's `EventSource`, for listeners of one's own; none on the server, while there is no connection, and where
    /// the stream is read with `fetch`, as one with [headers](SseOptions::header).
    ///
    /// It is tracked like a signal: another one takes its place after a failure that the browser does not mend by itself.
    /// From the first call on the connection stays open for as long as its provider lives.
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

/// Provides the connection to `url` to this component and all below it, with the default [`SseOptions`].
///
/// The URL may be relative to the page. The connection opens with the first signal that is created, and closes when the
/// last one has gone; however many components provide the same URL, the page has one connection to it. On the server it
/// does nothing but check the URL. Islands share no context, so each calls it by itself.
///
/// ```
/// use leptos::prelude::*;
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Count { value: i32 }
///
/// #[component]
/// fn App() -> impl IntoView {
///     leptos_sse::provide_sse("/sse").unwrap();
///     let count = leptos_sse::create_sse_signal::<Count>();
///     view! { <h1>"Count: " {move || count.get().value}</h1> }
/// }
/// ```
///
/// # Errors
///
/// When the URL is empty, has white space in it, or a scheme other than `http` and `https`; and when it is called
/// outside a component.
pub fn provide_sse(url: impl Into<String>) -> Result<(), Error> {
    provide_sse_with(url, SseOptions::default())
}

/// Provides the connection to `url` to this component and all below it.
///
/// Where the page has a connection to the same URL already, that one is shared, with the options of its first provider; see
/// [`SseOptions`].
///
/// # Errors
///
/// As [`provide_sse`], and when [`SseOptions::base_url`] does not begin with `http://` or `https://`.
pub fn provide_sse_with(url: impl Into<String>, options: SseOptions) -> Result<(), Error> {
    let url = url.into();
    check_url(&url)?;
    if let Some(base_url) = &options.options.base_url {
        check_base_url(base_url)?;
    }
    if Owner::current().is_none() {
        return Err(Error::owner());
    }
    carry_first_values();
    let connection = match test_connection() {
        Some(connection) => connection,
        None => browser::page_connection(url, &options)?,
    };
    provide_context(SseContext::of(connection, &options));
    Ok(())
}

/// The connection in context.
///
/// # Errors
///
/// When there is none; the error names the missing call.
pub(super) fn use_connection(call: &'static str) -> Result<Arc<Connection>, Error> {
    use_context::<SseContext>().map(|context| context.connection).ok_or_else(|| Error::provider(call))
}

/// The same check on both sides, so that a mistake shows on the server first.
fn check_url(url: &str) -> Result<(), Error> {
    let refuse = |why| Err(Error::url(url, why));
    if url.is_empty() {
        return refuse("it is empty");
    }
    if url.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return refuse("it has white space in it");
    }
    // "A scheme is a letter, followed by zero or more letters, digits, +, - and ." (WHATWG URL, 4.1); a path may have a
    // colon further on.
    let scheme = url.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    match scheme {
        Some(scheme) if !["http", "https"].iter().any(|good| scheme.eq_ignore_ascii_case(good)) => {
            refuse("its scheme is neither `http` nor `https`")
        }
        _ => Ok(()),
    }
}

fn check_base_url(url: &str) -> Result<(), Error> {
    check_url(url)?;
    match url.split_once("://") {
        Some((_, rest)) if !rest.is_empty() => Ok(()),
        _ => Err(Error::url(url, "as a base it begins with `http://` or `https://`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_no_event_source_could_follow_is_refused() {
        for bad in ["", " /sse", "/s se", "/sse\n", "ws://host/sse", "javascript:alert(1)", "file:///sse"] {
            assert!(check_url(bad).unwrap_err().is_invalid_url(), "{bad:?}");
        }
        for good in
            ["/sse", "sse?room=1", "../sse", "//host/sse", "https://host:8080/sse", "HTTP://host", "/a:b", "?x=a:b"]
        {
            check_url(good).unwrap_or_else(|error| panic!("{good:?}: {error}"));
        }
    }

    #[test]
    fn a_base_is_a_whole_url() {
        for bad in ["", "/api", "api.example.com", "//host", "http:", "http://", "tauri://localhost", "file:///x"] {
            assert!(check_base_url(bad).unwrap_err().is_invalid_url(), "{bad:?}");
        }
        for good in ["https://api.example.com", "http://127.0.0.1:3000/api/"] {
            check_base_url(good).unwrap();
        }
    }

    #[test]
    fn to_provide_outside_a_component_is_an_error_that_says_so() {
        assert!(provide_sse("/sse").unwrap_err().is_no_owner());
    }
}
