//! First values: what a page that the server rendered starts with, and how it goes to the browser.
//!
//! On the server, [`provided`] holds the first values of one request, from [`value`] and from a [`hub`], and [`page_text`] writes
//! those that the page shows into it, by [`carry`]. In the browser, [`first`] reads that text, and [`brought`] keeps the values while
//! parts of the page hydrate. [`once`] delays what would change a page that hydrates.

#[cfg(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate")))]
pub(crate) mod brought;
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) mod carry;
pub(crate) mod first;
#[cfg(feature = "ssr")]
mod hub;
pub(crate) mod once;
#[cfg(feature = "ssr")]
mod page_text;
#[cfg(all(target_arch = "wasm32", any(feature = "hydrate", all(feature = "csr", feature = "ssr"))))]
pub(crate) mod progress;
pub(crate) mod provided;
#[cfg(not(all(feature = "ssr", target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
mod stub;
pub(crate) mod value;

#[cfg(not(all(target_arch = "wasm32", any(feature = "csr", feature = "hydrate"))))]
pub(crate) use stub::brought;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
pub(crate) use stub::carry;
#[cfg(not(feature = "ssr"))]
use stub::page_text;
#[cfg(all(target_arch = "wasm32", feature = "csr", not(any(feature = "hydrate", feature = "ssr"))))]
pub(crate) use stub::progress;

#[cfg(feature = "ssr")]
pub use hub::{provide_sse_hub, provide_sse_hub_allowing};
pub use value::{provide_sse_value, provide_sse_value_for};
