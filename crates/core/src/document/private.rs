//! The names under which `serde_json` hands over what `serde` has no words for.

/// The name of a number's text, when the feature `arbitrary_precision` of `serde_json` is on.
pub const NUMBER: &str = "$serde_json::private::Number";
/// The name of a text that is JSON already.
pub const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Whether a struct is one of `serde_json`'s own.
#[inline]
pub fn is_private(name: &str) -> bool {
    name.as_bytes().first() == Some(&b'$') && [NUMBER, RAW_VALUE].contains(&name)
}
