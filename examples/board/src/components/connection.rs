//! Whether the page is live, in words and as a colour.

use leptos::prelude::*;
use leptos_sse::SseStatus;

#[component]
pub fn Connection(status: ReadSignal<SseStatus>) -> impl IntoView {
    let state = move || match status.get() {
        SseStatus::Connecting => "connecting",
        SseStatus::Open => "open",
        SseStatus::Closed(_) => "closed",
        _ => "reconnecting",
    };
    let words = move || match status.get() {
        SseStatus::Open => "Live".to_owned(),
        other => other.to_string(),
    };

    view! {
        <p class="connection" role="status" data-testid="connection" data-state=state>
            {words}
        </p>
    }
}
