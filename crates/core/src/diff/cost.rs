//! The cost of operations, in bytes of text.

use super::edit::Splice;

/// An operation and its path, without the path and the value: `{"op":"replace","path":"","value":},`.
pub const OPERATION: usize = 36;
/// `{"op":"remove","path":""},`.
pub const REMOVAL: usize = 26;
/// `{"op":"move","from":"","path":""},`.
pub const MOVE: usize = 34;
/// The quotes of a key, its colon and a comma.
pub const MEMBER: usize = 4;

/// The most items or members that removals may shift in all. Each removal shifts all that comes after it, at every reader;
/// beyond this the container is replaced as a whole.
pub const MAX_SHIFTED: usize = 8_000_000;

/// About how many bytes the operations of a change within a text take.
pub fn splice_cost(splice: &Splice, prefix: usize) -> usize {
    // `{"op":"str_ins","path":"","pos":00000,"str":""},`
    const INSERTION: usize = 48;
    // `{"op":"str_del","path":"","pos":00000,"len":00000},`
    const DELETION: usize = 50;
    let insertion = if splice.inserted.is_empty() { 0 } else { INSERTION + prefix + splice.inserted.len() };
    let deletion = if splice.removed == 0 { 0 } else { DELETION + prefix };
    insertion + deletion
}

/// `new - old`. Lengths are far from what an `isize` can hold.
pub fn difference(new: usize, old: usize) -> isize {
    new.cast_signed().wrapping_sub(old.cast_signed())
}
