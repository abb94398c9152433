//! What an app of Leptos sees: a connection in context, and read-only signals that follow the server.

mod arc_signal;
mod feed;
mod id;
mod memo;
mod on_error;
pub(crate) mod option;
mod part;
pub(crate) mod provided;
mod provider;
pub(crate) mod several;
pub(crate) mod shared;
mod signal;
mod signal_for;
mod signal_in_place;
pub(crate) mod signal_status;
mod status;
mod store;
#[cfg(feature = "testing")]
pub(crate) mod test_connection;
#[cfg(not(feature = "testing"))]
#[path = "no_test_connection.rs"]
mod test_connection;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod value;
#[cfg(feature = "ssr")]
mod written;
#[cfg(not(feature = "ssr"))]
#[path = "not_written.rs"]
mod written;

pub use arc_signal::{
    ArcSseSignal, create_arc_sse_signal, create_arc_sse_signal_for, create_arc_sse_signal_named, use_arc_sse_signal,
    use_arc_sse_signal_for, use_arc_sse_signal_named,
};
pub use feed::{SseFeed, use_sse_feed};
pub use id::SseId;
pub use memo::{
    create_sse_memo, create_sse_memo_for, create_sse_memo_named, use_sse_memo, use_sse_memo_for, use_sse_memo_named,
};
pub use on_error::on_sse_error;
pub use option::{
    create_sse_option, create_sse_option_for, create_sse_option_named, use_sse_option, use_sse_option_for,
    use_sse_option_named,
};
pub use part::{create_sse_part, create_sse_part_named, use_sse_part, use_sse_part_named};
pub use provider::{SseContext, provide_sse, provide_sse_with};
pub use signal::{create_sse_signal, create_sse_signal_named, use_sse_signal, use_sse_signal_named};
pub use signal_for::{create_sse_signal_for, use_sse_signal_for};
pub use signal_in_place::{
    create_sse_signal_in_place, create_sse_signal_in_place_for, create_sse_signal_in_place_named,
    use_sse_signal_in_place, use_sse_signal_in_place_for, use_sse_signal_in_place_named,
};
pub use signal_status::{use_sse_signal_status, use_sse_signal_status_for, use_sse_signal_status_named};
pub use status::use_sse_status;
pub use store::{
    create_sse_store, create_sse_store_for, create_sse_store_named, use_sse_store, use_sse_store_for,
    use_sse_store_named,
};
pub use value::{provide_sse_value, provide_sse_value_for, provide_sse_value_named};
