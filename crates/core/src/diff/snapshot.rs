//! The patch that replaces the whole document.

use crate::document::Document;

/// The text around the document in a snapshot.
pub const SNAPSHOT: [&[u8]; 2] = [br#"[{"op":"replace","path":"","value":"#, b"}]"];

/// Appends the patch that makes any document this one.
pub fn snapshot(document: &Document, out: &mut Vec<u8>) {
    out.extend_from_slice(SNAPSHOT[0]);
    document.root().write(out);
    out.extend_from_slice(SNAPSHOT[1]);
}
