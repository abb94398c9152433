//! The parts of the pages.

pub mod avatar;
pub mod chat;
pub mod connection;
pub mod inbox;
pub mod lock;
pub mod topic;
