//! What is at which address.

pub mod conversation;
pub mod frame;
pub mod start;
