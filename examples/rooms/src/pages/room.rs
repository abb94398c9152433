//! One room: who is in it, what it is about, what is said.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use leptos_sse::use_sse;

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
    let room = use_sse::<Room>().id(move || id.get()).signal();
    let view = RoomView::of(room);
    // A room that may not be seen is refused on the stream and stays as it starts; this is for the words on the page.
    let access = Resource::new(move || id.get(), may_enter);

    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match access.await {
                    Ok(Access::Granted) => EitherOf3::A(view! { <Inside id=id.get() view /> }),
                    Ok(Access::Private) => EitherOf3::B(view! { <Closed text="This room is private" /> }),
                    Ok(Access::Missing) => EitherOf3::B(view! { <Closed text="There is no such room" /> }),
                    Err(objection) => {
                        EitherOf3::C(view! { <p class="objection" role="alert">{objection.to_string()}</p> })
                    }
                }
            })}
        </Suspense>
    }
}

/// The parts of a room, each of which changes by itself. They belong to the page and not to what is inside the suspense: that
/// goes when the id changes, while the room's signal still tells those who read it of the next room.
#[derive(Clone, Copy)]
struct RoomView {
    title: Memo<String>,
    topic: Memo<String>,
    private: Memo<bool>,
    members: Memo<Vec<String>>,
}

impl RoomView {
    fn of(room: ReadSignal<Room>) -> Self {
        Self {
            title: Memo::new(move |_| room.read().title.clone()),
            topic: Memo::new(move |_| room.read().topic.clone()),
            private: Memo::new(move |_| room.read().private),
            members: Memo::new(move |_| room.read().members.iter().cloned().collect()),
        }
    }
}

#[component]
fn Inside(id: String, view: RoomView) -> impl IntoView {
    let RoomView { title, topic, private, members } = view;
    // The document asks for its title once more when the page has gone.
    let document_title = move || match title.try_get().unwrap_or_default() {
        title if title.is_empty() => "Rooms".to_owned(),
        title => format!("{title} · Rooms"),
    };

    view! {
        <Title text=document_title />
        <main class="room">
            <div class="heading">
                <A href="/" {..} class="back" aria-label="Back to the rooms">
                    "‹"
                </A>
                <h1>
                    {title} <Show when=move || private.get()>
                        <Lock />
                    </Show>
                </h1>
                <Topic id=id.clone() topic />
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
