//! What travels: the board with its cards, and how many look at it.

use std::fmt;
use std::str::FromStr;

use leptos_sse::Rebuild;
use reactive_stores::Store;
use serde::{Deserialize, Serialize};

/// The columns, by their number.
pub const COLUMNS: [&str; 3] = ["To do", "Doing", "Done"];

/// The board of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
pub struct Board {
    /// In the order in which they were made, which never changes: where a card stands is said by the card.
    #[store(key: u32 = |card| card.id)]
    pub cards: Vec<Card>,
    /// The number of the latest card. None is given twice, so that a card that is gone is not taken for another one.
    pub last: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Store, Rebuild)]
pub struct Card {
    pub id: u32,
    pub title: String,
    /// Whose it is; empty when it is nobody's.
    pub who: String,
    pub label: Label,
    pub column: usize,
    /// From top to bottom it grows, with gaps, so that a card that is moved changes no other one.
    pub place: u32,
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub column: usize,
    pub place: u32,
}

impl Card {
    pub fn spot(&self) -> Spot {
        Spot { column: self.column, place: self.place }
    }
}

/// What kind of work it is. It is a word and a colour, as not everyone sees both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Rebuild)]
pub enum Label {
    #[default]
    Plain,
    Feature,
    Bug,
    Chore,
    Idea,
}

impl Label {
    pub const ALL: [Self; 5] = [Self::Plain, Self::Feature, Self::Bug, Self::Chore, Self::Idea];

    /// The name by which the style sheet colours it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Feature => "feature",
            Self::Bug => "bug",
            Self::Chore => "chore",
            Self::Idea => "idea",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "No label",
            Self::Feature => "Feature",
            Self::Bug => "Bug",
            Self::Chore => "Chore",
            Self::Idea => "Idea",
        })
    }
}

impl FromStr for Label {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|label| label.name() == name).ok_or(())
    }
}

/// How many look at the board now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Looking {
    pub count: usize,
}
