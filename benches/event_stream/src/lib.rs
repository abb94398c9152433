//! Streams to read, and the crates that read them. `table.rs` counts and measures them, `time.rs` measures them with divan.

pub mod sides;
pub mod workloads;
