//! A card. Its element lives as long as the card does: a move changes two numbers of its style.

use leptos::ev;
use leptos::html::Article;
use leptos::prelude::*;
use reactive_stores::Field;

use crate::components::desk::{Desk, focus};
use crate::components::drag::Drag;
use crate::components::editor::Editor;
use crate::layout::{Direction, Slot};
use crate::model::{Card, CardStoreFields, Label};

#[component]
pub fn CardView(id: u32, #[prop(into)] card: Field<Card>, desk: Desk) -> impl IntoView {
    // Each is told of by itself: a move runs none of them.
    let title = Signal::derive(move || card.title().get());
    let who = Signal::derive(move || card.who().get());
    let label = Signal::derive(move || card.label().get());

    let slot = Memo::new(move |before: Option<&Slot>| {
        // A card that is just being removed stays where it was.
        desk.layout.read().slot(id).or(before.copied()).unwrap_or_default()
    });
    let lifted = Memo::new(move |_| desk.lifted.get().filter(|lifted| lifted.card == id));
    let pixels = |pixels: Option<f64>| format!("{}px", pixels.unwrap_or_default().round());
    let tab_index = move || if desk.current.get() == Some(id) { "0" } else { "-1" };

    let element = NodeRef::<Article>::new();
    let editing = RwSignal::new(false);
    let close = move || {
        editing.set(false);
        if let Some(element) = element.get_untracked() {
            _ = element.focus();
        }
    };
    let drag = Drag::new(id, desk);
    // Someone may delete a card that is in somebody else's hand.
    on_cleanup(move || drag.cancel());

    let key = move |event: ev::KeyboardEvent| {
        // Not what is typed into a field of the card.
        if event.target() != event.current_target() {
            return;
        }
        match (event.key().as_str(), Direction::of_key(&event.key())) {
            (_, Some(direction)) if event.shift_key() => desk.step(id, &title.get_untracked(), direction),
            (_, Some(direction)) => focus(desk.layout.read_untracked().neighbour(id, direction)),
            ("Enter" | "F2", _) => editing.set(true),
            ("Escape", _) => drag.cancel(),
            _ => return,
        }
        event.prevent_default();
    };

    view! {
        <article
            class="card"
            class:lifted=move || lifted.read().is_some()
            class:open=editing
            id=format!("card-{id}")
            role="listitem"
            aria-describedby="help"
            tabindex=tab_index
            data-label=move || label.get().name()
            style=("--column", move || slot.read().column.to_string())
            style=("--row", move || slot.read().row.to_string())
            style=("--x", move || pixels(lifted.read().map(|lifted| lifted.x)))
            style=("--y", move || pixels(lifted.read().map(|lifted| lifted.y)))
            node_ref=element
            on:focusin=move |_| desk.choose(id)
            on:keydown=key
            on:dblclick=move |_| editing.set(true)
            on:pointerdown=move |event| {
                if !editing.get_untracked() {
                    drag.begin(&event);
                }
            }
            on:pointermove=move |event| drag.go_on(&event)
            on:pointerup=move |event| drag.put_down(&event)
            on:pointercancel=move |event| drag.lose(&event)
            on:lostpointercapture=move |event| drag.lose(&event)
        >
            <Show
                when=move || editing.get()
                fallback=move || {
                    view! {
                        <p class="title">{title}</p>
                        <p class="facts">
                            <span class="label" class:none=move || label.get() == Label::Plain>
                                {move || label.get().to_string()}
                            </span>
                            <span class="who">{who}</span>
                        </p>
                        <button
                            class="edit"
                            type="button"
                            tabindex=tab_index
                            aria-label=move || format!("Edit {}", title.get())
                            on:click=move |_| editing.set(true)
                        >
                            <svg viewBox="0 0 16 16" aria-hidden="true">
                                <path d="M3 13l.7-3L10.5 3.2a1.4 1.4 0 0 1 2 0l.3.3a1.4 1.4 0 0 1 0 2L6 12.3z" />
                            </svg>
                        </button>
                        <span class="handle" aria-hidden="true"></span>
                    }
                }
            >
                <Editor id title who label desk close=Callback::new(move |()| close()) />
            </Show>
        </article>
    }
}
