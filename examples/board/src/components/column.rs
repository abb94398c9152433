//! A column: its name, how many cards it has, and a place to make one. Its cards lie over it.

use leptos::ev;
use leptos::prelude::*;

use crate::api::add_card;
use crate::components::desk::Desk;
use crate::model::COLUMNS;

#[component]
pub fn Column(column: usize, desk: Desk) -> impl IntoView {
    let title = COLUMNS[column];
    let heading = format!("column-{column}");
    // They are not within it, so those who cannot see where they stand are told that they are its own.
    let owned = move || {
        let cards = desk.layout.read();
        cards.column(column).iter().map(|id| format!("card-{id}")).collect::<Vec<_>>().join(" ")
    };
    let count = move || desk.layout.read().column(column).len();

    let draft = RwSignal::new(String::new());
    let add = Action::new(move |title: &String| {
        let title = title.clone();
        async move {
            match add_card(column, title.clone()).await {
                Ok(_) => desk.objection.set(None),
                Err(objection) => {
                    desk.objection.set(Some(objection));
                    // It is not lost, unless something else was written meanwhile.
                    draft.update(|draft| {
                        if draft.is_empty() {
                            *draft = title
                        }
                    });
                }
            }
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let title = draft.get_untracked();
        if !title.trim().is_empty() {
            draft.set(String::new());
            add.dispatch(title);
        }
    };

    view! {
        <section class="column" aria-labelledby=heading.clone() data-testid=heading.clone()>
            <h2 id=heading.clone()>{title} " " <span class="count">{count}</span></h2>
            <div class="lane" role="list" aria-labelledby=heading.clone() aria-owns=owned></div>
            <form on:submit=submit>
                <input
                    aria-label=format!("A new card in {title}")
                    placeholder="Add a card"
                    maxlength="120"
                    autocomplete="off"
                    enterkeyhint="done"
                    bind:value=draft
                />
            </form>
        </section>
    }
}
