//! What a connection is told, and what it is to do.

use std::time::Duration;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The first user of the connection came.
    Used,
    /// The last user of the connection went.
    Unused,
    /// The page is not ready for the connection that was to be opened.
    HeldBack,
    /// The `EventSource` is open.
    Opened,
    /// An event of any name came.
    Heard,
    /// A `hello` came.
    Hello {
        /// The time between two heartbeats, if the server sends any.
        heartbeat: Option<Duration>,
        /// The wait before the browser reconnects by itself.
        retry: Option<Duration>,
        /// Whether it spoke for the whole connection, as the `hello` of a hub does.
        whole: bool,
    },
    /// The keys in use are others than those asked for, or the same again.
    Keys(Option<KeyChange>),
    /// The stream beside the open one said its `hello`.
    BesideGreeted,
    /// The stream beside the open one failed.
    BesideFailed(Lost),
    /// The server said `bye`.
    Bye,
    /// A signal is out of step: only a new connection brings its snapshot.
    OutOfStep,
    /// The stream failed.
    Failed(Lost),
    /// A probe ended: there would be a stream, or there is none.
    Probed(Result<(), Lost>),
    /// The page is on line again, or came back from the browser's cache of pages.
    Revived,
    /// The page can be seen again.
    Visible,
    /// The page cannot be seen any more.
    Hidden,
    /// The app wants a new connection at once, as after a login.
    Reconnect,
    /// The page went into the browser's cache of pages.
    Frozen,
    /// Time has passed; it may be a deadline.
    Tick,
}

/// How the keys in use differ from those that the connection was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// Some are missing; others may be too many.
    Additions,
    /// Some are too many.
    Removals,
}

/// How a stream was lost, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The network failed, or the server ended it.
    Ended,
    /// As before, and the browser is about to reconnect by itself.
    BrowserRetries,
    /// The browser gave up on it for what the server answered, and does not tell what that is.
    Unexplained,
    /// The server answered 204: it wants no further attempt.
    NoContent,
    /// The server answered another status, or another type of content. It may have said when to come again.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The wait of a `Retry-After`.
        retry_after: Option<Duration>,
    },
}

impl Lost {
    /// The status of an answer that was no stream.
    pub fn refused_with(self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Whether it was the server that gave no stream.
    pub fn is_refusal(self) -> bool {
        !matches!(self, Self::Ended | Self::BrowserRetries)
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Do nothing.
    Nothing,
    /// Close what is open and open a new `EventSource`.
    Open,
    /// Open a new `EventSource` beside the one that is open.
    OpenBeside,
    /// Put the `EventSource` beside in the place of the one that is open, and close that.
    Settle,
    /// Close the `EventSource` beside, and leave the one that is open.
    CloseBeside {
        /// Whether it is the first of a row.
        is_news: bool,
    },
    /// Close what is open.
    Close,
    /// Close what is open and send a plain request, to learn what the server answers.
    Probe,
}
