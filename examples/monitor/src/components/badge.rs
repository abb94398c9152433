//! Whether the page is live.

use std::time::Duration;

use leptos::prelude::*;
use leptos_sse::SseStatus;

#[component]
pub fn Badge(status: ReadSignal<SseStatus>) -> impl IntoView {
    let seconds = RwSignal::new(0);
    // Runs in the browser alone, again for each wait; the one before is cleaned up.
    Effect::new(move |_| {
        let Some(wait) = wait(&status.read()) else {
            return;
        };
        seconds.set(wait);
        let tick = move || seconds.update(|seconds: &mut u64| *seconds = seconds.saturating_sub(1));
        if let Ok(interval) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || interval.clear());
        }
    });
    // Hidden, as a screen reader would say every second of it.
    let countdown =
        move || wait(&status.read()).map(|_| view! { <span aria-hidden="true">" in " {seconds} " s"</span> });

    view! {
        <p class="badge" role="status" data-state=move || state(&status.read())>
            {move || text(&status.read())} {countdown}
        </p>
    }
}

/// The name by which the style sheet colours it.
fn state(status: &SseStatus) -> &'static str {
    match status {
        SseStatus::Connecting => "connecting",
        SseStatus::Open => "open",
        SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } => "reconnecting",
        SseStatus::Closed(_) => "closed",
    }
}

fn text(status: &SseStatus) -> String {
    match status {
        SseStatus::Connecting => "Connecting".into(),
        SseStatus::Open => "Live".into(),
        SseStatus::Reconnecting { attempt, .. } => format!("Reconnecting, attempt {attempt}"),
        SseStatus::Refused { status, .. } => format!("Refused with {status}"),
        SseStatus::Closed(why) => format!("Closed: {why}"),
    }
}

/// Seconds until the next attempt, when one is waited for.
fn wait(status: &SseStatus) -> Option<u64> {
    match status {
        SseStatus::Reconnecting { next: Some(wait), .. } | SseStatus::Refused { next: Some(wait), .. } => {
            Some(wait.as_secs_f64().ceil() as u64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds() {
        let waiting = SseStatus::Reconnecting { attempt: 2, next: Some(Duration::from_millis(3_200)) };
        assert_eq!(text(&waiting), "Reconnecting, attempt 2");
        assert_eq!(wait(&waiting), Some(4));
    }

    #[test]
    fn an_attempt_under_way_is_not_waited_for() {
        let trying = SseStatus::Reconnecting { attempt: 2, next: None };
        assert_eq!(wait(&trying), None);
        assert_eq!(wait(&SseStatus::Open), None);
    }
}
