//! Guides: how to do things, page by page.
//!
//! | page | about |
//! |---|---|
//! | [`signals`] | values: all the forms, where a signal stands, errors, clean-up, tests of components |
//! | [`first_paint`] | pages that begin with real values: the hub in context, who may see what, lazy routes, islands |
//! | [`feeds`] | series of events |
//! | [`connection`] | options, statuses, when a page reconnects, `fetch` and POST |
//! | [`auth`] | cookies, tokens, who may see what, logins that end |
//! | [`stores`] | values whose fields are followed one by one |
//! | [`tabs`] | many tabs on one stream |
//! | [`native`] | clients without a browser: services, terminals, tests |
//! | [`deployment`] | proxies, shutdown, CORS, bounds, metrics |
//! | [`migrating`] | from `leptos_sse` 0.4, `leptos_server_signal` and `leptos_ws` |

macro_rules! pages {
    ($($page:ident: $file:literal),* $(,)?) => {
        $(
            #[doc = include_str!(concat!("../docs/", $file))]
            pub mod $page {}
        )*
    };
}

pages! {
    signals: "guide/signals.md",
    first_paint: "guide/first_paint.md",
    feeds: "guide/feeds.md",
    connection: "guide/connection.md",
    auth: "guide/auth.md",
    stores: "guide/stores.md",
    tabs: "guide/tabs.md",
    native: "guide/native.md",
    deployment: "deployment.md",
    migrating: "guide/migrating.md",
}
