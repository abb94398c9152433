//! Light or dark: as the system says, until someone says otherwise.

use leptos::prelude::*;

const KEY: &str = "theme";

/// Runs before the first paint, so that a remembered choice does not flash.
pub const RECALL: &str = "try{const theme=localStorage.getItem('theme');\
    if(theme)document.documentElement.dataset.theme=theme}catch{}";

#[component]
pub fn ThemeButton() -> impl IntoView {
    view! {
        <button class="theme" type="button" aria-label="Switch between light and dark" on:click=|_| switch()>
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="7" />
                <path d="M10 3a7 7 0 0 1 0 14z" />
            </svg>
        </button>
    }
}

fn switch() {
    let Some(root) = document().document_element() else {
        return;
    };
    let dark = match root.get_attribute("data-theme") {
        Some(theme) => theme == "dark",
        None => prefers_dark(),
    };
    let theme = if dark { "light" } else { "dark" };
    // Neither is worth a word to the user: without storage, as in some private
    // windows, the choice lasts as long as the page.
    _ = root.set_attribute("data-theme", theme);
    if let Ok(Some(storage)) = window().local_storage() {
        _ = storage.set_item(KEY, theme);
    }
}

fn prefers_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}
