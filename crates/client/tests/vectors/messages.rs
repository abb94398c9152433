//! The messages of the cases, which stand there as on the wire.

use leptos_sse_client::update::Update;
use leptos_sse_core::{
    Error,
    protocol::{Hello, Refused, Removed},
};
use serde::Deserialize;
use serde_json::Value;

/// A message, read as from the wire.
pub fn parsed<'de, T: Message, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Value::deserialize(deserializer)?;
    T::parsed(&json.to_string()).map_err(serde::de::Error::custom)
}

/// What a case may have as it stands on the wire.
pub trait Message: Sized {
    /// Reads it by the parser of the protocol.
    fn parsed(text: &str) -> Result<Self, Error>;
}

macro_rules! messages {
    ($($message:ident),*) => {$(
        impl Message for $message {
            fn parsed(text: &str) -> Result<Self, Error> {
                Self::parse(text)
            }
        }
    )*};
}

messages!(Hello, Refused, Removed, Update);
