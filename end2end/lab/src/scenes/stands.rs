//! Where single signals stand, and the forms of a signal.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_sse::{SseOptions, on_sse_error, provide_sse_with, use_sse};
use std::time::Duration;

use super::Status;
use crate::values::Tally;

/// Counters, as many as the page's query names in `with`: each as an option, with a part of it and where it stands, beside
/// what the page is told of errors.
#[component]
pub fn StandsScene() -> impl IntoView {
    // The waits are short, so that the tests are.
    provide_sse_with("/sse/hub", SseOptions::new().reconnect_max(Duration::from_secs(2))).unwrap();
    let names = use_query_map().get_untracked().get("with").unwrap_or_default();
    let errors = RwSignal::new(String::new());
    on_sse_error(move |error| {
        if let Some(key) = error.key() {
            errors.update(|errors| *errors += &format!("{key}: {}; ", error.error()));
        }
    });
    let more = RwSignal::new(false);
    let stands = names.split(',').map(|name| view! { <StandsView key=name.to_owned()/> }).collect_view();
    view! {
        <Status/>
        {stands}
        <button data-testid="add-more" on:click=move |_| more.set(true)>"more"</button>
        <Show when=move || more.get()>
            <StandsView key="more".to_owned()/>
        </Show>
        <p data-testid="errors">{move || errors.get()}</p>
    }
}

#[component]
fn StandsView(key: String) -> impl IntoView {
    let tally = use_sse::<Tally>().named(key.clone()).option();
    let count = use_sse::<Tally>().named(key.clone()).part::<u32>("/value");
    let stands = use_sse::<Tally>().named(key.clone()).status();
    view! {
        <p data-testid=key.clone()>{move || tally.get().map_or("none".to_owned(), |tally| tally.to_string())}</p>
        <p data-testid=format!("{key}-part")>{move || count.get().map_or("none".to_owned(), |count| count.to_string())}</p>
        <p data-testid=format!("{key}-stands")>{move || stands.get().to_string()}</p>
    }
}
