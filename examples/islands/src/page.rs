//! The page, as the server writes it. The browser shows it as it is, and wakes up the islands in it.

use leptos::prelude::*;
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Router, Routes};

use crate::islands::{InTheShop, LatestSale, Price, Stock};
use crate::shop::TEAS;

/// A small picture of a cup, in the page itself: one request less.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='4' fill='%237c4a21'/%3E\
    %3Cpath d='M3 6h8v3a4 4 0 0 1-8 0z' fill='white'/%3E\
    %3Cpath d='M11 7h1a1.3 1.3 0 0 1 0 2.6h-1.2' fill='none' stroke='white'/%3E%3C/svg%3E";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);

    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>"A tea shop of islands"</title>
                <link rel="icon" href=ICON />
                <link id="leptos" rel="stylesheet" href=style />
                <AutoReload options=options.clone() />
                <HydrationScripts options islands=true />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <p class="lead">"There is nothing here."</p> }>
                <Route path=StaticSegment("") view=Shop />
            </Routes>
        </Router>
    }
}

#[component]
fn Shop() -> impl IntoView {
    view! {
        <header>
            <h1>"Leaf & Kettle"</h1>
            <InTheShop />
        </header>
        <main>
            <p class="lead">
                "Four teas, weighed by hand. What you read here is plain HTML, written once by the server; prices, shelves, the \
                number of visitors and the till are alive."
            </p>
            <div class="teas">
                {TEAS
                    .iter()
                    .map(|tea| {
                        view! {
                            <article style=("--cup", tea.colour)>
                                <h2>{tea.name}</h2>
                                <p class="origin">{tea.origin}</p>
                                <p class="text">{tea.text}</p>
                                <Price tea=tea.id.to_owned() />
                                <Stock tea=tea.id.to_owned() />
                            </article>
                        }
                    })
                    .collect_view()}
            </div>
        </main>
        <footer>
            <LatestSale />
            <p>"Open it in a second window, and buy something."</p>
        </footer>
    }
}
