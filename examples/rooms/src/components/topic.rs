//! What a room is about, for every member to change.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::api::ChangeTopic;

#[component]
pub fn Topic(id: String, topic: Memo<String>) -> impl IntoView {
    let editing = RwSignal::new(false);
    let id = StoredValue::new(id);

    view! {
        <div class="topic">
            <Show
                when=move || editing.get()
                fallback=move || {
                    view! {
                        <p data-testid="topic" class:muted=move || topic.read().is_empty()>
                            {move || if topic.read().is_empty() { "No topic yet".into() } else { topic.get() }}
                        </p>
                        <button class="quiet" on:click=move |_| editing.set(true)>
                            "Change topic"
                        </button>
                    }
                }
            >
                <Form id=id.get_value() topic editing />
            </Show>
        </div>
    }
}

/// Begins with the topic of now, and leaves it as it is until it is sent.
#[component]
fn Form(id: String, topic: Memo<String>, editing: RwSignal<bool>) -> impl IntoView {
    let draft = RwSignal::new(topic.get_untracked());
    let change = ServerAction::<ChangeTopic>::new();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            input.select();
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(())) = change.value().get() {
            editing.set(false);
        }
    });
    let objection = move || change.value().get().and_then(Result::err).map(|objection| objection.to_string());

    view! {
        <form
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                change.dispatch(ChangeTopic { room: id.clone(), topic: draft.get() });
            }
            on:keydown=move |event: ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    editing.set(false);
                }
            }
        >
            <input aria-label="Topic" required maxlength="160" autocomplete="off" node_ref=input bind:value=draft />
            <button class="main" disabled=move || change.pending().get()>
                "Save"
            </button>
            <button type="button" on:click=move |_| editing.set(false)>
                "Cancel"
            </button>
            <p class="objection" role="alert">{objection}</p>
        </form>
    }
}
