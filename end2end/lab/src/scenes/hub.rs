//! The scenes of the hub: what is shared by all pages and written by the tests.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_sse::{SseOptions, create_sse_signal, provide_sse, provide_sse_with, use_sse};

use super::{BigView, Status};
use crate::values::{Note, Room, Tally};

/// Counters, as many as are named: first by the page's query, then by a field.
///
/// The query has `with`, names with commas between them; `sse`, the stream's URL; and `credentials`, which go to another
/// origin when it is there.
#[component]
pub fn BoardScene() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let url = query.get("sse").unwrap_or_else(|| "/sse/hub".to_owned());
    let credentials = query.get("credentials").is_some();
    // The waits are short, so that the tests are.
    let options = SseOptions::new().with_credentials(credentials).reconnect_max(std::time::Duration::from_secs(2));
    provide_sse_with(url, options).unwrap();
    let names = query.get("with").unwrap_or_default();

    // Signals that are used for less than a turn of the browser's event loop.
    let owner = Owner::current().expect("a component has an owner");
    let flash = move |_| {
        let moment = owner.child();
        moment.with(|| {
            for number in 0..20 {
                let signal = use_sse::<Tally>().named(format!("flash-{number}")).signal();
                assert_eq!(signal.get_untracked(), Tally::default());
            }
        });
        moment.cleanup();
    };

    view! {
        <Status/>
        <button data-testid="flash" on:click=flash>"flash"</button>
        <Board names/>
    }
}

/// The signal of one room of many, chosen by a field.
#[component]
pub fn RoomScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let chosen = RwSignal::new("1".to_owned());
    let room = use_sse::<Room>().id(move || chosen.get()).signal();
    let text = move || {
        let Room { id, visits } = room.get();
        format!("{}:{id} {visits}", chosen.get())
    };
    view! {
        <Status/>
        <input data-testid="choice" on:input:target=move |event| chosen.set(event.target().value())/>
        <p data-testid="room">{text}</p>
    }
}

/// A feed in each of its forms, beside counters that come and go.
#[component]
pub fn FeedScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let feed = use_sse::<Note>().named("notes").feed();
    let list = feed.list(5);
    let latest = feed.latest();
    let gaps = feed.gaps();
    let told = RwSignal::new(String::new());
    feed.on_event(move |note| told.update(|told| *told += &format!("{note} ")));
    let late = RwSignal::new(false);
    view! {
        <Status/>
        <p data-testid="list">{move || joined(&list.read())}</p>
        <p data-testid="latest">{move || latest.get().map(|note| note.to_string())}</p>
        <p data-testid="gaps">{move || gaps.get()}</p>
        <p data-testid="told">{move || told.get()}</p>
        <button data-testid="toggle-late" on:click=move |_| late.update(|on| *on = !*on)>"late"</button>
        <Show when=move || late.get()>
            <LateReader/>
        </Show>
        <Board names=String::new()/>
    }
}

/// One who comes to the feed later.
#[component]
fn LateReader() -> impl IntoView {
    let list = use_sse::<Note>().named("notes").feed().list(10_000);
    view! { <p data-testid="late">{move || joined(&list.read())}</p> }
}

fn joined(notes: &[Arc<Note>]) -> String {
    notes.iter().map(|note| note.to_string()).collect::<Vec<_>>().join(" ")
}

/// A large value beside a small one, for readers that are slow.
#[component]
pub fn FloodScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    view! {
        <Status/>
        <BigView/>
        <Board names="a".to_owned()/>
    }
}

/// A signal by its type, and one by its name.
#[component]
pub fn SharedScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let shared = create_sse_signal::<Tally>();
    view! {
        <Status/>
        <p data-testid="shared">{move || shared.get().to_string()}</p>
        <TallyView key="a".to_owned()/>
    }
}

/// A field with the names of counters, and the counters.
#[component]
pub fn Board(names: String) -> impl IntoView {
    let names = RwSignal::new(names);
    let keys = move || names.read().split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    view! {
        <input data-testid="names" on:input:target=move |event| names.set(event.target().value())/>
        <For each=keys key=Clone::clone let:key>
            <TallyView key/>
        </For>
    }
}

#[component]
fn TallyView(key: String) -> impl IntoView {
    let tally = use_sse::<Tally>().named(key.clone()).signal();
    view! { <p data-testid=key>{move || tally.get().to_string()}</p> }
}
