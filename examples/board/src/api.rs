//! The server functions: all that a page can change. What changes comes back to everyone through the hub.

use leptos::prelude::*;

use crate::model::{Label, Spot};
use crate::rules::Objection;
#[cfg(feature = "ssr")]
use crate::server::change;

/// Makes a card at the end of a column, and answers with its number.
#[server(prefix = "/api", endpoint = "add_card")]
pub async fn add_card(column: usize, title: String) -> Result<u32, Objection> {
    change(move |board| board.add(column, &title)).await
}

#[server(prefix = "/api", endpoint = "edit_card")]
pub async fn edit_card(card: u32, title: String, who: String, label: Label) -> Result<(), Objection> {
    change(move |board| board.edit(card, &title, &who, label)).await
}

#[server(prefix = "/api", endpoint = "delete_card")]
pub async fn delete_card(card: u32) -> Result<(), Objection> {
    change(move |board| board.delete(card)).await
}

/// Moves a card above another one, or to the end of a column, and answers with where it stands then.
#[server(prefix = "/api", endpoint = "move_card")]
pub async fn move_card(card: u32, column: usize, before: Option<u32>) -> Result<Spot, Objection> {
    change(move |board| board.shift(card, column, before)).await
}
