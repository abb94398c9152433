//! Whether the page is live.

use leptos::prelude::*;
use leptos_sse::{SseStatus, use_sse_status};

#[component]
pub fn Badge() -> impl IntoView {
    let status = use_sse_status();

    view! {
        <p class="badge" role="status" data-state=move || state(&status.read())>
            {move || text(&status.read())}
        </p>
    }
}

/// The name by which the style sheet colours it.
fn state(status: &SseStatus) -> &'static str {
    match status {
        SseStatus::Connecting => "connecting",
        SseStatus::Open => "open",
        SseStatus::Reconnecting { .. } => "reconnecting",
        SseStatus::Closed(_) => "closed",
    }
}

fn text(status: &SseStatus) -> String {
    match status {
        SseStatus::Connecting => "Connecting".into(),
        SseStatus::Open => "Live".into(),
        SseStatus::Reconnecting { attempt, next: None } => format!("Reconnecting, attempt {attempt}"),
        SseStatus::Reconnecting { attempt, next: Some(wait) } => {
            format!("Reconnecting, attempt {attempt} in {:.0} s", wait.as_secs_f64().ceil())
        }
        SseStatus::Closed(why) => format!("Closed: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_badge_says_when_the_next_attempt_is() {
        let next = Some(Duration::from_millis(3_200));
        assert_eq!(text(&SseStatus::Reconnecting { attempt: 2, next }), "Reconnecting, attempt 2 in 4 s");
        assert_eq!(text(&SseStatus::Reconnecting { attempt: 2, next: None }), "Reconnecting, attempt 2");
    }
}
