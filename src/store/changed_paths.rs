use reactive_stores::StorePath;
use std::collections::{HashMap, HashSet};

/// The paths of a store that a change touched.
#[derive(Debug, Default)]
pub(super) struct ChangedPaths {
    /// The values that were replaced, and whether that may have removed what was in them, as with an `Option` or an enum.
    pub(super) replaced: HashMap<StorePath, bool>,
    /// The lists whose items were added, removed or moved.
    pub(super) reordered: HashSet<StorePath>,
}
