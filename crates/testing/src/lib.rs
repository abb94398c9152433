//! A server within the process, for tests of native clients.

mod answer;
mod body;
mod fault;
mod server;

pub use answer::{TestAnswer, TestRequest};
pub use fault::TestFault;
pub use server::TestServer;

#[cfg(test)]
mod tests;
