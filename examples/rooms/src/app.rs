//! The document, and what is at which address.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use serde::{Deserialize, Serialize};

use crate::pages::frame::Frame;
use crate::pages::lobby::LobbyPage;
use crate::pages::login::LoginPage;
use crate::pages::nothing::Nothing;
use crate::pages::room::RoomPage;

/// A small picture of two speech bubbles, in the page itself: one request less.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='4' fill='%234f46e5'/%3E\
    %3Cpath d='M3 4h7v5H6l-2 2V9H3z' fill='white'/%3E\
    %3Cpath d='M8 10h4v-4h1v5h-1v2l-2-2H8z' fill='white' opacity='.65'/%3E%3C/svg%3E";

/// Who looks at this page: none when they are not logged in. It stays the same for as long as the document does, since to
/// log in and out loads another one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Visitor(pub Option<String>);

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
    // The server knows it by the cookie, which no script can read; the page is told.
    let visitor = SharedValue::new(|| use_context::<Visitor>().unwrap_or_default());
    provide_context(visitor.into_inner());

    view! {
        <Title text="Rooms" />
        <Router>
            <Routes fallback=Nothing>
                <Route path=path!("/login") view=LoginPage />
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=LobbyPage />
                    // Whole at once, so that it needs no script to say that a room is private.
                    <Route path=path!("/room/:id") view=RoomPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
