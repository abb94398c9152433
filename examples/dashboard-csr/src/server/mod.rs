//! The work, without a web framework: [`folder`] finds and reads files, [`jobs`] decides which folder is next.

pub mod folder;
pub mod jobs;
