//! The one error type of the crate.

use std::fmt;

/// What went wrong, and where.
///
/// The type is opaque: read it with [`Display`](fmt::Display), and branch on it with the
/// `is_*` questions.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Key { key: String, why: &'static str },
    Url { url: String, why: &'static str },
    Refused { url: String, status: u16 },
    Lost { url: String, why: String },
    Header { name: String },
    Runtime,
    Withheld { why: String },
    Owner,
    Provider { call: &'static str },
    Type { key: String, first: &'static str, second: &'static str },
    Unlike { is: &'static str, call: &'static str },
    Taken { key: String, held: &'static str, wanted: &'static str },
    Removed { key: String },
    Waits { key: String },
    Conflict { key: String },
    NotDone { key: String },
    Unknown { key: String },
    Borrowed,
    TooLarge { key: String, len: usize, max: usize },
    LongEvent { max: usize },
    Field { field: &'static str, text: String, why: &'static str },
    Serialize { key: String, why: String },
    Malformed { what: &'static str, why: String, text: String },
    Gap { from: u64, held: Option<u64> },
    Misfit { why: String },
    Unreadable { target: &'static str, why: String, document: String },
}

/// Any error: that of a stream, a closure or an HTTP client of the user.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Texts from the wire are quoted up to this many characters.
    pub(crate) const QUOTED: usize = 160;

    /// Whether a key was empty, too long, or held a control character.
    #[must_use]
    pub fn is_invalid_key(&self) -> bool {
        matches!(self.kind, Kind::Key { .. })
    }

    /// Whether a text could not be a field of an event, as a line break or a NUL was in it.
    #[must_use]
    pub fn is_invalid_field(&self) -> bool {
        matches!(self.kind, Kind::Field { .. })
    }

    /// Whether a URL was not valid for a stream of events.
    #[must_use]
    pub fn is_invalid_url(&self) -> bool {
        matches!(self.kind, Kind::Url { .. })
    }

    /// Whether the server refused one key, and not the whole connection.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        matches!(self.kind, Kind::Withheld { .. })
    }

    /// The HTTP status with which a server refused a whole connection, if that is what went wrong; 200 when it answered with
    /// something other than a stream of events.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            Kind::Refused { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Whether a connection could not be made, broke, or ended.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.kind, Kind::Lost { .. })
    }

    /// Whether a header's name or value was not valid in HTTP.
    #[must_use]
    pub fn is_invalid_header(&self) -> bool {
        matches!(self.kind, Kind::Header { .. })
    }

    /// Whether a native client was made outside of a tokio runtime.
    #[must_use]
    pub fn is_no_runtime(&self) -> bool {
        matches!(self.kind, Kind::Runtime)
    }

    /// Whether a function was called where there is no reactive owner to hold its result.
    #[must_use]
    pub fn is_no_owner(&self) -> bool {
        matches!(self.kind, Kind::Owner)
    }

    /// Whether `provide_sse` was not called above the caller.
    #[must_use]
    pub fn is_no_provider(&self) -> bool {
        matches!(self.kind, Kind::Provider { .. })
    }

    /// Whether a key is already followed, or in the hub, as another type.
    #[must_use]
    pub fn is_type_conflict(&self) -> bool {
        matches!(self.kind, Kind::Type { .. } | Kind::Taken { .. } | Kind::Unlike { .. })
    }

    /// Whether the signal or the feed was removed from its hub.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        matches!(self.kind, Kind::Removed { .. })
    }

    /// Whether a write would have waited for itself, as one of a signal within its own update does.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        matches!(self.kind, Kind::Waits { .. } | Kind::Borrowed)
    }

    /// Whether other writes to the same key came first, again and again. Nothing was written.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.kind, Kind::Conflict { .. })
    }

    /// Whether the engine of a hub did not take a write, as while it cannot be reached. Nothing was written.
    #[must_use]
    pub fn is_not_done(&self) -> bool {
        matches!(self.kind, Kind::NotDone { .. })
    }

    /// Whether it is not known if a write was made, or will be: the answer of the hub's engine was lost, or is still to come.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown { .. })
    }

    /// Whether a value was larger than the hub takes, or an event longer than a client does.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.kind, Kind::TooLarge { .. } | Kind::LongEvent { .. })
    }

    /// Whether a value could not be written as JSON, or was nested deeper than 120 levels.
    #[must_use]
    pub fn is_serialize(&self) -> bool {
        matches!(self.kind, Kind::Serialize { .. })
    }

    /// Whether a text from the wire broke the protocol.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.kind, Kind::Malformed { .. })
    }

    /// Whether an update does not follow the one before it, or its patch does not fit the document.
    #[must_use]
    pub fn is_out_of_step(&self) -> bool {
        matches!(self.kind, Kind::Gap { .. } | Kind::Misfit { .. })
    }

    /// Whether a document could not be read as the signal's type.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self.kind, Kind::Unreadable { .. })
    }
}

