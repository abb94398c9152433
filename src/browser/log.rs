//! The browser's console.

use std::fmt::Display;

pub(crate) fn log_error(message: impl Display) {
    web_sys::console::error_1(&message.to_string().into());
}

pub(crate) fn log_warning(message: impl Display) {
    web_sys::console::warn_1(&message.to_string().into());
}
