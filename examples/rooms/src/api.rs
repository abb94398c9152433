//! The server functions: all that a page can ask for or change. What changes comes back to everyone through the hub.

use std::fmt;

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::model::Access;
#[cfg(feature = "ssr")]
use crate::server::desk::Desk;

/// The name that this browser is logged in with now.
#[server(prefix = "/api", endpoint = "whoami")]
pub async fn whoami() -> Result<Option<String>, Objection> {
    Ok(Desk::of_this_request().ok().map(|desk| desk.name))
}

/// Whether who asks may see a room. What they may see comes by its signal and its feed.
#[server(prefix = "/api", endpoint = "may_enter")]
pub async fn may_enter(room: String) -> Result<Access, Objection> {
    Ok(Desk::of_this_request()?.access(&room))
}

/// Makes a room, and answers with its id.
#[server(prefix = "/api", endpoint = "open_room")]
pub async fn open_room(title: String, guests: String) -> Result<String, Objection> {
    Desk::of_this_request()?.open_room(&title, &guests).await
}

#[server(prefix = "/api", endpoint = "change_topic")]
pub async fn change_topic(room: String, topic: String) -> Result<(), Objection> {
    Desk::of_this_request()?.change_topic(&room, &topic).await
}

#[server(prefix = "/api", endpoint = "say")]
pub async fn say(room: String, text: String) -> Result<(), Objection> {
    Desk::of_this_request()?.say(&room, &text).await
}

/// Why something was not done, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objection {
    LoggedOut,
    NotForYou,
    NoSuchRoom,
    RoomExists,
    HouseFull,
    TextLength {
        most: usize,
    },
    /// The request itself failed.
    Failed(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoggedOut => f.write_str("You are not logged in."),
            Self::NotForYou => f.write_str("This room is private."),
            Self::NoSuchRoom => f.write_str("There is no such room."),
            Self::RoomExists => f.write_str("There is a room of that name already."),
            Self::HouseFull => f.write_str("There is no space for another room."),
            Self::TextLength { most } => write!(f, "Write something, and no more than {most} characters."),
            Self::Failed(why) => write!(f, "That did not work: {why}."),
        }
    }
}

impl std::error::Error for Objection {}

/// What the hub could not write.
impl From<leptos_sse::Error> for Objection {
    fn from(error: leptos_sse::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl FromServerFnError for Objection {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::Failed(error.to_string())
    }
}
