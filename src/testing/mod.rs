//! Tests of components without a server, without a browser and without sockets.
//!
//! [`provide_sse_test`] puts a connection into context whose server is the test itself: it sets values, pushes events, refuses a
//! key, loses the connection and moves the clock. What a component sees of that comes over the wire's own texts and the crate's
//! own client, so that it is what it would see of a real server. A component that calls [`provide_sse`](crate::provide_sse)
//! below keeps the test's connection.
//!
//! ```
//! use leptos::prelude::*;
//! use leptos_sse::{create_sse_signal, provide_sse, testing::provide_sse_test, use_sse};
//! use std::time::Duration;
//!
//! #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
//! struct Count { value: i32 }
//!
//! #[component]
//! fn Counter() -> impl IntoView {
//!     provide_sse("/sse").unwrap();
//!     let count = create_sse_signal::<Count>();
//!     let status = use_sse::<Count>().status();
//!     let text = move || format!("{} {}", count.get().value, status.get());
//!     view! { <p>{text}</p> }
//! }
//!
//! // In a `#[test]`.
//! Owner::new().with(|| {
//!     let sse = provide_sse_test();
//!     let first = Counter();
//!     let then = Counter();
//!     sse.set(&Count { value: 7 });
//!     assert_eq!(first.to_html(), "<p>7 live</p>");
//!
//!     sse.drop_connection();
//!     assert_eq!(then.to_html(), "<p>7 stale</p>");
//! });
//! ```
//!
//! # Effects
//!
//! A view that is rendered to HTML, a closure and a [`Memo`](leptos::prelude::Memo) show at once what the test did, with no
//! executor. An [`Effect`](leptos::prelude::Effect) runs in a browser only, by a feature of Leptos: test what it does with
//! `wasm-bindgen-test`, where the test's connection serves a mounted component in the same way, and let Leptos have its turn with
//! `leptos::task::tick().await` before the page is looked at, and between two calls, as a real page has its turn between two
//! events: the view of a row would otherwise read it after the next call has taken it out. An [`ImmediateEffect`](leptos::prelude::ImmediateEffect) runs
//! anywhere.

mod components;

pub use components::{SseTest, provide_sse_test, provide_sse_test_with};
