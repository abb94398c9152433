//! Where one says who one is: a plain form, which works without any script.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn LoginPage() -> impl IntoView {
    let query = use_query_map();
    let notice = move || match query.read().get_str("notice") {
        Some("out") => Some("You are logged out."),
        Some("ended") => Some("You were logged out. Log in to come back."),
        Some("name") => Some("A name has 2 to 20 letters or digits, and begins with a letter."),
        Some("unavailable") => Some("Nobody can be let in just now. Please try again later."),
        _ => None,
    };

    view! {
        <Title text="Log in · Rooms" />
        <main class="login">
            <form class="card" method="post" action="/login">
                <h1 class="brand">"Rooms"</h1>
                <p class="muted">"A small chat, in which everything is live."</p>
                <p class="said" role="status" data-testid="notice">{notice}</p>
                <label for="name">"Your name"</label>
                <input
                    id="name"
                    name="name"
                    required
                    minlength="2"
                    maxlength="20"
                    pattern="[A-Za-z][A-Za-z0-9_\\-]+"
                    title="Letters, digits, - and _, from a letter on"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus
                />
                <button class="main">"Come in"</button>
                <p class="small muted">
                    "There is no password: this is a demonstration, and whoever says a name is taken at their word. "
                    "As " <b>"ada"</b> " or " <b>"grace"</b> " you may enter the lab."
                </p>
            </form>
        </main>
    }
}
