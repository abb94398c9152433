//! A browser sends its requests by itself.

#[derive(Clone, Copy, Default)]
pub(super) struct Over;
