//! The rooms that there are, and a form that makes one.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use leptos_sse::create_sse_signal;

use crate::api::OpenRoom;
use crate::components::lock::Lock;
use crate::model::Lobby;

#[component]
pub fn LobbyPage() -> impl IntoView {
    let lobby = create_sse_signal::<Lobby>();
    let ids = Memo::new(move |_| lobby.read().rooms.keys().cloned().collect::<Vec<_>>());

    view! {
        <main class="lobby">
            <h1>"Rooms"</h1>
            <ul class="rooms" aria-label="Rooms">
                <For each=move || ids.get() key=Clone::clone let:id>
                    <RoomCard id lobby />
                </For>
            </ul>
            <NewRoom />
        </main>
    }
}

#[component]
fn RoomCard(id: String, lobby: ReadSignal<Lobby>) -> impl IntoView {
    let href = format!("/room/{id}");
    let (card_id, inside_id) = (format!("card-{id}"), format!("inside-{id}"));
    let card = Memo::new(move |_| lobby.read().rooms.get(&id).cloned().unwrap_or_default());
    let inside = Memo::new(move |_| card.read().inside);
    let topic = move || match card.read().topic.clone() {
        Some(topic) => topic,
        None => "For those who were asked in.".into(),
    };
    let count = move || match inside.get() {
        0 => "nobody inside".into(),
        1 => "1 person inside".into(),
        count => format!("{count} people inside"),
    };

    view! {
        <li data-testid=card_id>
            <A href {..} class="card">
                <h2>
                    {move || card.read().title.clone()} <Show when=move || card.read().private>
                        <Lock />
                    </Show>
                </h2>
                <p class="muted">{topic}</p>
                <p class="inside" class:nobody=move || inside.get() == 0 data-testid=inside_id>
                    {count}
                </p>
            </A>
        </li>
    }
}

#[component]
fn NewRoom() -> impl IntoView {
    let open = ServerAction::<OpenRoom>::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(id)) = open.value().get() {
            navigate(&format!("/room/{id}"), NavigateOptions::default());
        }
    });
    let objection = move || open.value().get().and_then(Result::err).map(|objection| objection.to_string());

    view! {
        <section class="card new" aria-labelledby="new">
            <h2 id="new">"A new room"</h2>
            <ActionForm action=open>
                <label for="title">"Name of the room"</label>
                <input id="title" name="title" required maxlength="40" autocomplete="off" />
                <label for="guests">
                    "Only for " <span class="muted">"(names; leave it empty for everyone)"</span>
                </label>
                <input id="guests" name="guests" maxlength="400" autocomplete="off" autocapitalize="none" />
                <button class="main" disabled=move || open.pending().get()>
                    "Make the room"
                </button>
                <p class="objection" role="alert">{objection}</p>
            </ActionForm>
        </section>
    }
}
