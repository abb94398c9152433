//! The parts of the page.

pub mod connection;
pub mod job;
