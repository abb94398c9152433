//! The sign of a private room.

use leptos::prelude::*;

#[component]
pub fn Lock() -> impl IntoView {
    view! {
        <svg class="lock" viewBox="0 0 16 16" role="img" aria-label="private">
            <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2" />
            <rect x="3" y="7" width="10" height="7" rx="1.5" />
        </svg>
    }
}
