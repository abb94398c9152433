//! What stands behind the pages, without a web framework.
//!
//! [`chain`] learns from a text and makes words like it, [`library`] has the conversations and writes in them, [`folder`]
//! keeps them over a restart.

pub mod chain;
pub mod folder;
pub mod library;
