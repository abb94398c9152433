//! What stands on a card, to be changed; and the ways to move it without dragging.

use leptos::ev;
use leptos::html::Textarea;
use leptos::prelude::*;

use crate::api::{delete_card, edit_card};
use crate::components::desk::{Desk, focus};
use crate::layout::Direction;
use crate::model::Label;

/// Begins with the card of now, and leaves what is written in it alone, whatever others do with the card meanwhile.
#[component]
pub fn Editor(
    id: u32,
    title: Signal<String>,
    who: Signal<String>,
    label: Signal<Label>,
    desk: Desk,
    close: Callback<()>,
) -> impl IntoView {
    let new_title = RwSignal::new(title.get_untracked());
    let new_who = RwSignal::new(who.get_untracked());
    let now = label.get_untracked();
    let new_label = RwSignal::new(now.name().to_owned());
    let field = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.select();
        }
    });

    let save = Action::new(move |(): &()| async move {
        let label = new_label.get_untracked().parse().unwrap_or_default();
        match edit_card(id, new_title.get_untracked(), new_who.get_untracked(), label).await {
            Ok(()) => {
                desk.objection.set(None);
                close.run(());
            }
            Err(objection) => desk.objection.set(Some(objection)),
        }
    });
    let delete = Action::new(move |(): &()| async move {
        let layout = desk.layout.get_untracked();
        let next = layout.neighbour(id, Direction::Down).or(layout.neighbour(id, Direction::Up));
        let answer = delete_card(id).await;
        if answer.is_ok() {
            focus(next);
        }
        desk.objection.set(answer.err());
    });
    let key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" => close.run(()),
        // Enter also chooses a word, where words are composed.
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            save.dispatch(());
        }
        _ => {}
    };
    let arrow = move |direction, name: &'static str, sign: &'static str| {
        let can_go = move || desk.layout.read().step(id, direction).is_some();
        view! {
            <button
                type="button"
                aria-label=name
                // Not `disabled`, which would take the focus away at the edge of the board.
                aria-disabled=move || (!can_go()).to_string()
                on:click=move |_| desk.step(id, &title.get_untracked(), direction)
            >
                {sign}
            </button>
        }
    };

    view! {
        <form
            class="editor"
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                save.dispatch(());
            }
        >
            <textarea
                rows="2"
                aria-label="Title"
                maxlength="120"
                enterkeyhint="done"
                node_ref=field
                bind:value=new_title
                on:keydown=key
            ></textarea>
            <div class="row">
                <input
                    aria-label="Whose it is"
                    placeholder="Whose?"
                    maxlength="24"
                    autocomplete="off"
                    bind:value=new_who
                    on:keydown=key
                />
                <select
                    aria-label="Label"
                    on:change:target=move |event| new_label.set(event.target().value())
                >
                    {Label::ALL
                        .map(|label| {
                            view! {
                                <option value=label.name() selected=label == now>
                                    {label.to_string()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <div class="row" role="group" aria-label="Move the card">
                {arrow(Direction::Left, "To the column on the left", "←")}
                {arrow(Direction::Up, "Up", "↑")} {arrow(Direction::Down, "Down", "↓")}
                {arrow(Direction::Right, "To the column on the right", "→")}
            </div>
            <div class="row">
                <button class="main" disabled=move || save.pending().get()>
                    "Save"
                </button>
                <button type="button" on:click=move |_| close.run(())>
                    "Cancel"
                </button>
                <button
                    class="delete"
                    type="button"
                    on:click=move |_| {
                        delete.dispatch(());
                    }
                >
                    "Delete"
                </button>
            </div>
        </form>
    }
}
