//! Many tabs on one stream.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_sse::{SseOptions, provide_sse_with, use_sse};

use super::{Status, hub::Board};
use crate::values::Note;

/// Counters and a feed, on a stream that the tabs share; on one of its own with `alone` in the query.
///
/// The query has `with`, names of counters with commas between them; and `sse`, the stream's URL.
#[component]
pub fn TabsScene() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let url = query.get("sse").unwrap_or_else(|| "/sse/hub".to_owned());
    let shares = query.get("alone").is_none();
    let options = SseOptions::new().share_tabs(shares).reconnect_max(std::time::Duration::from_secs(2));
    provide_sse_with(url, options).unwrap();

    let feed = use_sse::<Note>().named("notes").feed();
    let gaps = feed.gaps();
    let told = RwSignal::new(String::new());
    feed.on_event(move |note| told.update(|told| *told += &format!("{note} ")));

    view! {
        <Status/>
        <p data-testid="gaps">{move || gaps.get()}</p>
        <p data-testid="told">{move || told.get()}</p>
        <Board names=query.get("with").unwrap_or_default()/>
    }
}
