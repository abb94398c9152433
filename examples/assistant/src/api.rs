//! The server functions: all that a page can ask for. What they change comes back to everyone through the hub.

use std::fmt;

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::model::Conversation;
#[cfg(feature = "ssr")]
use crate::server::library::Library;

/// Begins a conversation, and answers with its id.
#[server(prefix = "/api", endpoint = "begin")]
pub async fn begin(prompt: String, words: u32) -> Result<String, Objection> {
    Library::of_this_request()?.begin(&prompt, words)
}

#[server(prefix = "/api", endpoint = "ask")]
pub async fn ask(id: String, prompt: String, words: u32) -> Result<(), Objection> {
    Library::of_this_request()?.ask(&id, &prompt, words).await
}

/// Ends the answer that is being written where it is.
#[server(prefix = "/api", endpoint = "stop")]
pub async fn stop(id: String) -> Result<(), Objection> {
    Library::of_this_request()?.stop(&id).await
}

/// Removes a conversation, and ends what is written in it.
#[server(prefix = "/api", endpoint = "delete")]
pub async fn delete(id: String) -> Result<(), Objection> {
    Library::of_this_request()?.delete(&id).await
}

/// Why something was not done, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objection {
    NoSuchConversation,
    StillWriting,
    PromptLength,
    TooLong,
    ShelfFull,
    /// The request itself failed.
    Failed(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchConversation => f.write_str("There is no such conversation."),
            Self::StillWriting => f.write_str("The answer before is not finished yet."),
            Self::PromptLength => {
                write!(f, "Write something, and no more than {} characters.", Conversation::LONGEST_PROMPT)
            }
            Self::TooLong => f.write_str("This conversation is long enough; begin a new one."),
            Self::ShelfFull => f.write_str("There is no space for another conversation; delete one."),
            Self::Failed(why) => write!(f, "That did not work: {why}."),
        }
    }
}

impl std::error::Error for Objection {}

/// What the hub could not write. A conversation that was removed is one that somebody has deleted meanwhile.
impl From<leptos_sse::Error> for Objection {
    fn from(error: leptos_sse::Error) -> Self {
        if error.is_removed() { Self::NoSuchConversation } else { Self::Failed(error.to_string()) }
    }
}

impl FromServerFnError for Objection {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::Failed(error.to_string())
    }
}