/// Constructors, for the crates of `leptos_sse`.
#[doc(hidden)]
#[allow(missing_docs)]
impl Error {
    pub fn key(key: &str, why: &'static str) -> Self {
        Kind::Key { key: quoted(key), why }.into()
    }

    pub fn url(url: &str, why: &'static str) -> Self {
        Kind::Url { url: quoted(url), why }.into()
    }

    pub fn refused(url: &str, status: u16) -> Self {
        Kind::Refused { url: quoted(url), status }.into()
    }

    pub fn lost(url: &str, why: impl fmt::Display) -> Self {
        Kind::Lost { url: quoted(url), why: why.to_string() }.into()
    }

    pub fn header(name: &str) -> Self {
        Kind::Header { name: quoted(name) }.into()
    }

    pub fn no_runtime() -> Self {
        Kind::Runtime.into()
    }

    pub fn withheld(why: String) -> Self {
        Kind::Withheld { why }.into()
    }

    pub fn owner() -> Self {
        Kind::Owner.into()
    }

    pub fn provider(call: &'static str) -> Self {
        Kind::Provider { call }.into()
    }

    pub fn type_taken(key: &str, first: &'static str, second: &'static str) -> Self {
        Kind::Type { key: key.to_owned(), first, second }.into()
    }

    pub fn other_kind(is: &'static str, call: &'static str) -> Self {
        Kind::Unlike { is, call }.into()
    }

    pub fn serialize(key: &str, why: impl fmt::Display) -> Self {
        Kind::Serialize { key: key.to_owned(), why: why.to_string() }.into()
    }

    pub fn taken(key: &str, held: &'static str, wanted: &'static str) -> Self {
        Kind::Taken { key: key.to_owned(), held, wanted }.into()
    }

    pub fn removed(key: &str) -> Self {
        Kind::Removed { key: key.to_owned() }.into()
    }

    pub fn waits(key: &str) -> Self {
        Kind::Waits { key: key.to_owned() }.into()
    }

    pub fn conflict(key: &str) -> Self {
        Kind::Conflict { key: key.to_owned() }.into()
    }

    pub fn not_done(key: &str) -> Self {
        Kind::NotDone { key: key.to_owned() }.into()
    }

    pub fn unknown(key: &str) -> Self {
        Kind::Unknown { key: key.to_owned() }.into()
    }

    pub fn borrowed() -> Self {
        Kind::Borrowed.into()
    }

    pub fn too_large(key: &str, len: usize, max: usize) -> Self {
        Kind::TooLarge { key: key.to_owned(), len, max }.into()
    }

    pub fn long_event(max: usize) -> Self {
        Kind::LongEvent { max }.into()
    }

    pub fn event_field(field: &'static str, text: &str, why: &'static str) -> Self {
        Kind::Field { field, text: quoted(text), why }.into()
    }

    pub fn malformed(what: &'static str, why: impl fmt::Display, text: &str) -> Self {
        Kind::Malformed { what, why: why.to_string(), text: quoted(text) }.into()
    }

    pub fn gap(from: u64, held: Option<u64>) -> Self {
        Kind::Gap { from, held }.into()
    }

    pub fn misfit(why: impl fmt::Display) -> Self {
        Kind::Misfit { why: why.to_string() }.into()
    }

    /// An operation of a patch, and why it does not fit.
    pub fn misfit_of(number: usize, operation: &str, path: &str, why: impl fmt::Display) -> Self {
        Self::misfit(format_args!("operation {number}, `{operation}` at `{}`: {why}", quoted(path)))
    }

