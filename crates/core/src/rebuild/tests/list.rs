//! Lists that are arranged anew, against one that does the same step by step.

use crate::rebuild::list::{FEW, Others};
use crate::rebuild::pieces::{Origin, Pieces};
use proptest::prelude::*;

proptest! {
    #[test]
    fn both_ways_arrange_the_same(
        had in 0_usize..30,
        steps in proptest::collection::vec((0_u8..3, any::<usize>(), any::<usize>()), 0..8),
    ) {
        let mut expected: Vec<usize> = (0..had).collect();
        let mut pieces = Pieces::unchanged();
        for (kind, from, to) in steps {
            let (from, to) = (from % expected.len().max(1), to % (expected.len() + usize::from(kind == 0)).max(1));
            match kind {
                0 => {
                    expected.insert(to, 1_000);
                    pieces.insert(to, Origin::New).unwrap();
                }
                1 if !expected.is_empty() => {
                    expected.remove(from);
                    pieces.remove(from).unwrap();
                }
                2 if !expected.is_empty() => {
                    let item = expected.remove(from);
                    expected.insert(to, item);
                    let origin = pieces.remove(from).unwrap();
                    pieces.insert(to, origin).unwrap();
                }
                _ => {}
            }
        }
        // The new ones are told apart, too.
        let mut count = 1_000;
        for item in expected.iter_mut().filter(|item| **item == 1_000) {
            *item = count;
            count += 1;
        }
        let others = || Others { pieces: pieces.of(had, expected.len()).unwrap(), new: (1_000..count).collect() };
        let (mut few, mut many) = ((0..had).collect::<Vec<_>>(), (0..had).collect::<Vec<_>>());
        if others().pieces.len() <= FEW {
            others().arrange(&mut few);
            prop_assert_eq!(&few, &expected);
        }
        others().put_together(&mut many);
        prop_assert_eq!(&many, &expected);
    }
}
