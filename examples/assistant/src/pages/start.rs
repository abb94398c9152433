//! Where a conversation begins.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::Begin;
use crate::components::composer::Composer;
use crate::model::Shelf;

/// What a newcomer can ask with one click.
const SUGGESTIONS: [&str; 4] = [
    "Where did the White Rabbit go?",
    "Tell me of the Hatter’s tea",
    "Why is it so late?",
    "What did the Mouse think of the cat?",
];

#[component]
pub fn StartPage() -> impl IntoView {
    let begin = ServerAction::<Begin>::new();
    let shelf = expect_context::<ReadSignal<Shelf>>();
    let navigate = use_navigate();
    Effect::new(move |_| {
        // Once it stands on the shelf here too: a page that does not know of it would say that it is gone.
        if let Some(Ok(id)) = begin.value().get()
            && shelf.read().0.contains_key(&id)
        {
            navigate(&format!("/c/{id}"), NavigateOptions::default());
        }
    });
    let objection = Signal::derive(move || begin.value().get().and_then(Result::err));
    let send = move |prompt, words| _ = begin.dispatch(Begin { prompt, words });
    let draft = RwSignal::new(String::new());

    view! {
        <main class="start">
            <div>
                <h1>"Ask the book"</h1>
                <p class="muted">
                    "It has read three chapters of Alice’s Adventures in Wonderland and answers with words that could have stood there, \
                     one at a time. Open the conversation in a second window, or reload it in the middle of a sentence: every page reads along."
                </p>
                <ul class="suggestions" aria-label="Suggestions">
                    {SUGGESTIONS.into_iter().map(|text| {
                            view! {
                                <li>
                                    <button type="button" on:click=move |_| draft.set(text.to_owned())>
                                        {text}
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
            <Composer action=Begin::url() draft send=Callback::new(move |(prompt, words)| send(prompt, words)) objection />
        </main>
    }
}
