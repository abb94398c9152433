//! A table as a store: what changes is one text of the page.

use leptos::prelude::*;
use leptos_sse::{provide_sse, store::ByKey, use_sse};

use super::Status;
use super::paint::{pause, released};
use crate::values::{Market, MarketStoreFields, RowStoreFields};

/// One table.
#[component]
pub fn StoreScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    view! {
        <Status/>
        <Table id="rows"/>
    }
}

/// The same table at once, in a part that the server renders late, and in one that the browser makes late.
#[component]
pub fn LateStoreScene() -> impl IntoView {
    provide_sse("/sse/hub").unwrap();
    let slow = Resource::new(|| (), |()| pause(100));
    let local = LocalResource::new(released);
    view! {
        <Status/>
        <Table id="rows"/>
        <Suspense fallback=|| "...">
            {move || Suspend::new(async move {
                slow.await.ok();
                view! { <Table id="slow-rows"/> }
            })}
        </Suspense>
        <Suspense fallback=|| view! { <p data-testid="waiting">"..."</p> }>
            {move || Suspend::new(async move {
                local.await.ok();
                view! { <Table id="local-rows"/> }
            })}
        </Suspense>
    }
}

/// Each row is one text with its id, and one with its price.
#[component]
fn Table(id: &'static str) -> impl IntoView {
    let market = use_sse::<Market>().store();
    view! {
        <ul data-testid=id>
            <For each=move || market.rows().by_key() key=|row| row.key() let:row>
                <li>{row.key()} ":" <b>{move || row.price().get()}</b> " "</li>
            </For>
        </ul>
    }
}
