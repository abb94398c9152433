//! An address that nobody knows.

use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn Nothing() -> impl IntoView {
    view! {
        <main class="notice">
            <h1>"There is nothing here."</h1>
            <p>
                <A href="/">"To the rooms"</A>
            </p>
        </main>
    }
}
