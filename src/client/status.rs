use super::{provider::use_connection, transport::log_error};
use leptos::prelude::{ArcRwSignal, ReadSignal};
use std::{fmt, time::Duration};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SseStatus {
    /// An attempt is under way, or about to be, and none has failed: the first one, and that of a page that comes back. The
    /// server, and a page that it rendered, start with this.
    #[default]
    Connecting,
    /// The server's events come in.
    Open,
    /// The connection was lost.
    Reconnecting {
        /// Which attempt is next or under way since all was well, from 1.
        attempt: u32,
        /// The wait before that attempt, counted from this status; none while it is under way, and when only the browser
        /// knows.
        next: Option<Duration>,
    },
    /// There is no connection, and none will be tried.
    Closed(SseClosed),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseClosed {
    /// Nothing on the page uses it any more. The next signal opens it again.
    Unused,
    /// The server answered 204: there is nothing to follow.
    NoContent,
}

impl fmt::Display for SseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Open => f.write_str("open"),
            Self::Reconnecting { attempt, next: None } => write!(f, "reconnecting, attempt {attempt}"),
            Self::Reconnecting { attempt, next: Some(next) } => {
                // Whole numbers, as floats bring much code into the browser to be written.
                let tenths = next.as_secs() * 10 + u64::from((next.subsec_millis() + 50) / 100);
                write!(f, "reconnecting, attempt {attempt} in {}.{} s", tenths / 10, tenths % 10)
            }
            Self::Closed(why) => write!(f, "closed: {why}"),
        }
    }
}

impl fmt::Display for SseClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "nothing on the page uses it",
            Self::NoContent => "the server has nothing to follow (204)",
        })
    }
}

/// The state of the connection that [`provide_sse`](crate::provide_sse) gave, as a signal.
///
/// It does not keep the connection open by itself: signals do. Without a provider it stays at [`SseStatus::Connecting`],
/// and the error is logged.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{SseStatus, use_sse_status};
///
/// #[component]
/// fn Badge() -> impl IntoView {
///     let status = use_sse_status();
///     view! { <span class:live=move || status.get() == SseStatus::Open>{move || status.get().to_string()}</span> }
/// }
/// ```
#[must_use]
pub fn use_sse_status() -> ReadSignal<SseStatus> {
    let status = use_connection("use_sse_status").map(|connection| connection.status().clone());
    let status = status.unwrap_or_else(|error| {
        log_error(format_args!("leptos_sse: {error}"));
        ArcRwSignal::default()
    });
    status.read_only().into()
}
