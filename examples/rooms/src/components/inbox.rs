//! What waits for the one who is logged in: a number on every page, and what is behind it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::model::Inbox;

#[component]
pub fn InboxMenu(inbox: ReadSignal<Inbox>) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    let count = Memo::new(move |_| inbox.read().unread.len());
    let numbers = move || inbox.read().unread.keys().rev().copied().collect::<Vec<_>>();
    let words = move || match count.get() {
        0 => "No unread mentions".into(),
        1 => "1 unread mention".into(),
        count => format!("{count} unread mentions"),
    };
    let mention = move |number: u64| {
        let mention = inbox.read_untracked().unread.get(&number).cloned().unwrap_or_default();
        view! {
            <li>
                <A href=format!("/room/{}", mention.room) on:click=move |_| close()>
                    <b>{mention.by}</b>
                    " in "
                    {mention.title}
                    <span class="muted">{mention.text}</span>
                </A>
            </li>
        }
    };

    view! {
        <details
            class="inbox"
            node_ref=details
            on:keydown=move |event: ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    close();
                }
            }
        >
            <summary aria-label=words title=words data-testid="inbox">
                <svg viewBox="0 0 20 20" aria-hidden="true">
                    <path d="M10 3a4.5 4.5 0 0 1 4.5 4.5c0 4 1.5 5 1.5 6H4c0-1 1.5-2 1.5-6A4.5 4.5 0 0 1 10 3zM8.5 16a1.5 1.5 0 0 0 3 0" />
                </svg>
                <Show when=move || { count.get() > 0 }>
                    <span class="count" data-testid="unread">
                        {count}
                    </span>
                </Show>
            </summary>
            <div class="card">
                <p class="small muted" role="status">
                    {words}
                </p>
                <ul>
                    <For each=numbers key=|number| *number children=mention />
                </ul>
            </div>
        </details>
    }
}
