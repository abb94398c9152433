//! The parts of the page.

pub mod card;
pub mod column;
pub mod connection;
pub mod desk;
pub mod drag;
pub mod editor;
