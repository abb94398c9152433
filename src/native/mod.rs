//! Clients that are no browsers.

// The clients that are made of it may be absent.
#[allow(dead_code)]
mod attempt;
mod http;

pub use http::{Body, BoxError, FinalUrl, Http, Reqwest};
