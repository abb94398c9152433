//! Clients that are no browsers.

mod http;

pub use http::{Body, BoxError, Http, Reqwest};
