//! The page.

use leptos::prelude::*;
use leptos::server_fn::client::try_set_server_url;
use leptos_sse::{SseOptions, SseStatus, create_sse_signal, provide_sse_with, use_sse_status};

use crate::api::Run;
use crate::components::connection::Connection;
use crate::components::job::JobRow;
use crate::model::{Board, State, bytes};

/// Where the server is, unless the page says otherwise.
const SERVER: &str = "http://127.0.0.1:3001";

#[component]
pub fn App() -> impl IntoView {
    let server = server();
    // It wants to be told once, and for as long as there is a page. A second page in one process would be told the same.
    _ = try_set_server_url(server.clone().leak());

    match provide_sse_with("/sse", SseOptions::new().base_url(&server)) {
        Ok(()) => view! { <Dashboard server /> }.into_any(),
        Err(error) => view! { <p class="objection">{error.to_string()}</p> }.into_any(),
    }
}

/// The address in the document, `<meta name="server" content="…">`.
fn server() -> String {
    let meta = document().query_selector("meta[name=server]").ok().flatten();
    let address = meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_else(|| SERVER.to_owned());
    address.trim_end_matches('/').to_owned()
}

#[component]
fn Dashboard(server: String) -> impl IntoView {
    let board = create_sse_signal::<Board>();
    let status = use_sse_status();
    let run = ServerAction::<Run>::new();
    let folders = Memo::new(move |_| board.read().jobs.keys().cloned().collect::<Vec<_>>());
    // Nobody should take old values for the present.
    let is_stale = move || matches!(status.get(), SseStatus::Reconnecting { .. } | SseStatus::Closed(_));
    let is_idle = Memo::new(move |_| board.read().jobs.values().any(|job| !job.state.is_busy()));
    let count =
        move |wanted: fn(&State) -> bool| move || board.read().jobs.values().filter(|job| wanted(&job.state)).count();
    let read = move || bytes(board.read().jobs.values().map(|job| job.bytes_done).sum());
    let objection = move || run.value().get().and_then(Result::err).map(|error| error.to_string());

    view! {
        <header class="top">
            <h1>"Checksums"</h1>
            <Connection />
            <button
                class="main"
                data-testid="run-all"
                disabled=move || !is_idle.get()
                on:click=move |_| _ = run.dispatch(Run { folder: None })
            >
                "Run all"
            </button>
        </header>
        <main class:stale=is_stale>
            <p class="about">
                "Every file below " <code data-testid="root">{move || board.read().root.clone()}</code>
                ", read on " <code>{server}</code> ", " {move || board.read().workers} " folders at a time."
            </p>
            <p class="objection" role="alert">
                {objection}
            </p>
            <dl class="sums">
                <div>
                    <dt>"Running"</dt>
                    <dd data-testid="running">{count(|state| *state == State::Running)}</dd>
                </div>
                <div>
                    <dt>"Queued"</dt>
                    <dd>{count(|state| *state == State::Queued)}</dd>
                </div>
                <div>
                    <dt>"Done"</dt>
                    <dd data-testid="done">{count(|state| *state == State::Done)}</dd>
                </div>
                <div>
                    <dt>"Read"</dt>
                    <dd>{read}</dd>
                </div>
            </dl>
            <ul class="jobs" aria-label="Folders">
                <For each=move || folders.get() key=Clone::clone let:folder>
                    <JobRow folder board />
                </For>
            </ul>
        </main>
    }
}
