//! One conversation: what was said, and what is being said.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use leptos_sse::use_sse;

use crate::api::{Ask, Stop};
use crate::components::composer::Composer;
use crate::components::meter::Meter;
use crate::components::transcript::Transcript;
use crate::model::{Conversation, Shelf};

#[component]
pub fn ConversationPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    // A link from one conversation to the next changes the id alone: one signal follows it.
    let conversation = use_sse::<Conversation>().id(move || id.get()).signal();
    let shelf = expect_context::<ReadSignal<Shelf>>();
    // The document asks for its title once more when the page has gone.
    let title = move || {
        let id = id.try_get().unwrap_or_default();
        shelf.try_with(|shelf| shelf.0.get(&id).map(|entry| entry.title.clone())).flatten().unwrap_or_default()
    };
    let is_gone = Memo::new(move |_| !shelf.read().0.contains_key(&*id.read()));

    view! {
        <Title text=title formatter=|title: String| if title.is_empty() { "The assistant".into() } else { format!("{title} · Assistant") } />
        <Show
            when=move || !is_gone.get()
            fallback=|| {
                view! {
                    <main class="lost" data-testid="gone">
                        <h1>"This conversation is gone."</h1>
                        <p>
                            <A href="/">"Begin another one"</A>
                        </p>
                    </main>
                }
            }
        >
            <main class="conversation">
                <Transcript conversation />
                <Meter id conversation />
                <Asking id conversation />
            </main>
        </Show>
    }
}

/// A place for the next question, and the end of the answer that is being written.
#[component]
fn Asking(id: Memo<String>, conversation: ReadSignal<Conversation>) -> impl IntoView {
    let ask = ServerAction::<Ask>::new();
    let stop = ServerAction::<Stop>::new();
    let writing = Memo::new(move |_| conversation.read().writing().is_some());
    let objection = Signal::derive(move || {
        let asked = ask.value().get().and_then(Result::err);
        asked.or_else(|| stop.value().get().and_then(Result::err))
    });
    let send = Callback::new(move |(prompt, words)| {
        ask.dispatch(Ask { id: id.get_untracked(), prompt, words });
    });

    view! {
        // The answer is written while the page is still loading, so "Stop" has to work before the page is hydrated.
        <ActionForm action=stop attr:id="stop" attr:hidden=true>
            <input type="hidden" name="id" value=move || id.get() />
        </ActionForm>
        <Composer action=Ask::url() draft=RwSignal::new(String::new()) send objection busy=writing>
            <input type="hidden" name="id" value=move || id.get() />
            <Show when=move || writing.get()>
                <button type="submit" form="stop" class="stop" data-testid="stop">
                    "Stop"
                </button>
            </Show>
        </Composer>
    }
}
