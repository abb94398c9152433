//! Runs of items, against a list that does the same one by one.

use crate::rebuild::pieces::{Origin, Piece, Pieces};
use proptest::prelude::*;

proptest! {
    /// Against a list that does the same one by one.
    #[test]
    fn pieces_are_what_a_list_becomes(
        had in 0_usize..9,
        steps in proptest::collection::vec((0_u8..3, any::<usize>(), any::<usize>()), 0..40),
    ) {
        let mut list: Vec<Option<usize>> = (0..had).map(Some).collect();
        let mut pieces = Pieces::unchanged();
        for (kind, from, to) in steps {
            let (from, to) = (from % list.len().max(1), to % (list.len() + usize::from(kind == 0)).max(1));
            match kind {
                0 => {
                    list.insert(to, None);
                    pieces.insert(to, Origin::New).unwrap();
                }
                1 if !list.is_empty() => {
                    let item = list.remove(from);
                    prop_assert_eq!(pieces.remove(from), Some(item.map_or(Origin::New, Origin::Old)));
                }
                2 if !list.is_empty() => {
                    let item = list.remove(from);
                    list.insert(to, item);
                    let origin = pieces.remove(from).unwrap();
                    pieces.insert(to, origin).unwrap();
                }
                _ => {}
            }
        }
        let of = pieces.of(had, list.len()).unwrap();
        let items: Vec<Option<usize>> = of
            .iter()
            .flat_map(|piece| (0..piece.len()).map(|offset| match piece.origin(offset) {
                Origin::Old(index) => Some(index),
                Origin::New => None,
            }))
            .collect();
        prop_assert_eq!(items, list);
        prop_assert!(of.windows(2).all(|pair| pair[0].joined(pair[1]).is_none()));
        prop_assert_eq!(pieces.of(had, usize::MAX), None);
    }
}

#[test]
fn an_array_that_had_fewer_items_than_were_touched_does_not_fit() {
    let mut pieces = Pieces::unchanged();
    pieces.insert(7, Origin::New).unwrap();
    assert_eq!(pieces.of(7, 8).unwrap(), [Piece::Old { start: 0, end: 7 }, Piece::New(1)]);
    assert_eq!(pieces.of(3, 8), None);
    assert_eq!(pieces.of(3, 4), None);
}
