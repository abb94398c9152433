//! The scenes of the first paint: pages whose HTML has the hub's values. One page for every mode of rendering, with signals in
//! all the places where the server and the browser could lose count of each other.

use leptos::prelude::*;
use leptos_sse::{provide_sse, use_sse};

use super::{BigView, Status};
use crate::values::{Room, Tally};

/// The value of `a` as a server function sees it, after a while.
#[server]
pub async fn pause(millis: u64) -> Result<String, ServerFnError> {
    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    let hub = expect_context::<leptos_sse::SseHub>();
    let tally = hub.get_for::<Tally>(leptos_sse::Key::named("a"));
    Ok(tally.map_or_else(|| "none".to_owned(), |tally| tally.get().to_string()))
}

/// Nothing, for which the browser waits until the test lets the answer through.
#[server(endpoint = "released")]
pub async fn released() -> Result<(), ServerFnError> {
    Ok(())
}

/// Counters: at once, twice, not made yet, not for everyone, in what shows and in lists, and in parts that wait for a resource,
/// the first of which is ready last.
#[component]
pub fn PaintScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let blocking = Resource::new_blocking(|| (), |()| pause(10));
    let slow = Resource::new(|| (), |()| pause(200));
    let fast = Resource::new(|| (), |()| pause(50));
    let shown = RwSignal::new(true);
    let names = RwSignal::new(vec!["x", "y"]);

    // A signal that one side alone makes.
    if cfg!(feature = "ssr") {
        let _ = use_sse::<Tally>().named("server-only").signal();
    } else {
        let _ = use_sse::<Tally>().named("browser-only").signal();
    }

    view! {
        <Status/>
        <View key="a"/>
        <View key="a" id="a-again"/>
        <View key="b"/>
        <View key="not-yet"/>
        <View key="secret"/>
        <Suspense fallback=|| "...">
            {move || slow.get().map(|seen| view! {
                <p data-testid="seen">{seen.unwrap_or_default()}</p>
                <View key="slow"/>
                <View key="a" id="a-slow"/>
            })}
        </Suspense>
        <Suspense fallback=|| "...">
            {move || Suspend::new(async move {
                fast.await.ok();
                view! { <View key="fast"/> }
            })}
        </Suspense>
        <Suspense fallback=|| "...">
            {move || blocking.get().map(|_| view! { <View key="blocking"/> })}
        </Suspense>
        <button data-testid="toggle" on:click=move |_| shown.update(|on| *on = !*on)>"toggle"</button>
        <Show when=move || shown.get() fallback=|| view! { <View key="hidden"/> }>
            <View key="shown"/>
        </Show>
        <button data-testid="more" on:click=move |_| names.update(|names| names.push("z"))>"more"</button>
        <For each=move || names.get() key=|name| *name let:name>
            <View key=name/>
        </For>
        <View key="last"/>
    }
}

/// A large value.
#[component]
pub fn PaintedBigScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    view! {
        <Status/>
        <BigView/>
    }
}

/// One room of many, chosen by a field.
#[component]
pub fn PaintedRoomScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let chosen = RwSignal::new("1".to_owned());
    let room = use_sse::<Room>().id(move || chosen.get()).signal();
    view! {
        <Status/>
        <input data-testid="choice" on:input:target=move |event| chosen.set(event.target().value())/>
        <p data-testid="room">{move || format!("{} {}", room.get().id, room.get().visits)}</p>
    }
}

#[component]
fn View(key: &'static str, #[prop(default = key)] id: &'static str) -> impl IntoView {
    let tally = use_sse::<Tally>().named(key).signal();
    view! { <p data-testid=id>{move || tally.get().to_string()}</p> }
}
