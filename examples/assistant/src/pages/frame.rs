//! What is around every page: the conversations there are, and whether they are live.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::{use_location, use_navigate};
use leptos_sse::create_sse_signal;

use crate::api::Delete;
use crate::components::connection::Connection;
use crate::model::Shelf;

#[component]
pub fn Frame() -> impl IntoView {
    let shelf = create_sse_signal::<Shelf>();
    provide_context(shelf);
    let ids = Memo::new(move |_| newest_first(&shelf.read()));

    view! {
        <header class="top">
            <A href="/" {..} class="brand">
                "Assistant"
            </A>
            <Connection />
        </header>
        <div class="frame">
            <nav aria-label="Conversations">
                <A href="/" {..} class="new">
                    "New conversation"
                </A>
                <ul data-testid="shelf">
                    <For each=move || ids.get() key=Clone::clone let:id>
                        <Spine id shelf />
                    </For>
                </ul>
            </nav>
            <Outlet />
        </div>
    }
}

fn newest_first(Shelf(entries): &Shelf) -> Vec<String> {
    let mut ids: Vec<_> = entries.iter().map(|(id, entry)| (entry.number, id.clone())).collect();
    ids.sort_by(|one, two| two.cmp(one));
    ids.into_iter().map(|(_, id)| id).collect()
}

/// A conversation as it stands on the shelf.
#[component]
fn Spine(id: String, shelf: ReadSignal<Shelf>) -> impl IntoView {
    let href = format!("/c/{id}");
    let entry = {
        let id = id.clone();
        Memo::new(move |_| shelf.read().0.get(&id).cloned())
    };
    let title = move || entry.read().as_ref().map_or(String::new(), |entry| entry.title.clone());
    let writing = move || entry.read().as_ref().is_some_and(|entry| entry.writing);
    let remove = ServerAction::<Delete>::new();
    let path = use_location().pathname;
    let navigate = use_navigate();
    let own = href.clone();
    let label = move || format!("Delete “{}”", title());

    view! {
        <li class:writing=writing>
            <A href>{title}</A>
            <ActionForm action=remove>
                <input type="hidden" name="id" value=id />
                // The browser submits the form after the click.
                <button
                    type="submit"
                    class="delete"
                    aria-label=label
                    on:click=move |_| {
                        if path.get_untracked() == own {
                            navigate("/", NavigateOptions::default());
                        }
                    }
                >
                    <svg viewBox="0 0 16 16" aria-hidden="true">
                        <path d="M4 4l8 8M12 4l-8 8" />
                    </svg>
                </button>
            </ActionForm>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Entry;

    #[test]
    fn the_newest_conversation_stands_first() {
        let entry = |number| Entry { title: String::new(), number, writing: false };
        let shelf = [("a", 2), ("b", 10), ("c", 1)].map(|(id, number)| (id.to_owned(), entry(number)));
        assert_eq!(newest_first(&Shelf(shelf.into())), ["b", "a", "c"]);
    }
}
