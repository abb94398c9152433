//! Streams to read, and the crates that read them. `table.rs` counts and measures them, `time.rs` measures them with divan.

// The crate's own parser, which is no part of its API.
#[allow(dead_code)]
#[path = "../../../src/protocol"]
mod protocol {
    pub mod parser;
}
pub mod sides;
pub mod workloads;

/// What the parser makes of a stream that it does not take. None of those here is one.
#[derive(Debug)]
struct Error;

impl Error {
    fn long_event(_max: usize) -> Self {
        Self
    }
}
