//! The scene of the options: how the server is asked, and what the page is told.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_sse::{SseContext, SseOptions, provide_sse_with, use_sse};

use super::Status;
use super::hub::Board;
use crate::values::Tally;

/// Counters over a connection whose options the page's query has.
///
/// `sse` is the stream's URL and `base` what it starts from; `token` goes into a header; `hidden` is after how many
/// milliseconds out of sight the connection is closed; `post` has many keys go by POST, and `many` is how many there are
/// beside those that `with` names.
#[component]
pub fn TransportScene() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let token = RwSignal::new(query.get("token").unwrap_or_default());
    let news = RwSignal::new(String::new());
    let tell = move |text: String| news.update(|news| *news += &text);
    // The waits are short, so that the tests are.
    let mut options = SseOptions::new()
        .reconnect_max(Duration::from_secs(2))
        .on_open(move || tell("open ".to_owned()))
        .on_close(move |why| tell(format!("close({why}) ")))
        .on_reconnect(move |attempt| tell(format!("attempt({attempt}) ")))
        .on_error(move |error| tell(format!("error({:?}) ", error.error().status())))
        .post(query.get("post").is_some());
    if query.get("token").is_some() {
        options = options.headers(move || vec![("authorization".to_owned(), format!("Bearer {}", token.get()))]);
    }
    if let Some(base) = query.get("base") {
        options = options.base_url(base);
    }
    if let Some(millis) = query.get("hidden").and_then(|millis| millis.parse().ok()) {
        options = options.close_when_hidden(Duration::from_millis(millis));
    }
    provide_sse_with(query.get("sse").unwrap_or_else(|| "/sse/hub".to_owned()), options).unwrap();

    let context = expect_context::<SseContext>();
    let is_native = {
        let context = context.clone();
        move || if context.event_source().is_some() { "EventSource" } else { "none" }
    };
    let many = query.get("many").and_then(|many| many.parse().ok()).unwrap_or(0);
    view! {
        <Status/>
        <p data-testid="news">{move || news.get()}</p>
        <p data-testid="source">{is_native}</p>
        <input data-testid="token" on:input:target=move |event| token.set(event.target().value())/>
        <button data-testid="reconnect" on:click=move |_| context.reconnect()>"reconnect"</button>
        <Many many/>
        <Board names=query.get("with").unwrap_or_default()/>
    }
}

/// So many counters with names of a hundred letters, and how many of them have a value.
#[component]
fn Many(many: u32) -> impl IntoView {
    let name = |number| format!("{number:0100}");
    let all: Vec<_> = (0..many).map(|number| use_sse::<Tally>().named(name(number)).signal()).collect();
    let live = move || all.iter().filter(|tally| tally.read().value > 0).count();
    view! { <p data-testid="many">{live}</p> }
}
