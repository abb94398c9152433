//! What is around every page of those who are logged in.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::{A, Outlet, Redirect};
use leptos_sse::{SseStatus, use_sse, use_sse_status};

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

#[component]
fn Guarded(name: String) -> impl IntoView {
    leave_when_logged_out(name.clone());
    view! {
        <Header name />
        <Outlet />
    }
}

/// A logout ends the stream, in this tab or in another one, and so does a bad network: the server knows which it was. The
/// login page is loaded as a new document, so that nothing of this one stays.
fn leave_when_logged_out(name: String) {
    let status = use_sse_status();
    let ask = Action::new(move |(): &()| {
        let name = name.clone();
        async move {
            if let Ok(now) = whoami().await
                && now != Some(name)
            {
                // Nothing is to be done where a browser does not let go of a page.
                let _ = location().replace("/login?notice=ended");
            }
        }
    });
    Effect::new(move |_| {
        if matches!(status.get(), SseStatus::Reconnecting { .. } | SseStatus::Refused { .. }) {
            ask.dispatch(());
        }
    });
}

#[component]
fn Header(name: String) -> impl IntoView {
    let inbox = use_sse::<Inbox>().id(name.clone()).signal();
    let unread = Memo::new(move |_| inbox.read().unread.len());

    // The document asks for its title once more when the page has gone.
    let document_title = move |title: String| match unread.try_get().unwrap_or_default() {
        0 => title,
        unread => format!("({unread}) {title}"),
    };

    view! {
        <Title formatter=document_title />
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
