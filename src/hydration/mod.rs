//! First values: how a page that the server rendered carries what its signals start with.

#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) mod carry;
pub(crate) mod first;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
pub(crate) mod no_carry;
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
pub(crate) use no_carry as carry;
