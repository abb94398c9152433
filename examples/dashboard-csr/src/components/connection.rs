//! Whether the page is live, in words and as a colour.

use leptos::prelude::*;
use leptos_sse::{SseStatus, use_sse_status};

#[component]
pub fn Connection() -> impl IntoView {
    let status = use_sse_status();
    let state = move || match status.get() {
        SseStatus::Connecting => "connecting",
        SseStatus::Open => "open",
        SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } => "reconnecting",
        SseStatus::Closed(_) => "closed",
    };
    let words = move || match status.get() {
        SseStatus::Connecting => "Connecting".to_owned(),
        SseStatus::Open => "Live".to_owned(),
        SseStatus::Reconnecting { attempt, .. } => format!("Reconnecting, attempt {attempt}"),
        SseStatus::Refused { status, .. } => format!("Refused with {status}"),
        SseStatus::Closed(why) => format!("Closed: {why}"),
    };

    view! {
        <p class="connection" role="status" data-testid="connection" data-state=state>
            <span>{words}</span>
        </p>
    }
}
