//! `EventSource` by the standard: in paused time against a server within the process, and over real sockets.

mod fake;
mod listeners;
mod reconnect;
mod sockets;
mod stream;
mod threads;
