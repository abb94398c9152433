//! What most apps use, for a glob import on both sides.
//!
//! It has no module, so that it does not collide with the crates `axum` and `actix`, as a glob import of the whole crate would.
//!
//! ```
//! use leptos::prelude::*;
//! use leptos_sse::prelude::*;
//!
//! #[derive(Clone, Default, serde::Deserialize)]
//! struct Count { value: i32 }
//!
//! #[component]
//! fn App() -> impl IntoView {
//!     provide_sse("/sse").unwrap();
//!     let count = create_sse_signal::<Count>();
//!     view! { <h1>{move || count.get().value}</h1> }
//! }
//! ```

pub use crate::{
    Key, Rebuild, SseContext, SseOptions, SseSignalStatus, SseStatus, create_sse_signal, on_sse_error, provide_sse,
    provide_sse_value, provide_sse_value_for, provide_sse_with, store::ByKey, use_sse, use_sse_status,
};

#[cfg(feature = "ssr")]
pub use crate::{
    ServerFeed, ServerSentEvents, ServerSignal, SseHub, SseRequest, provide_sse_hub, provide_sse_hub_allowing,
};
