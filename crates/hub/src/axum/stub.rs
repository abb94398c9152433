//! On wasm32 axum has no server, and nobody tells an address.

use axum::http::request::Parts;
use std::net::IpAddr;

pub(crate) fn address(_: &Parts) -> Option<IpAddr> {
    None
}
