//! axum's and actix-web's own servers, over real sockets.

mod access;
mod bounds;
mod client;
mod compression;
mod cors;
mod http2;
mod hub;
mod plain;
mod post;
mod server;
mod shutdown;
mod streams;
