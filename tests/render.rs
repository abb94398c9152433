//! What the server writes into a page.

use futures::{StreamExt, executor::block_on};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::prelude::*;
use leptos_sse::{create_sse_signal_named, provide_sse, provide_sse_value_named, use_sse_status};
use std::sync::Arc;

fn page() -> impl IntoView {
    let value = || create_sse_signal_named::<String>("name").get_untracked();
    view! { <p>{value()}</p> <p>{value()}</p> }
}

#[test]
fn a_page_starts_with_the_provided_value_wherever_it_is_asked_for() {
    let html = Owner::new().with(|| {
        provide_sse("/sse").unwrap();
        provide_sse_value_named("name", &"Ada");
        page().to_html()
    });
    assert_eq!(html, "<p>Ada</p><p>Ada</p>");
}

#[test]
fn a_page_starts_with_the_default_when_nothing_is_provided_or_what_is_does_not_fit() {
    for provide in [|| (), || provide_sse_value_named("name", &7)] {
        let html = Owner::new().with(|| {
            provide_sse("/sse").unwrap();
            provide();
            page().to_html()
        });
        // Leptos writes an empty text as a blank, so that there is a node to hydrate.
        assert_eq!(html, "<p> </p><p> </p>");
    }
}

/// Outside of the islands nothing is written into the page, so the first island has to bring the value.
#[test]
fn a_component_outside_of_the_islands_does_not_take_their_first_value() {
    let shared = Arc::new(SsrSharedContext::new_islands());
    let owner = Owner::new_root(Some(shared.clone()));
    owner.with(|| {
        provide_sse("/sse").unwrap();
        provide_sse_value_named("name", &"Ada");
        let _outside = create_sse_signal_named::<String>("name");
        Owner::with_hydration(|| create_sse_signal_named::<String>("name"));
        Owner::with_hydration(|| create_sse_signal_named::<String>("name"));
    });
    let written: String = block_on(shared.pending_data().unwrap().collect::<Vec<_>>()).concat();
    assert_eq!(written.matches("Ada").count(), 1, "{written}");
}

#[test]
fn the_server_connects_nowhere() {
    Owner::new().with(|| {
        provide_sse("/sse").unwrap();
        let _name = create_sse_signal_named::<String>("name");
        assert_eq!(use_sse_status().get_untracked().to_string(), "connecting");
    });
}
