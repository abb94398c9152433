//! The fewest moves that bring items into another order.

/// More moves than this are not worth their while: each one shifts what lies between, at every reader.
const MOST: usize = 1_000;

/// The moves, one after the other, that bring `0..n` into this order: out of one place, then into another. `None`
/// when there are too many.
///
/// All stay that can: those of a longest increasing subsequence (Fredman, 1975).
pub(super) fn moves(order: &[usize]) -> Option<Vec<(usize, usize)>> {
    // Items that stay at either end need no further look.
    let first = order.iter().enumerate().take_while(|(index, rank)| index == *rank).count();
    let last = order.len() - order.iter().enumerate().rev().take_while(|(index, rank)| index == *rank).count();
    if first >= last {
        return Some(Vec::new());
    }
    let order: Vec<usize> = order[first..last].iter().map(|rank| rank - first).collect();
    let order = order.as_slice();
    let stays = longest_increasing(order);
    let moving = stays.iter().filter(|stays| !**stays).count();
    if moving > MOST {
        return None;
    }
    // Among those that have not moved yet, everything is in the old order: an item that waits for its move stands where it
    // stood, and one that has moved right behind the one that it follows in the new order.
    let mut waiting = Counts::new(order.len());
    let mut settled = Counts::new(order.len() + 1);
    for (rank, stays) in order.iter().zip(&stays) {
        if *stays { settled.add(rank + 1, 1) } else { waiting.add(*rank, 1) }
    }
    let mut moves = Vec::with_capacity(moving);
    // One more than the rank of the last item before that stays; what moved stands behind that one.
    let mut anchor = 0;
    for (to, (rank, stays)) in order.iter().zip(&stays).enumerate() {
        if *stays {
            anchor = rank + 1;
            continue;
        }
        let from = waiting.below(*rank) + settled.below(rank + 1);
        waiting.add(*rank, -1);
        moves.push((first + from, first + to + waiting.below(anchor)));
        settled.add(anchor, 1);
    }
    Some(moves)
}

/// Which items belong to a longest increasing subsequence.
fn longest_increasing(order: &[usize]) -> Vec<bool> {
    // For each length the index of the smallest item that a subsequence of that length can end with.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; order.len()];
    for (index, rank) in order.iter().enumerate() {
        let len = ends.partition_point(|end| order[*end] < *rank);
        before[index] = len.checked_sub(1).map(|shorter| ends[shorter]);
        if len == ends.len() { ends.push(index) } else { ends[len] = index }
    }
    let mut stays = vec![false; order.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        stays[index] = true;
        next = before[index];
    }
    stays
}

/// Sums of counts (Fenwick, 1994).
struct Counts(Vec<isize>);

impl Counts {
    fn new(len: usize) -> Self {
        Self(vec![0; len + 1])
    }

    fn add(&mut self, at: usize, count: isize) {
        let mut node = at + 1;
        while let Some(sum) = self.0.get_mut(node) {
            *sum += count;
            node += node & node.wrapping_neg();
        }
    }

    /// The sum of the counts before a place.
    fn below(&self, at: usize) -> usize {
        let (mut node, mut sum) = (at, 0);
        while node > 0 {
            sum += self.0[node];
            node &= node - 1;
        }
        sum.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(order: &[usize]) -> usize {
        let mut items: Vec<_> = (0..order.len()).collect();
        let moves = moves(order).unwrap();
        for (from, to) in &moves {
            let item = items.remove(*from);
            items.insert(*to, item);
        }
        assert_eq!(items, order);
        moves.len()
    }

    #[test]
    fn one_item_that_goes_elsewhere_is_one_move() {
        assert_eq!(check(&[0, 1, 2, 3]), 0);
        assert_eq!(check(&[3, 0, 1, 2]), 1);
        assert_eq!(check(&[1, 2, 3, 0]), 1);
        assert_eq!(check(&[0, 2, 1, 3]), 1);
        assert_eq!(check(&[3, 2, 1, 0]), 3);
    }

    #[test]
    fn too_many_moves_are_none() {
        let order: Vec<_> = (0..MOST + 2).rev().collect();
        assert!(moves(&order).is_none());
    }

    #[test]
    fn every_order_of_seven_items_is_reached() {
        fn all(order: &mut Vec<usize>, left: &mut Vec<usize>) {
            if left.is_empty() {
                check(order);
            }
            for index in 0..left.len() {
                let item = left.remove(index);
                order.push(item);
                all(order, left);
                order.pop();
                left.insert(index, item);
            }
        }
        all(&mut Vec::new(), &mut (0..7).collect());
    }

    #[test]
    fn a_long_list_in_another_order_is_reached() {
        // The length is a prime number, so that each step meets every item once.
        for step in [1, 3, 7, 199, 256, 498] {
            check(&(0..499).map(|index| (index * step + 17) % 499).collect::<Vec<_>>());
        }
    }
}
