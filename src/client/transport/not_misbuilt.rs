/// What is no page cannot be built wrong as one.
pub(super) fn tell() {}
