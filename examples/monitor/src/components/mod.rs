//! The parts of the page.

pub mod badge;
pub mod bars;
pub mod chart;
pub mod gauges;
pub mod processes;
pub mod system;
pub mod theme;
