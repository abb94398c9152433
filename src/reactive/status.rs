use super::context::use_connection;
use crate::{browser::log_error, status_signal::StatusSignal};
use leptos::prelude::{ArcRwSignal, ReadSignal};
use leptos_sse_client::status::SseStatus;

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
    let status = use_connection("use_sse_status").map(|connection| StatusSignal::of(&connection).status().clone());
    let status = status.unwrap_or_else(|error| {
        log_error(format_args!("leptos_sse: {error}"));
        ArcRwSignal::default()
    });
    status.read_only().into()
}
