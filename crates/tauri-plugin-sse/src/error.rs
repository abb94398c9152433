use serde::{Serialize, Serializer};
use tauri::Url;

/// Why a command, or the start of the app, fails. A page has it as a text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`{0}` has no origin, as a URL of http or https has")]
    Origin(String),
    #[error("the window may not open {0}: no capability allows it for `sse:allow-open`")]
    NotAllowed(Url),
    #[error(transparent)]
    Sse(#[from] leptos_sse_native::Error),
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
