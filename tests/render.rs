//! What the server writes into a page.

use futures::{StreamExt, executor::block_on};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::prelude::*;
use leptos_sse::{
    Key, ServerSignal, SseHub, provide_sse, provide_sse_hub, provide_sse_hub_allowing, provide_sse_value_for, use_sse,
    use_sse_status,
};
use std::{
    future::ready,
    sync::{Arc, Mutex},
};

fn page() -> impl IntoView {
    let value = || use_sse::<String>().named("name").signal().get_untracked();
    view! { <p>{value()}</p> <p>{value()}</p> }
}

#[test]
fn a_page_starts_with_the_provided_value_wherever_it_is_asked_for() {
    let html = Owner::new().with(|| {
        provide_sse("/sse").unwrap();
        provide_sse_value_for(Key::named("name"), &"Ada");
        page().to_html()
    });
    assert_eq!(html, "<p>Ada</p><p>Ada</p>");
}

#[test]
fn a_page_starts_with_the_default_when_nothing_is_provided_or_what_is_does_not_fit() {
    for provide in [|| (), || provide_sse_value_for(Key::named("name"), &7)] {
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
    Owner::new_root(Some(shared.clone())).with(|| {
        provide_sse_value_for(Key::named("name"), &"Ada");
        provide_sse_value_for(Key::named("outside"), &"Grace");
        provide_sse("/sse").unwrap();
        let _outside = [use_sse::<String>().named("name").signal(), use_sse::<String>().named("outside").signal()];
        for _ in 0..2 {
            Owner::with_hydration(|| {
                provide_sse("/sse").unwrap();
                let _inside = use_sse::<String>().named("name").signal();
            });
        }
    });
    let carried = carried(&shared);
    assert_eq!((carried.matches("Ada").count(), carried.matches("Grace").count()), (1, 0), "{carried}");
}

/// All that a page carries to its hydration.
fn carried(shared: &SsrSharedContext) -> String {
    block_on(shared.pending_data().unwrap().collect::<Vec<_>>()).concat()
}

/// The HTML of a page whose context closure and components are these, and what it carries.
fn rendered<V: IntoView>(context: impl FnOnce(), app: impl FnOnce() -> V) -> (String, String) {
    let shared = Arc::new(SsrSharedContext::new());
    let html = Owner::new_root(Some(shared.clone())).with(|| {
        context();
        provide_sse("/sse").unwrap();
        app().into_view().to_html()
    });
    (html, carried(&shared))
}

fn hub() -> (SseHub, ServerSignal<String>) {
    let hub = SseHub::new();
    let name = hub.signal_for(Key::named("name"), "Ada".to_owned());
    (hub, name)
}

#[test]
fn a_page_has_the_value_of_the_hub_and_carries_it_once_with_its_place() {
    let (hub, name) = hub();
    name.set("Grace".to_owned());
    let (html, carried) = rendered(|| provide_sse_hub(&hub), page);
    assert_eq!(html, "<p>Grace</p><p>Grace</p>");
    let epoch = hub.cursor().epoch;
    let expected = format!(r#"{{"leptos_sse":[{{"key":"name","epoch":"{epoch}","seq":2,"document":"Grace"}}]}}"#);
    assert!(carried.contains(&format!("{expected:?}")), "{carried}");
    assert_eq!(carried.matches("Grace").count(), 1, "{carried}");
}

#[test]
fn the_hub_is_in_context_for_server_functions() {
    Owner::new().with(|| {
        provide_sse_hub(&hub().0);
        let name = expect_context::<SseHub>().get_for::<String>(Key::named("name"));
        assert_eq!(name.unwrap().get(), "Ada");
    });
}

#[test]
fn a_hub_in_context_alone_renders_nothing() {
    let (hub, _) = hub();
    let (html, carried) = rendered(|| provide_context(hub), page);
    assert_eq!(html, "<p> </p><p> </p>");
    assert!(!carried.contains("Ada"), "{carried}");
}

#[test]
fn all_parts_of_a_page_have_one_value_however_late_they_are_rendered() {
    let (hub, name) = hub();
    let (html, carried) = rendered(
        || provide_sse_hub(&hub),
        || {
            let early = use_sse::<String>().named("name").signal().get_untracked();
            name.set("Grace".to_owned());
            let late = use_sse::<String>().named("name").signal().get_untracked();
            view! { <p>{early}</p> <p>{late}</p> }
        },
    );
    assert_eq!(html, "<p>Ada</p><p>Ada</p>");
    assert!(carried.contains(r#"\"seq\":1,"#), "{carried}");
}

#[test]
fn what_a_user_may_not_see_is_not_in_the_page() {
    let (hub, _) = hub();
    let _secret = hub.signal_for(Key::named("secret"), "hunter2".to_owned());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let context = {
        let asked = asked.clone();
        move || {
            provide_sse_hub_allowing(&hub, move |key| {
                asked.lock().unwrap().push(key.to_string());
                key.as_str() != "secret"
            });
        }
    };
    let (html, carried) = rendered(context, || {
        let value = |key: &'static str| use_sse::<String>().named(key).signal().get_untracked();
        view! { <p>{value("secret")}</p> <p>{value("name")}</p> <p>{value("secret")}</p> }
    });
    assert_eq!(html, "<p> </p><p>Ada</p><p> </p>");
    assert!(!carried.contains("hunter2") && !carried.contains("secret") && carried.contains("Ada"), "{carried}");
    assert_eq!(*asked.lock().unwrap(), ["secret", "name"], "each is decided once");
}

#[test]
fn the_last_decision_for_a_hub_counts() {
    let (hub, _) = hub();
    let (html, _) = rendered(
        || {
            provide_sse_hub(&hub);
            provide_sse_hub_allowing(&hub, |_| false);
        },
        page,
    );
    assert_eq!(html, "<p> </p><p> </p>");
}

#[test]
fn a_signal_that_is_not_there_yet_starts_with_its_default_and_nothing_is_made_for_it() {
    let hub = SseHub::new();
    hub.provide::<String, _>(|_| -> std::future::Ready<Option<String>> { panic!("nothing is loaded for a page") });
    let (html, carried) = rendered(
        || provide_sse_hub(&hub),
        || {
            let value = use_sse::<String>().id(1).signal().get_untracked();
            view! { <p>{value}</p> }
        },
    );
    assert_eq!(html, "<p> </p>");
    assert!(carried.contains(r#"{\"leptos_sse\":[]}"#), "{carried}");
    assert_eq!((hub.cursor().seq, hub.stats().signals), (0, 0));
}

#[test]
fn one_of_many_that_is_loaded_is_in_the_page_and_a_feed_is_no_value() {
    let hub = SseHub::new();
    hub.provide::<String, _>(|id| ready(Some(format!("room {id}"))));
    let _feed = hub.feed_for::<String>(Key::named("name"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(hub.load_for::<String>(1)).unwrap();
    let (html, _) = rendered(
        || provide_sse_hub(&hub),
        || {
            let value = use_sse::<String>().id(|| 1).signal().get_untracked();
            let feed = use_sse::<String>().named("name").signal().get_untracked();
            view! { <p>{value}</p> <p>{feed}</p> }
        },
    );
    assert_eq!(html, "<p>room 1</p><p> </p>");
}

#[test]
fn a_value_that_is_provided_by_itself_goes_before_the_hubs_and_has_no_place_in_its_writes() {
    let (hub, _) = hub();
    let (html, carried) = rendered(
        || {
            provide_sse_value_for(Key::named("name"), &"Grace");
            provide_sse_hub(&hub);
        },
        page,
    );
    assert_eq!(html, "<p>Grace</p><p>Grace</p>");
    assert!(carried.contains("Grace") && !carried.contains("seq"), "{carried}");
}

#[test]
fn of_two_hubs_each_gives_what_it_has() {
    let (one, _) = hub();
    let two = SseHub::new();
    let _city = two.signal_for(Key::named("city"), "London".to_owned());
    let (html, carried) = rendered(
        || {
            provide_sse_hub(&one);
            provide_sse_hub(&two);
        },
        || {
            let value = |key: &'static str| use_sse::<String>().named(key).signal().get_untracked();
            view! { <p>{value("name")}</p> <p>{value("city")}</p> }
        },
    );
    assert_eq!(html, "<p>Ada</p><p>London</p>");
    for hub in [one, two] {
        assert!(carried.contains(hub.cursor().epoch.as_str()), "{carried}");
    }
}

/// What a value holds cannot end the script that carries it.
#[test]
fn what_is_carried_stays_within_its_script() {
    let (hub, name) = hub();
    name.set("</script><script>alert(1)//".to_owned());
    let (_, carried) = rendered(|| provide_sse_hub(&hub), page);
    assert!(!carried.contains("</script>"), "{carried}");
}

/// The page would carry nothing, and the browser start with the default.
#[test]
fn without_a_connection_a_signal_is_rendered_with_its_default() {
    let html = Owner::new().with(|| {
        provide_sse_hub(&hub().0);
        page().to_html()
    });
    assert_eq!(html, "<p> </p><p> </p>");
}

#[test]
fn the_server_connects_nowhere() {
    Owner::new().with(|| {
        provide_sse("/sse").unwrap();
        let _name = use_sse::<String>().named("name").signal();
        assert_eq!(use_sse_status().get_untracked().to_string(), "connecting");
    });
}

#[test]
fn each_form_of_a_signal_starts_with_the_first_value_and_is_still_connecting() {
    let html = Owner::new().with(|| {
        provide_sse("/sse").unwrap();
        provide_sse_value_for(Key::named("list"), &[7_u32, 8]);
        let option = use_sse::<Vec<u32>>().named("list").option();
        let part = use_sse::<Vec<u32>>().named("list").part::<u32>("/1");
        let memo = use_sse::<Vec<u32>>().named("list").memo(Vec::len);
        let arc = use_sse::<Vec<u32>>().named("list").arc_signal();
        let (status, none) = (use_sse::<Vec<u32>>().named("list").status(), use_sse::<u32>().named("none").option());
        let shown = (option.get(), part.get(), memo.get(), arc.get(), status.get().to_string(), none.get());
        view! { <p>{format!("{shown:?}")}</p> }.to_html()
    });
    assert_eq!(html, "<p>(Some([7, 8]), Some(8), 2, [7, 8], &quot;connecting&quot;, None)</p>".replace("&quot;", "\""));
}
