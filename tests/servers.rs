//! axum's and actix-web's own servers, over real sockets.

#[path = "servers/access.rs"]
mod access;
#[path = "servers/bounds.rs"]
mod bounds;
#[path = "servers/client.rs"]
mod client;
#[path = "servers/compression.rs"]
mod compression;
#[path = "servers/cors.rs"]
mod cors;
#[path = "servers/http2.rs"]
mod http2;
#[path = "servers/hub.rs"]
mod hub;
#[path = "servers/plain.rs"]
mod plain;
#[path = "servers/post.rs"]
mod post;
#[path = "servers/server.rs"]
mod server;
#[path = "servers/shutdown.rs"]
mod shutdown;
#[path = "servers/streams.rs"]
mod streams;
