//! A set of places.

/// Which of so many places were met.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<u64>);

impl Places {
    /// The first ones, out of so many.
    pub(super) fn first(first: usize, len: usize) -> Self {
        let full = first / 64;
        let mut places = vec![u64::MAX; full];
        places.resize(len.div_ceil(64).max(full), 0);
        if let Some(bits) = places.get_mut(full) {
            *bits = (1 << (first % 64)) - 1;
        }
        Self(places)
    }

    #[inline]
    pub(super) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    /// The first place from this one on that is not in, which may be one too far.
    pub(super) fn next_missing(&self, place: usize) -> usize {
        let mut place = place;
        while let Some(bits) = self.0.get(place / 64) {
            let left = !bits >> (place % 64);
            if left != 0 {
                return place + left.trailing_zeros() as usize;
            }
            place = (place / 64 + 1) * 64;
        }
        place
    }

    /// Whether the place is new.
    #[inline]
    pub(super) fn insert(&mut self, place: usize) -> bool {
        let Some(bits) = self.0.get_mut(place / 64) else { return false };
        let is_new = *bits & (1 << (place % 64)) == 0;
        *bits |= 1 << (place % 64);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_places_are_in_and_the_next_are_not() {
        for len in 0..200 {
            for first in 0..=len {
                let places = Places::first(first, len);
                assert!((0..len).all(|place| places.contains(place) == (place < first)), "{first} of {len}");
                assert!((0..len).all(|place| places.next_missing(place) == place.max(first)), "{first} of {len}");
            }
        }
    }
}
