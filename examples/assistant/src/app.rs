//! The document, and what is at which address.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::pages::conversation::ConversationPage;
use crate::pages::frame::Frame;
use crate::pages::start::StartPage;

/// A small picture of an open book, in the page itself: one request less.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='4' fill='%23a43e1d'/%3E\
    %3Cpath d='M3 4.5c2-.8 3.6-.6 5 .6 1.4-1.2 3-1.4 5-.6v7c-2-.8-3.6-.6-5 .6-1.4-1.2-3-1.4-5-.6z' fill='white'/%3E%3C/svg%3E";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);

    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=ICON />
                <link id="leptos" rel="stylesheet" href=style />
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
        <Title text="The assistant" />
        <Router>
            <Routes fallback=|| view! { <p class="lost">"There is nothing here."</p> }>
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=StartPage />
                    <Route path=path!("/c/:id") view=ConversationPage />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