    /// `start` is how the document starts.
    pub fn unreadable<T>(why: impl fmt::Display, start: &str) -> Self {
        let target = std::any::type_name::<T>();
        Kind::Unreadable { target, why: why.to_string(), document: quoted(start) }.into()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Key { key, why } => write!(f, "`{key}` is not a signal's key: {why}"),
            Kind::Url { url, why } => write!(f, "`{url}` is not a URL for server-sent events: {why}"),
            Kind::Refused { url, status } => write!(f, "`{url}` answered {status}, and no stream of events"),
            Kind::Lost { url, why } => write!(f, "the connection to `{url}` is lost: {why}"),
            // Not with its value, which may be a secret.
            Kind::Header { name } => write!(f, "the header `{name}` has a name or a value that HTTP does not know"),
            Kind::Runtime => f.write_str("there is no tokio runtime here: call it in an `async fn`, or enter a runtime"),
            Kind::Withheld { why } => write!(f, "the server refuses it: {why}"),
            Kind::Owner => f.write_str(
                "there is no reactive owner here: call it in a component, not in an event handler or a spawned task",
            ),
            Kind::Provider { call } => write!(
                f,
                "`{call}` found no connection: call `leptos_sse::provide_sse(url)` in a component above it \
                 (in an island: in the island itself)",
            ),
            Kind::Type { key, first, second } => write!(
                f,
                "the key `{key}` is already followed as `{first}` and cannot be followed as `{second}` too: \
                 give one of them a name of its own",
            ),
            Kind::Unlike { is, call } => write!(f, "the server has it as a {is}: follow it with `{call}`"),
            Kind::Taken { key, held, wanted } => {
                write!(
                    f,
                    "the hub has `{key}` as `{held}`, so that it cannot be `{wanted}` too: give one of them a name of its own"
                )
            }
            Kind::Removed { key } => write!(f, "`{key}` was removed from its hub"),
            Kind::Waits { key } => write!(
                f,
                "a write to `{key}` would wait for itself: it stands within an update of the same signal, or of one that waits for it",
            ),
            Kind::Conflict { key } => write!(f, "`{key}` was not written: other writes to it came first, again and again"),
            Kind::NotDone { key } => write!(f, "`{key}` was not written: the engine of the hub did not take the write"),
            Kind::Unknown { key } => {
                write!(f, "`{key}` may have been written, or may be yet: the engine of the hub has not answered")
            }
            Kind::Borrowed => f.write_str(
                "its value cannot be changed while somebody holds a guard of it, as across an `.await`: clone what is needed there",
            ),
            Kind::TooLarge { key, len, max } => {
                write!(
                    f,
                    "a value of `{key}` takes {len} bytes as JSON, and the hub takes {max}: see `SseHubOptions::max_value_len`"
                )
            }
            Kind::LongEvent { max } => write!(f, "the stream has an event of more than {max} bytes"),
            // As it would be written in Rust, so that the line break is seen.
            Kind::Field { field, text, why } => write!(f, "{text:?} cannot be the `{field}` of an event: {why}"),
            Kind::Serialize { key, why } => write!(f, "a value of `{key}` could not be written as JSON: {why}"),
            Kind::Malformed { what, why, text } => write!(f, "{what} could not be read: {why}; it was `{text}`"),
            Kind::Gap { from, held: Some(held) } => {
                write!(f, "an update from {from} does not follow {held}, which is held")
            }
            Kind::Gap { from, held: None } => write!(f, "an update from {from} came before any snapshot"),
            Kind::Misfit { why } => write!(f, "a patch does not fit the document: {why}"),
            Kind::Unreadable { target, why, document } => {
                write!(f, "the document is no `{target}`: {why}; it starts `{document}`")
            }
        }
    }
}

/// As it is shown, so that an `unwrap` says what is wrong.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(Error::QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_quoted_by_its_start_at_a_character() {
        let error = Error::malformed("an update", "no JSON", &"é".repeat(1_000));
        assert!(error.is_malformed());
        assert!(error.to_string().ends_with(&format!("`{}…`", "é".repeat(Error::QUOTED))));
    }
}
