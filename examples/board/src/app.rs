//! The document and the one page in it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Stylesheet, Title, provide_meta_context};
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Router, Routes};
use leptos_sse::{create_sse_signal, store::ByKey, use_sse, use_sse_status};

use crate::components::card::CardView;
use crate::components::column::Column;
use crate::components::connection::Connection;
use crate::components::desk::{ACROSS, Desk, GAP, HEIGHT};
use crate::model::{Board, BoardStoreFields, COLUMNS, Looking};

/// A small picture of a board, in the page itself: one request less.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='4' fill='%230e7490'/%3E\
    %3Cpath d='M3 3h2.7v9H3zM6.7 3h2.6v5H6.7zM10.3 3H13v7h-2.7z' fill='white'/%3E%3C/svg%3E";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=ICON />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    leptos_sse::provide_sse("/sse").expect("the address is a valid one");

    view! {
        <Stylesheet id="leptos" href="/pkg/board.css" />
        <Title text="The board" />
        <Router>
            <Routes fallback=|| view! { <p class="lost">"There is nothing here."</p> }>
                <Route path=StaticSegment("") view=BoardPage />
            </Routes>
        </Router>
    }
}

#[component]
fn BoardPage() -> impl IntoView {
    let board = use_sse::<Board>().store();
    let looking = create_sse_signal::<Looking>();
    let desk = Desk::new(board);
    let looks = move || match looking.read().count {
        0 | 1 => "Only you are looking".to_owned(),
        count => format!("{count} are looking"),
    };

    view! {
        <header class="top">
            <h1>"The board"</h1>
            <Connection status=use_sse_status() />
            <p class="looking" data-testid="looking">
                {looks}
            </p>
        </header>
        <main
            style=("--columns", COLUMNS.len().to_string())
            style=("--across", format!("{ACROSS}px"))
            style=("--gap", format!("{GAP}px"))
            style=("--height", format!("{HEIGHT}px"))
        >
            <p id="help" class="help">
                "Drag a card, or choose it with the arrow keys and move it with Shift and an arrow key. Enter opens it."
            </p>
            <div class="board" style=("--rows", move || desk.layout.read().rows().to_string())>
                {(0..COLUMNS.len()).map(|column| view! { <Column column desk /> }).collect_view()}
                // All cards are in one list, whatever their column: so a card that changes its column stays the node it is.
                <div class="cards" role="presentation" node_ref=desk.cards>
                    <For each=move || board.cards().by_key() key=|card| card.key() let:card>
                        <CardView id=card.key() card desk />
                    </For>
                </div>
            </div>
        </main>
        <p class="aside" role="status">
            {desk.said}
        </p>
        <div class="objection" role="alert" data-testid="objection">
            {move || {
                desk.objection
                    .get()
                    .map(|objection| {
                        view! {
                            <p>{objection.to_string()}</p>
                            <button type="button" on:click=move |_| desk.objection.set(None)>
                                "Close"
                            </button>
                        }
                    })
            }}
        </div>
    }
}
