//! How deep a value may nest, in levels of objects and lists. What nests deeper could exhaust the stack.

/// The most levels of a value that is written: as a document, or by a differ. An event puts three levels of its own around the
/// value, so each client that reads at least [`PARSED`] levels can read it.
pub const WRITTEN: usize = 120;

/// The most levels of a JSON text that is read, its own outermost one included: as in `serde_json`, whose limit of 128 is the
/// first depth that it refuses.
pub const PARSED: usize = 127;

/// The most levels of a document that a patch leads to, as `PROTOCOL.md` has it.
pub const PATCHED: usize = 128;

const _: () = assert!(WRITTEN + 3 <= PARSED && PARSED <= PATCHED);
