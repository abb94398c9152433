//! The parts of the page. Each follows the signals that it shows by itself:
//! however many ask for a signal, it is one signal on one connection.

pub mod badge;
pub mod chart;
pub mod gauges;
pub mod processes;
pub mod system;
pub mod theme;
