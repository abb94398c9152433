//! What may be done with a board. The server alone does it; whatever it refuses leaves the board as it was.

use std::fmt;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::model::{Board, COLUMNS, Card, Label, Spot};

pub const MOST_CARDS: usize = 200;
pub const LONGEST_TITLE: usize = 120;
pub const LONGEST_NAME: usize = 24;

/// Between two neighbours, so that sixteen cards in a row fit between the same two before they have to move.
const STEP: u32 = 1 << 16;

/// Why something was not done, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objection {
    NoSuchCard,
    NoSuchColumn,
    BoardFull,
    TitleLength {
        most: usize,
    },
    NameLength {
        most: usize,
    },
    /// The request itself failed.
    Failed(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchCard => f.write_str("This card is gone: someone has deleted it."),
            Self::NoSuchColumn => f.write_str("There is no such column."),
            Self::BoardFull => write!(f, "The board is full: {MOST_CARDS} cards are enough."),
            Self::TitleLength { most } => write!(f, "A card needs a title, of no more than {most} characters."),
            Self::NameLength { most } => write!(f, "A name has no more than {most} characters."),
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

impl Board {
    /// Makes a card at the end of a column, and gives its number.
    ///
    /// # Errors
    ///
    /// When there is no such column, the title is empty or too long, or the board is full.
    pub fn add(&mut self, column: usize, title: &str) -> Result<u32, Objection> {
        let title = checked_title(title)?;
        check_column(column)?;
        if self.cards.len() >= MOST_CARDS {
            return Err(Objection::BoardFull);
        }
        let place = self.make_place(None, column, None);
        self.last += 1;
        self.cards.push(Card { id: self.last, title, column, place, ..Card::default() });
        Ok(self.last)
    }

    /// Changes what stands on a card.
    ///
    /// # Errors
    ///
    /// When there is no such card, the title is empty or too long, or the name is too long.
    pub fn edit(&mut self, id: u32, title: &str, who: &str, label: Label) -> Result<(), Objection> {
        let title = checked_title(title)?;
        let who = who.trim();
        if who.chars().count() > LONGEST_NAME {
            return Err(Objection::NameLength { most: LONGEST_NAME });
        }
        let card = self.card_mut(id)?;
        card.title = title;
        card.who = who.to_owned();
        card.label = label;
        Ok(())
    }

    /// Takes a card off the board.
    ///
    /// # Errors
    ///
    /// When there is no such card.
    pub fn delete(&mut self, id: u32) -> Result<(), Objection> {
        self.card_mut(id)?;
        self.cards.retain(|card| card.id != id);
        Ok(())
    }

    /// Moves a card into a column, above the card `before` or else to its end. Who moves it names a neighbour and no
    /// number of a row, as others may have moved something meanwhile; a neighbour that has left means the end.
    ///
    /// # Errors
    ///
    /// When there is no such card, or no such column.
    pub fn shift(&mut self, id: u32, column: usize, before: Option<u32>) -> Result<Spot, Objection> {
        check_column(column)?;
        self.card_mut(id)?;
        let place = self.make_place(Some(id), column, before);
        let card = self.card_mut(id)?;
        card.column = column;
        card.place = place;
        Ok(card.spot())
    }

    fn card_mut(&mut self, id: u32) -> Result<&mut Card, Objection> {
        self.cards.iter_mut().find(|card| card.id == id).ok_or(Objection::NoSuchCard)
    }

    /// A place above `before`, or else at the end of a column, for a card that is in it or comes to it.
    fn make_place(&mut self, id: Option<u32>, column: usize, before: Option<u32>) -> u32 {
        let mut others: Vec<_> =
            self.cards.iter_mut().filter(|card| card.column == column && Some(card.id) != id).collect();
        others.sort_by_key(|card| card.place);
        let row = others.iter().position(|card| Some(card.id) == before).unwrap_or(others.len());
        let above = row.checked_sub(1).map_or(0, |row| others[row].place);
        let between = match others.get(row) {
            Some(below) => Some(above + (below.place - above) / 2).filter(|place| *place > above),
            None => above.checked_add(STEP),
        };
        between.unwrap_or_else(|| {
            // No gap is left, so the column gets new ones.
            for (index, card) in others.iter_mut().enumerate() {
                card.place = nth_place(index + usize::from(index >= row));
            }
            nth_place(row)
        })
    }
}

/// No column has as many cards as would fill it: see `MOST_CARDS`.
fn nth_place(row: usize) -> u32 {
    (row as u32 + 1) * STEP
}

fn check_column(column: usize) -> Result<(), Objection> {
    if column < COLUMNS.len() { Ok(()) } else { Err(Objection::NoSuchColumn) }
}

/// One line, without blanks around it.
fn checked_title(title: &str) -> Result<String, Objection> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        1..=LONGEST_TITLE => Ok(title),
        _ => Err(Objection::TitleLength { most: LONGEST_TITLE }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A board with so many cards in each column, numbered from 1.
    fn board(columns: [u32; 3]) -> Board {
        let mut board = Board::default();
        for (column, cards) in columns.into_iter().enumerate() {
            for _ in 0..cards {
                board.add(column, "card").unwrap();
            }
        }
        board
    }

    fn column(board: &Board, column: usize) -> Vec<u32> {
        let mut cards: Vec<_> = board.cards.iter().filter(|card| card.column == column).collect();
        cards.sort_by_key(|card| card.place);
        cards.iter().map(|card| card.id).collect()
    }

    #[test]
    fn a_card_moves_above_another_or_to_the_end() {
        let mut board = board([3, 2, 0]);
        board.shift(1, 1, Some(5)).unwrap();
        assert_eq!((column(&board, 0), column(&board, 1)), (vec![2, 3], vec![4, 1, 5]));
        board.shift(1, 1, Some(4)).unwrap();
        assert_eq!(column(&board, 1), [1, 4, 5]);
        board.shift(1, 1, None).unwrap();
        assert_eq!(column(&board, 1), [4, 5, 1]);
        let spot = board.shift(2, 2, None).unwrap();
        assert_eq!(column(&board, 2), [2]);
        assert_eq!(board.cards[1].spot(), spot);
    }

    #[test]
    fn a_move_changes_one_card_and_not_the_order_of_the_list() {
        let mut board = board([3, 3, 0]);
        let before = board.clone();
        board.shift(2, 1, Some(5)).unwrap();
        for (old, new) in before.cards.iter().zip(&board.cards) {
            assert_eq!(old.id, new.id);
            assert_eq!(old != new, old.id == 2);
        }
    }

    #[test]
    fn a_neighbour_that_has_left_means_the_end() {
        let mut board = board([2, 2, 0]);
        board.shift(1, 1, Some(2)).unwrap();
        assert_eq!(column(&board, 1), [3, 4, 1]);
        board.shift(2, 1, Some(99)).unwrap();
        assert_eq!(column(&board, 1), [3, 4, 1, 2]);
        // Nor is a card its own neighbour.
        board.shift(3, 1, Some(3)).unwrap();
        assert_eq!(column(&board, 1), [4, 1, 2, 3]);
    }

    #[test]
    fn a_column_without_a_gap_gets_new_ones() {
        let mut board = board([2, 2, 0]);
        for _ in 0..40 {
            // Each time between the first and what was put there before.
            let order = column(&board, 0);
            let last = *order.last().unwrap();
            board.shift(last, 0, Some(order[1])).unwrap();
            let mut wanted = order.clone();
            wanted.pop();
            wanted.insert(1, last);
            assert_eq!(column(&board, 0), wanted);
            let fresh = board.add(0, "card").unwrap();
            assert_eq!(column(&board, 0).last(), Some(&fresh));
        }
        assert_eq!(column(&board, 1), [3, 4]);
    }

    #[test]
    fn the_far_end_of_the_numbers_is_no_end() {
        let mut board = board([2, 0, 0]);
        board.cards[1].place = u32::MAX;
        board.add(0, "card").unwrap();
        assert_eq!(column(&board, 0), [1, 2, 3]);
    }

    #[test]
    fn what_is_not_there_cannot_be_moved_nor_moved_to() {
        let mut board = board([1, 0, 0]);
        let before = board.clone();
        assert_eq!(board.shift(9, 1, None), Err(Objection::NoSuchCard));
        assert_eq!(board.shift(1, 3, None), Err(Objection::NoSuchColumn));
        assert_eq!(board.add(3, "card"), Err(Objection::NoSuchColumn));
        assert_eq!(board.edit(9, "card", "", Label::Bug), Err(Objection::NoSuchCard));
        assert_eq!(board.delete(9), Err(Objection::NoSuchCard));
        assert_eq!(board, before);
    }

    #[test]
    fn texts_and_the_board_have_bounds() {
        let mut board = board([1, 0, 0]);
        assert_eq!(board.add(0, " \n "), Err(Objection::TitleLength { most: LONGEST_TITLE }));
        assert!(board.add(0, &"é".repeat(LONGEST_TITLE)).is_ok());
        assert!(board.add(0, &"x".repeat(LONGEST_TITLE + 1)).is_err());
        assert!(board.edit(1, "card", &"x".repeat(LONGEST_NAME + 1), Label::Bug).is_err());
        board.edit(1, " two\n lines ", " Ada ", Label::Bug).unwrap();
        assert_eq!((board.cards[0].title.as_str(), board.cards[0].who.as_str()), ("two lines", "Ada"));
        while board.cards.len() < MOST_CARDS {
            board.add(1, "card").unwrap();
        }
        assert_eq!(board.add(1, "card"), Err(Objection::BoardFull));
    }

    #[test]
    fn the_number_of_a_card_that_is_gone_is_not_given_again() {
        let mut board = board([2, 0, 0]);
        board.delete(2).unwrap();
        assert_eq!(board.add(0, "card"), Ok(3));
        assert_eq!(column(&board, 0), [1, 3]);
    }
}
