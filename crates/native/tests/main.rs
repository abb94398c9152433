//! The native clients: in paused time against a server within the process, and over real sockets.

mod event_source;
mod native_client;
mod ports;
