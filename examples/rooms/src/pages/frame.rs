//! What is around every page of those who are logged in.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Outlet, Redirect};
use leptos_sse::{SseStatus, create_sse_signal_for, use_sse_status};

use crate::api::whoami;
use crate::app::Visitor;
use crate::components::avatar::Avatar;
use crate::components::connection::Connection;
use crate::components::inbox::InboxMenu;
use crate::model::Inbox;

#[component]
pub fn Frame() -> impl IntoView {
    match expect_context::<Visitor>().0 {
        Some(name) => Either::Left(view! { <Guarded name /> }),
        None => Either::Right(view! { <Redirect path="/login" /> }),
    }
}

/// Everything is taken away from who is logged out meanwhile, here or in another tab. With it go all signals, and with the
/// last of them the connection, which would otherwise try again and again.
#[component]
fn Guarded(name: String) -> impl IntoView {
    let name = StoredValue::new(name);
    let out = RwSignal::new(false);
    let status = use_sse_status();
    // A logout ends the stream, and so does a bad network: the server knows which it was.
    let ask = Action::new(move |(): &()| async move {
        if let Ok(now) = whoami().await {
            out.set(now != Some(name.get_value()));
        }
    });
    Effect::new(move |_| {
        if matches!(status.get(), SseStatus::Reconnecting { .. }) {
            ask.dispatch(());
        }
    });

    view! {
        <Show when=move || !out.get() fallback=LoggedOut>
            <Header name=name.get_value() />
            <Outlet />
        </Show>
    }
}

#[component]
fn Header(name: String) -> impl IntoView {
    let inbox = create_sse_signal_for::<Inbox>(name.clone());
    let unread = Memo::new(move |_| inbox.read().unread.len());

    view! {
        <Title formatter=move |title: String| match unread.get() {
            0 => title,
            unread => format!("({unread}) {title}"),
        } />
        <header class="top">
            <A href="/" {..} class="brand">
                "Rooms"
            </A>
            <Connection />
            <InboxMenu inbox />
            <span class="me" data-testid="me">
                <Avatar name=name.clone() />
                <span>{name}</span>
            </span>
            // A plain form: the answer is another document, and this one's streams have ended.
            <form method="post" action="/logout">
                <button>"Log out"</button>
            </form>
        </header>
    }
    .into_any()
}

#[component]
fn LoggedOut() -> impl IntoView {
    view! {
        <main class="notice" role="alert" data-testid="logged-out">
            <h1>"You are logged out."</h1>
            <p>"This page is no longer live."</p>
            <p>
                <a href="/login" rel="external">
                    "Log in again"
                </a>
            </p>
        </main>
    }
}
