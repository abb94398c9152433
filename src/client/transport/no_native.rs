//! A browser sends its requests by itself.

#[derive(Clone, Copy, Default)]
pub(in crate::client) struct Over;
