//! Which card stands where on the page: pure, without any user interface.

use crate::model::{COLUMNS, Spot};

/// The cards of each column, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout([Vec<u32>; COLUMNS.len()]);

/// Where a card shall go: a column, and the card below it there, or none at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub column: usize,
    pub before: Option<u32>,
}

/// A row of a column, both counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    pub column: usize,
    pub row: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    Left,
    Right,
}

impl Direction {
    /// The direction of an arrow key.
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            "ArrowUp" => Some(Self::Up),
            "ArrowDown" => Some(Self::Down),
            "ArrowLeft" => Some(Self::Left),
            "ArrowRight" => Some(Self::Right),
            _ => None,
        }
    }
}

impl Layout {
    /// The order that the server's spots give. A card of a column that this page does not know is left out.
    pub fn of(cards: &[(u32, Spot)]) -> Self {
        let mut columns: [Vec<(u32, u32)>; COLUMNS.len()] = Default::default();
        for (id, spot) in cards {
            if let Some(column) = columns.get_mut(spot.column) {
                column.push((spot.place, *id));
            }
        }
        Self(columns.map(|mut column| {
            column.sort_unstable();
            column.into_iter().map(|(_, id)| id).collect()
        }))
    }

    /// The layout with one card elsewhere. A card that is not there stays away.
    #[must_use]
    pub fn with(mut self, id: u32, to: Target) -> Self {
        let Some(from) = self.slot(id) else { return self };
        self.0[from.column].remove(from.row);
        let column = &mut self.0[to.column];
        let row = column.iter().position(|other| Some(*other) == to.before).unwrap_or(column.len());
        column.insert(row, id);
        self
    }

    pub fn column(&self, column: usize) -> &[u32] {
        self.0.get(column).map_or(&[], Vec::as_slice)
    }

    /// How many cards the longest column has.
    pub fn rows(&self) -> usize {
        self.0.iter().map(Vec::len).max().unwrap_or_default()
    }

    pub fn first(&self) -> Option<u32> {
        self.0.iter().find_map(|column| column.first().copied())
    }

    pub fn slot(&self, id: u32) -> Option<Slot> {
        self.0.iter().enumerate().find_map(|(column, cards)| {
            let row = cards.iter().position(|card| *card == id)?;
            Some(Slot { column, row })
        })
    }

    /// The next card in a direction: to the sides past columns that are empty, and there in the same row or the last one.
    pub fn neighbour(&self, id: u32, direction: Direction) -> Option<u32> {
        let Slot { column, row } = self.slot(id)?;
        let beside = |cards: &Vec<u32>| cards.get(row).or(cards.last()).copied();
        match direction {
            Direction::Up => self.0[column].get(row.checked_sub(1)?).copied(),
            Direction::Down => self.0[column].get(row + 1).copied(),
            Direction::Left => self.0[..column].iter().rev().find_map(beside),
            Direction::Right => self.0[column + 1..].iter().find_map(beside),
        }
    }

    /// Where one step in a direction takes a card; none at the edge of the board.
    pub fn step(&self, id: u32, direction: Direction) -> Option<Target> {
        let Slot { column, row } = self.slot(id)?;
        let (column, row) = match direction {
            Direction::Up => (column, row.checked_sub(1)?),
            Direction::Down if row + 1 < self.0[column].len() => (column, row + 1),
            Direction::Down => return None,
            Direction::Left => (column.checked_sub(1)?, row),
            Direction::Right if column + 1 < COLUMNS.len() => (column + 1, row),
            Direction::Right => return None,
        };
        Some(self.target(id, Slot { column, row }))
    }

    /// What takes a card to a slot, or to the last one that there is when it is beyond.
    pub fn target(&self, id: u32, slot: Slot) -> Target {
        let column = slot.column.min(COLUMNS.len() - 1);
        let before = self.0[column].iter().filter(|card| **card != id).nth(slot.row).copied();
        Target { column, before }
    }

    /// What would leave a card where it is.
    pub fn target_of(&self, id: u32) -> Option<Target> {
        self.slot(id).map(|slot| self.target(id, slot))
    }
}

/// How far it is from one slot to the next, in pixels of the page.
#[derive(Clone, Copy, Debug)]
pub struct Raster {
    pub across: f64,
    pub down: f64,
}

