//! Tuples and arrays: a fixed number of places.

use super::{Rebuild, marks::Marks, touched::Touched};
use crate::error::Error;
use serde::de::DeserializeOwned;

/// The part that was read of an array.
pub enum ArrayPart<T: Rebuild, const N: usize> {
    Whole([T; N]),
    Places(Vec<(usize, T::Part)>),
}

impl<T: Rebuild, const N: usize> Rebuild for [T; N]
where
    [T; N]: DeserializeOwned,
{
    type Part = ArrayPart<T, N>;

    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
        let Some(places) = touched.places(N) else { return touched.read().map(ArrayPart::Whole) };
        let places = places.map(|(place, item)| Ok((place, self[place].prepare(item)?)));
        places.collect::<Result<_, _>>().map(ArrayPart::Places)
    }

    fn rebuild(&mut self, part: Self::Part) {
        match part {
            ArrayPart::Whole(whole) => *self = whole,
            ArrayPart::Places(places) => {
                for (place, part) in places {
                    self[place].rebuild(part);
                }
            }
        }
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        match touched.and_then(|touched| touched.places(N)) {
            Some(places) => {
                places.for_each(|(place, item)| marks.at(place, |marks| self[place].mark(Some(item), marks)))
            }
            None => marks.anew(0..N, |place, marks| self[place].mark(None, marks)),
        }
    }
}

/// The part that was read of a tuple.
pub enum TuplePart<W, P> {
    Whole(W),
    Places(P),
}

macro_rules! tuples {
    ($($len:literal: $($type:ident $place:tt),*;)*) => {$(
        impl<$($type: Rebuild),*> Rebuild for ($($type,)*) {
            type Part = TuplePart<Self, ($(Option<$type::Part>,)*)>;

            fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
                let Some(places) = touched.places($len) else { return touched.read().map(TuplePart::Whole) };
                let mut parts: ($(Option<$type::Part>,)*) = ($(None::<$type::Part>,)*);
                for (place, item) in places {
                    match place {
                        $($place => parts.$place = Some(self.$place.prepare(item)?),)*
                        _ => return touched.read().map(TuplePart::Whole),
                    }
                }
                Ok(TuplePart::Places(parts))
            }

            fn rebuild(&mut self, part: Self::Part) {
                match part {
                    TuplePart::Whole(whole) => *self = whole,
                    TuplePart::Places(parts) => {
                        $(if let Some(part) = parts.$place {
                            self.$place.rebuild(part);
                        })*
                    }
                }
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}
