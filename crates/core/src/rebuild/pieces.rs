//! Which items of an array are old and which are new, without their content.

/// How many runs of items are told apart; the array is read as a whole when there are more.
const MAX_PIECES: usize = 512;
/// Where the items end that an array had, when it is not known how many they are.
const OPEN: usize = usize::MAX / 2;

/// An array as runs of the items that it had, and of new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Items that were there, from `start` until before `end`.
    Old { start: usize, end: usize },
    /// So many new items.
    New(usize),
}

/// Where an item comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there, at this index.
    Old(usize),
    New,
}

impl Piece {
    pub fn len(self) -> usize {
        match self {
            Self::Old { start, end } => end - start,
            Self::New(len) => len,
        }
    }

    pub(super) fn origin(self, offset: usize) -> Origin {
        match self {
            Self::Old { start, .. } => Origin::Old(start + offset),
            Self::New(_) => Origin::New,
        }
    }

    fn split(self, offset: usize) -> (Self, Self) {
        match self {
            Self::Old { start, end } => {
                (Self::Old { start, end: start + offset }, Self::Old { start: start + offset, end })
            }
            Self::New(len) => (Self::New(offset), Self::New(len - offset)),
        }
    }

    /// One piece of two that follow each other.
    pub(super) fn joined(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Old { start, end }, Self::Old { start: next, end: last }) if end == next => {
                Some(Self::Old { start, end: last })
            }
            (Self::New(len), Self::New(more)) => Some(Self::New(len + more)),
            _ => None,
        }
    }
}

impl From<Origin> for Piece {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Old(index) => Self::Old { start: index, end: index + 1 },
            Origin::New => Self::New(1),
        }
    }
}

impl Pieces {
    /// An array as it was.
    pub fn unchanged() -> Self {
        Self(vec![Piece::Old { start: 0, end: OPEN }])
    }

    pub fn is_unchanged(&self) -> bool {
        self.0 == [Piece::Old { start: 0, end: OPEN }]
    }

    pub fn is_too_many(&self) -> bool {
        self.0.len() > MAX_PIECES
    }

    /// Where the item at an index comes from.
    pub fn origin(&self, index: usize) -> Option<Origin> {
        let (place, offset) = self.locate(index)?;
        Some(self.0.get(place)?.origin(offset))
    }

    /// An item comes in, before the one at this index.
    pub fn insert(&mut self, index: usize, origin: Origin) -> Option<()> {
        let (place, offset) = self.locate(index)?;
        let place = self.split(place, offset);
        self.0.insert(place, origin.into());
        self.join(place + 1);
        self.join(place);
        Some(())
    }

    /// The item at an index goes.
    pub fn remove(&mut self, index: usize) -> Option<Origin> {
        let (place, offset) = self.locate(index)?;
        let origin = self.0.get(place)?.origin(offset);
        let place = self.split(place, offset);
        // The piece at the place now begins with the item.
        match self.0.get_mut(place)? {
            Piece::Old { start, .. } => *start += 1,
            Piece::New(len) => *len -= 1,
        }
        if self.0.get(place)?.len() == 0 {
            self.0.remove(place);
        }
        self.join(place);
        Some(origin)
    }

    /// How many items the array had that has so many now.
    pub fn had(&self, has: usize) -> usize {
        let is_open = |piece: &Piece| matches!(piece, Piece::Old { end: OPEN, .. });
        let others: usize = self.0.iter().filter(|piece| !is_open(piece)).map(|piece| piece.len()).sum();
        let end = |piece: &Piece| match *piece {
            Piece::Old { start, end: OPEN } => start + has.saturating_sub(others),
            Piece::Old { end, .. } => end,
            Piece::New(_) => 0,
        };
        self.0.iter().map(end).max().unwrap_or_default()
    }

    /// The pieces of an array that had `had` items and now has `has`; `None` when the pieces do not add up to that.
    pub fn of(&self, had: usize, has: usize) -> Option<Vec<Piece>> {
        let bounded = self.0.iter().map(|piece| match *piece {
            Piece::Old { start, end } if end == OPEN => Piece::Old { start: start.min(had), end: had },
            piece => piece,
        });
        let pieces: Vec<Piece> = bounded.filter(|piece| piece.len() > 0).collect();
        let fits = |piece: &Piece| !matches!(piece, Piece::Old { end, .. } if *end > had);
        let len = pieces.iter().try_fold(0_usize, |sum, piece| sum.checked_add(piece.len()));
        (len == Some(has) && pieces.iter().all(fits)).then_some(pieces)
    }

    /// The piece of an index, and the offset in it.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        let mut left = index;
        for (place, piece) in self.0.iter().enumerate() {
            if left < piece.len() {
                return Some((place, left));
            }
            left -= piece.len();
        }
        None
    }

    /// Lets a piece begin at an offset of this one, and gives its place.
    fn split(&mut self, place: usize, offset: usize) -> usize {
        if offset == 0 {
            return place;
        }
        let (before, after) = self.0[place].split(offset);
        self.0[place] = before;
        self.0.insert(place + 1, after);
        place + 1
    }

    /// Makes one of a piece and the one before it, where they are one.
    fn join(&mut self, place: usize) {
        let Some(before) = place.checked_sub(1) else { return };
        if let (Some(first), Some(second)) = (self.0.get(before), self.0.get(place))
            && let Some(joined) = first.joined(*second)
        {
            self.0[before] = joined;
            self.0.remove(place);
        }
    }
}
