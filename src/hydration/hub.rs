//! A hub's values in the pages that the server renders.

use super::{first::First, provided::Provided};
use leptos::prelude::{Owner, provide_context};
use leptos_sse_core::{Error, Key};
use leptos_sse_hub::SseHub;
use std::sync::Arc;

/// Gives the signals of a page their first values from a hub, every one of them to everyone.
///
/// Call it on the server in the context closures of `leptos_routes_with_context` and `handle_server_fns_with_context`, in axum
/// and actix alike. Each signal is then rendered with the hub's value of that moment, and the page carries the value, so that
/// the browser starts with it and asks the stream for what came since. All signals of a page that share a key have one value,
/// however late a part of the page is rendered. A signal that the hub does not have (yet) starts with its default; nothing is
/// made or [loaded](SseHub::provide) for it. What [`provide_sse_value`](crate::provide_sse_value) gives goes first.
///
/// The hub is then in context too, for server functions: `expect_context::<SseHub>()`.
///
/// Where not everyone may see everything, it is [`provide_sse_hub_allowing`].
///
/// ```
/// # use leptos::prelude::*;
/// # use leptos_sse::{SseHub, create_sse_signal, provide_sse, provide_sse_hub};
/// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// # struct Count { value: i32 }
/// let hub = SseHub::new();
/// hub.signal(Count { value: 7 });
/// // As the router does it for each request:
/// let html = Owner::new().with(|| {
///     provide_sse_hub(&hub);
///     provide_sse("/sse").unwrap();
///     let count = create_sse_signal::<Count>();
///     view! { <h1>{move || count.get().value}</h1> }.to_html()
/// });
/// assert_eq!(html, "<h1>7</h1>");
/// ```
pub fn provide_sse_hub(hub: &SseHub) {
    provide_sse_hub_allowing(hub, |_| true);
}

/// Gives the signals of a page their first values from a hub: those of the keys that `allow` is true of.
///
/// What is not allowed is not in the HTML, and its signal starts with its default. Let it be the same decision as that of
/// [`SseRequest::allow`](crate::SseRequest::allow), by what the request says of its user. It is asked when a signal of the
/// page is made, once for each key. A static page is rendered once for all, and its request is made up by Leptos, without a
/// header: let that be nobody's. In all else it is as [`provide_sse_hub`]; of several calls for one hub the last one counts.
///
/// ```
/// # use leptos_sse::{Key, SseHub, provide_sse_hub_allowing};
/// # #[derive(Clone)]
/// # struct User;
/// # impl User { fn may_see(&self, key: &Key) -> bool { true } }
/// # fn user_of_request() -> User { User }
/// # fn context(hub: SseHub) {
/// let user = user_of_request();
/// provide_sse_hub_allowing(&hub, move |key| user.may_see(key));
/// # }
/// ```
pub fn provide_sse_hub_allowing(hub: &SseHub, allow: impl Fn(&Key) -> bool + Send + Sync + 'static) {
    if Owner::current().is_none() {
        return tracing::error!(error = %Error::owner(), "a page has no values of the hub");
    }
    provide_context(hub.clone());
    let lookup = {
        let hub = hub.clone();
        move |key: &Key| {
            // What there is not needs no decision.
            let (document, cursor) = hub.glance(key)?;
            allow(key).then_some(First { document, cursor: Some(cursor) })
        }
    };
    Provided::in_context().add_lookup(hub.epoch().clone(), Arc::new(lookup));
}
