//! A place to ask something, and how long the answer is to be.

use leptos::ev;
use leptos::prelude::*;

use crate::api::Objection;
use crate::model::Conversation;

/// Lengths in words, with their names.
const LENGTHS: [(u32, &str); 3] = [(60, "A paragraph"), (400, "A page"), (2_000, "A chapter")];

/// `send` takes the question and the number of words. The children stand beside the button.
///
/// Before the page is hydrated the form is a plain one, which the browser posts to `action`.
#[component]
pub fn Composer(
    /// The server function that takes the fields `prompt` and `words`, and those of the children.
    action: &'static str,
    draft: RwSignal<String>,
    send: Callback<(String, u32)>,
    objection: Signal<Option<Objection>>,
    /// Whether there is an answer to wait for first.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let words = RwSignal::new(LENGTHS[1].0.to_string());
    let submit = move || {
        let prompt = draft.get_untracked();
        if prompt.trim().is_empty() || busy.get_untracked() {
            return;
        }
        draft.set(String::new());
        send.run((prompt, words.get_untracked().parse().unwrap_or(LENGTHS[1].0)));
    };

    view! {
        <form
            class="composer"
            method="post"
            action=action
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                submit();
            }
        >
            <textarea
                name="prompt"
                rows="1"
                maxlength=Conversation::LONGEST_PROMPT.to_string()
                aria-label="Ask the book"
                placeholder="Ask the book"
                bind:value=draft
                on:keydown=move |event: ev::KeyboardEvent| {
                    // Enter also chooses a word, where words are composed.
                    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                        event.prevent_default();
                        submit();
                    }
                }
            ></textarea>
            <div class="controls">
                <select name="words" aria-label="Length of the answer" bind:value=words>
                    {LENGTHS.into_iter().map(|(words, name)| {
                            view! {
                                <option value=words.to_string() selected=words == LENGTHS[1].0>
                                    {name}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
                {children.map(|children| children())}
                <button class="main" disabled=move || busy.get()>
                    "Ask"
                </button>
            </div>
            <p class="objection" role="alert">
                {move || objection.get().map(|objection| objection.to_string())}
            </p>
        </form>
    }
}
