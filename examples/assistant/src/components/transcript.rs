//! What was said, with the answer that is growing.

use leptos::prelude::*;

use crate::model::{Author, Conversation, State};

#[component]
pub fn Transcript(conversation: ReadSignal<Conversation>) -> impl IntoView {
    let count = Memo::new(move |_| conversation.read().messages.len());

    view! {
        // It scrolls, so the keyboard has to reach it. Its style keeps it at the end while that grows.
        <div class="scroll" tabindex="0" role="region" aria-label="Conversation">
            <ol role="log" aria-live="polite">
                <For each=move || 0..count.get() key=|place| *place let:place>
                    <Entry place conversation />
                </For>
            </ol>
        </div>
    }
}

#[component]
fn Entry(place: usize, conversation: ReadSignal<Conversation>) -> impl IntoView {
    // A conversation of another id may be shorter before its messages have left the page.
    let author = Memo::new(move |_| conversation.read().messages.get(place).map(|message| message.author));
    let state = Memo::new(move |_| conversation.read().messages.get(place).map(|message| message.state));
    let text = Memo::new(move |_| {
        conversation.read().messages.get(place).map(|message| message.text.clone()).unwrap_or_default()
    });
    let writing = move || state.get() == Some(State::Writing);
    let author_name = move || match author.get() {
        Some(Author::Reader) => "You",
        _ => "The book",
    };
    let class = move || match author.get() {
        Some(Author::Reader) => "message reader",
        _ => "message book",
    };
    let id = format!("text-{place}");

    view! {
        // While it is busy a screen reader waits, and then reads it as a whole and not word by word.
        <li class=class class:writing=writing aria-busy=move || writing().to_string()>
            <b class="author">{author_name}</b>
            <p data-testid=id>{text}</p>
            <Show when=move || state.get() == Some(State::Stopped)>
                <p class="note">"Stopped."</p>
            </Show>
        </li>
    }
}
