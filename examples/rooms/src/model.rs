//! What travels: three signals, the events of one feed, and the names by which both sides know them.
//!
//! Rooms and mentions are maps and not lists, so that one that comes or goes is one operation of a patch.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The list of rooms, the same for everyone: the signal `Lobby`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lobby {
    pub rooms: BTreeMap<String, Card>,
}

/// What everyone may know about a room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    /// A private room does not tell.
    pub topic: Option<String>,
    pub private: bool,
    /// How many are inside.
    pub inside: usize,
}

/// One room, for those who may see it: one signal for each id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    pub title: String,
    pub topic: String,
    pub private: bool,
    /// Who is inside now.
    pub members: BTreeSet<String>,
}

/// What waits for one person: one signal for each name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inbox {
    /// By the number of the message.
    pub unread: BTreeMap<u64, Mention>,
}

/// Someone was called by name, in a room where they were not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    pub room: String,
    pub title: String,
    pub by: String,
    pub text: String,
}

/// One event of a room's chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Counts all messages of the house.
    pub number: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    pub by: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Opened,
    Topic(String),
    Said(String),
}

/// Whether someone may see a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    Granted,
    Private,
    Missing,
}

/// The name of a room's feed.
pub fn chat(room: &str) -> String {
    format!("chat:{room}")
}

/// The one way to write a person's name: that is also how it stands after an `@`.
pub fn name(text: &str) -> Option<String> {
    let name = text.trim().to_ascii_lowercase();
    let fits = (2..=20).contains(&name.len()) && name.starts_with(|first: char| first.is_ascii_lowercase());
    (fits && name.chars().all(is_of_a_name)).then_some(name)
}

/// A piece of what someone said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// As it was written, with its `@`.
    Name(&'a str),
}

/// Cuts a text at the names that it calls.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(at) = text[from..].find('@').map(|at| from + at) {
        let len = text[at + 1..].find(|char: char| !is_of_a_name(char.to_ascii_lowercase()));
        let end = len.map_or(text.len(), |len| at + 1 + len);
        // No name begins within a word, as the second half of a mail address does.
        let alone = !text[..at].ends_with(|before: char| before.is_alphanumeric());
        if alone && name(&text[at + 1..end]).is_some() {
            if start < at {
                pieces.push(Piece::Text(&text[start..at]));
            }
            pieces.push(Piece::Name(&text[at..end]));
            start = end;
        }
        from = end;
    }
    if start < text.len() {
        pieces.push(Piece::Text(&text[start..]));
    }
    pieces
}

/// Whom a text calls.
pub fn mentions(text: &str) -> BTreeSet<String> {
    let names = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Name(written) => name(&written[1..]),
        Piece::Text(_) => None,
    });
    names.collect()
}

fn is_of_a_name(char: char) -> bool {
    char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_one_way() {
        assert_eq!(name(" Ada "), Some("ada".into()));
        assert_eq!(name("grace_h-2"), Some("grace_h-2".into()));
        for bad in ["", "a", "2nd", "a b", "a:b", "é", "a/../b", "abcdefghijklmnopqrstu"] {
            assert_eq!(name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn names_are_found_in_a_text_and_the_text_stays_whole() {
        let text = "@Ada, ask @grace! (not me@home.org, not @ nor @x) é@ada @Lin";
        let written: Vec<_> = pieces(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Name(name) => Some(name),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(written, ["@Ada", "@grace", "@Lin"]);
        assert_eq!(mentions(text), ["ada".to_owned(), "grace".into(), "lin".into()].into());

        let joined: String = pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Name(text) => text,
            })
            .collect();
        assert_eq!(joined, text);
    }

    #[test]
    fn a_text_of_nothing_has_no_pieces() {
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("@"), [Piece::Text("@")]);
    }
}
