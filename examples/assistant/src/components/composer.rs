//! A place to ask something, and how long the answer is to be.

use leptos::ev;
use leptos::prelude::*;

use crate::api::Objection;
use crate::model::Conversation;

/// Lengths in words, with their names.
const LENGTHS: [(u32, &str); 3] = [(60, "A paragraph"), (400, "A page"), (2_000, "A chapter")];

/// `send` takes the question and the number of words. What is within it stands beside the button.
#[component]
pub fn Composer(
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
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                submit();
            }
        >
            <textarea
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
                <select aria-label="Length of the answer" bind:value=words>
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
