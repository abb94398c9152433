//! What stands behind the pages, without a web framework.
//!
//! [`house`] is what would be a database: it knows the rooms, who is inside and who may be. [`live`] is the hub that brings it
//! to the browsers, [`desk`] what one request can do with both, and [`sessions`] who is logged in.

pub mod desk;
pub mod house;
pub mod live;
pub mod sessions;
