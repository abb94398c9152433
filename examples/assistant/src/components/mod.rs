//! The parts of the pages.

pub mod composer;
pub mod connection;
pub mod meter;
pub mod samples;
pub mod transcript;