impl Raster {
    /// The slot over which a card hangs most, by its upper left corner.
    pub fn slot(&self, x: f64, y: f64) -> Slot {
        // From a negative number it is 0, and so it is from what is no number at all.
        let nearest = |at: f64, step: f64| (at / step).round() as usize;
        Slot { column: nearest(x, self.across), row: nearest(y, self.down) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(columns: [&[u32]; 3]) -> Layout {
        Layout(columns.map(<[u32]>::to_vec))
    }

    fn to(column: usize, before: impl Into<Option<u32>>) -> Target {
        Target { column, before: before.into() }
    }

    #[test]
    fn cards_stand_by_their_place_and_not_by_their_age() {
        let spot = |column, place| Spot { column, place };
        let cards = [(1, spot(0, 300)), (2, spot(1, 100)), (3, spot(0, 200)), (4, spot(7, 1)), (5, spot(0, 200))];
        assert_eq!(Layout::of(&cards), layout([&[3, 5, 1], &[2], &[]]));
    }

    #[test]
    fn a_card_is_shown_where_it_shall_go() {
        let start = layout([&[1, 2, 3], &[4], &[]]);
        assert_eq!(start.clone().with(2, to(1, 4)), layout([&[1, 3], &[2, 4], &[]]));
        assert_eq!(start.clone().with(2, to(2, None)), layout([&[1, 3], &[4], &[2]]));
        assert_eq!(start.clone().with(1, to(0, 3)), layout([&[2, 1, 3], &[4], &[]]));
        // The neighbour has left, or is the card itself.
        assert_eq!(start.clone().with(1, to(1, 3)), layout([&[2, 3], &[4, 1], &[]]));
        assert_eq!(start.clone().with(1, to(0, 1)), layout([&[2, 3, 1], &[4], &[]]));
        assert_eq!(start.clone().with(9, to(1, None)), start);
    }

    #[test]
    fn a_step_goes_as_far_as_the_board() {
        let start = layout([&[1, 2, 3], &[4], &[]]);
        let step = |id, direction| start.step(id, direction).map(|target| start.clone().with(id, target));
        assert_eq!(step(2, Direction::Up), Some(layout([&[2, 1, 3], &[4], &[]])));
        assert_eq!(step(2, Direction::Down), Some(layout([&[1, 3, 2], &[4], &[]])));
        assert_eq!(step(1, Direction::Right), Some(layout([&[2, 3], &[1, 4], &[]])));
        assert_eq!(step(3, Direction::Right), Some(layout([&[1, 2], &[4, 3], &[]])));
        assert_eq!(step(4, Direction::Left), Some(layout([&[4, 1, 2, 3], &[], &[]])));
        assert_eq!(step(4, Direction::Right), Some(layout([&[1, 2, 3], &[], &[4]])));
        let edges = [(1, Direction::Up), (3, Direction::Down), (1, Direction::Left), (9, Direction::Up)];
        assert!(edges.into_iter().all(|(id, direction)| start.step(id, direction).is_none()));
    }

    #[test]
    fn arrows_lead_from_card_to_card() {
        let start = layout([&[1, 2, 3], &[], &[4]]);
        assert_eq!(start.neighbour(1, Direction::Down), Some(2));
        assert_eq!(start.neighbour(1, Direction::Up), None);
        assert_eq!(start.neighbour(3, Direction::Right), Some(4));
        assert_eq!(start.neighbour(4, Direction::Left), Some(1));
        assert_eq!(start.neighbour(4, Direction::Right), None);
        assert_eq!(layout([&[], &[7], &[]]).first(), Some(7));
    }

    #[test]
    fn a_card_that_stays_has_the_target_of_where_it_is() {
        let start = layout([&[1, 2, 3], &[4], &[]]);
        for id in 1..=4 {
            let target = start.target_of(id).unwrap();
            assert_eq!(start.clone().with(id, target), start);
        }
        assert_eq!(start.target_of(9), None);
    }

    #[test]
    fn a_card_over_two_slots_goes_to_the_nearer_one() {
        let raster = Raster { across: 300.0, down: 100.0 };
        let at = |column, row| Slot { column, row };
        assert_eq!(raster.slot(0.0, 0.0), at(0, 0));
        assert_eq!(raster.slot(-80.0, -300.0), at(0, 0));
        assert_eq!(raster.slot(149.0, 49.0), at(0, 0));
        assert_eq!(raster.slot(151.0, 51.0), at(1, 1));
        assert_eq!(raster.slot(9_000.0, 250.0), at(30, 3));
        assert_eq!(raster.slot(f64::NAN, f64::INFINITY).column, 0);
        let start = layout([&[1, 2], &[4], &[]]);
        assert_eq!(start.target(1, at(30, 3)), to(2, None));
        assert_eq!(start.target(1, at(0, 0)), to(0, 2));
        assert_eq!(start.target(1, at(0, 1)), to(0, None));
    }
}
