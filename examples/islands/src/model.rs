//! What travels: what changes of each tea, who is there, and what was sold.

use std::fmt;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// The price of one tea and what is left of it. There is one for each, by the tea's id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub cents: u32,
    pub left: u32,
}

/// How many are in the shop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Visitors {
    pub count: usize,
}

/// What was sold since the shop opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Till {
    pub sold: u32,
    /// The name of the latest; empty at first.
    pub last: String,
}

/// Why nothing was sold, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objection {
    NoSuchTea,
    SoldOut,
    /// The request itself failed.
    Failed(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchTea => f.write_str("There is no such tea."),
            Self::SoldOut => f.write_str("Someone was faster."),
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

/// Cents as a price.
pub fn price(cents: u32) -> String {
    format!("€ {}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_two_digits_after_its_point() {
        assert_eq!(price(1_205), "€ 12.05");
        assert_eq!(price(90), "€ 0.90");
    }
}
