//! Routes whose code comes when they are gone to.

use leptos::prelude::*;
use leptos_router::LazyRoute;
use leptos_router::components::Outlet;
use leptos_sse::use_sse;

use super::Status;
use super::paint::released;
use crate::values::Tally;

/// What stands around both pages.
#[component]
pub fn LazyScene() -> impl IntoView {
    view! {
        <Status/>
        <a data-testid="to-index" href="/paint/lazy">"index"</a>
        " "
        <a data-testid="to-page" href="/paint/lazy/page">"page"</a>
        <Outlet/>
    }
}

/// The page from which one goes to the lazy one.
#[component]
pub fn LazyIndex() -> impl IntoView {
    view! { <p data-testid="index">"index"</p> }
}

/// A page whose code comes later than the rest, with a signal that is made while it is on its way, and one that is made by it.
///
/// It is written by hand as `#[lazy_route]` would: that one needs `cargo leptos --split`, and the lab is built without.
pub struct LazyPage {
    early: ReadSignal<Tally>,
}

impl LazyRoute for LazyPage {
    fn data() -> Self {
        Self { early: use_sse().named("a").signal() }
    }

    async fn view(this: Self) -> AnyView {
        let Self { early } = this;
        let late = use_sse::<Tally>().named("b").signal();
        view! {
            <p data-testid="a">{move || early.get().to_string()}</p>
            <p data-testid="b">{move || late.get().to_string()}</p>
        }
        .into_any()
    }

    async fn preload() {
        // The server has all code.
        if cfg!(feature = "hydrate") {
            released().await.expect("the test lets it go on");
        }
    }
}
