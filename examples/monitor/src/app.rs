//! The document and the one page in it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Stylesheet, Title, provide_meta_context};
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Router, Routes};
use leptos_sse::{SseStatus, create_sse_signal, use_sse_status};

use crate::components::badge::Badge;
use crate::components::bars::{Cores, Disks};
use crate::components::gauges::{Cpu, Memory, Network};
use crate::components::processes::ProcessTable;
use crate::components::system::{Host, Load, System};
use crate::components::theme::{self, ThemeButton};
use crate::model::{History, Machine, Processes};

/// A small picture of a chart, in the page itself: one request less.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E\
    %3Cpath d='M3 10h2l2-5 2 7 2-4h2' fill='none' stroke='white' stroke-width='1.5' \
    stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=ICON />
                <script inner_html=theme::RECALL></script>
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
        <Stylesheet href="/pkg/monitor.css" />
        <Router>
            <Routes fallback=|| view! { <p class="lost">"There is nothing here."</p> }>
                <Route path=StaticSegment("") view=Dashboard />
            </Routes>
        </Router>
    }
}

#[component]
fn Dashboard() -> impl IntoView {
    let machine = create_sse_signal::<Machine>();
    let history = create_sse_signal::<History>();
    let processes = create_sse_signal::<Processes>();
    let status = use_sse_status();
    // Nobody should take old values for the present.
    let stale = move || {
        matches!(status.get(), SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } | SseStatus::Closed(_))
    };

    view! {
        <Title text=move || machine.with(|machine| machine.host.clone()) />
        <header class="top">
            <Host machine />
            <Badge status />
            <ThemeButton />
        </header>
        <main class="board" class:stale=stale>
            <Cpu history />
            <Memory machine history />
            <Network history />
            <div class="side">
                <Cores history />
                <Load machine />
                <Disks machine />
                <System machine processes />
            </div>
            <ProcessTable machine processes />
        </main>
    }
}
