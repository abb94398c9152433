//! One room: who is in it, what it is about, what is said.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use leptos_sse::create_sse_signal_for;

use crate::api::may_enter;
use crate::components::avatar::Avatar;
use crate::components::chat::Chat;
use crate::components::lock::Lock;
use crate::components::topic::Topic;
use crate::model::{Access, Room};

#[component]
pub fn RoomPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    // A link from one room to the next changes the id alone: one signal follows it from room to room.
    let room = create_sse_signal_for::<Room>(move || id.get());
    // A room that may not be seen is refused on the stream and stays as it starts; this is for the words on the page.
    let access = Resource::new_blocking(move || id.get(), may_enter);

    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match access.await {
                    Ok(Access::Granted) => EitherOf3::A(view! { <Inside id=id.get() room /> }),
                    Ok(Access::Private) => EitherOf3::B(view! { <Closed text="This room is private" /> }),
                    Ok(Access::Missing) => EitherOf3::B(view! { <Closed text="There is no such room" /> }),
                    Err(objection) => EitherOf3::C(view! { <p class="objection" role="alert">{objection.to_string()}</p> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Inside(id: String, room: ReadSignal<Room>) -> impl IntoView {
    let title = Memo::new(move |_| room.read().title.clone());
    let members = Memo::new(move |_| room.read().members.iter().cloned().collect::<Vec<_>>());

    view! {
        <Title text=move || if title.read().is_empty() { "Rooms".into() } else { format!("{} · Rooms", title.read()) } />
        <main class="room">
            <div class="heading">
                <A href="/" {..} class="back" aria-label="Back to the rooms">
                    "‹"
                </A>
                <h1>
                    {title} <Show when=move || room.read().private>
                        <Lock />
                    </Show>
                </h1>
                <Topic id=id.clone() room />
            </div>
            <Chat id />
            <aside aria-labelledby="members">
                <h2 id="members">"Here now"</h2>
                <ul class="members" data-testid="members">
                    <For each=move || members.get() key=Clone::clone let:name>
                        <li>
                            <Avatar name=name.clone() />
                            {name}
                        </li>
                    </For>
                </ul>
            </aside>
        </main>
    }
}

#[component]
fn Closed(text: &'static str) -> impl IntoView {
    view! {
        <Title text=format!("{text} · Rooms") />
        <main class="notice" data-testid="closed">
            <h1>{text} "."</h1>
            <p>
                <A href="/">"To the other rooms"</A>
            </p>
        </main>
    }
}
