//! What is at an address.

pub mod frame;
pub mod lobby;
pub mod login;
pub mod nothing;
pub mod room;
