//! Lists, whose items come, go and move without the others being read again.

use super::{Rebuild, marks::Marks, pieces::Piece, touched::Touched};
use crate::error::Error;
use std::{collections::VecDeque, mem};

/// The part that was read of a list.
pub enum ListPart<T: Rebuild> {
    Whole(Vec<T>),
    Items {
        /// Those that were there, by the indices that they had.
        touched: Vec<(usize, T::Part)>,
        /// `None` when the list has the same items in the same order.
        others: Option<Others<T>>,
    },
}

/// The pieces that the list now consists of.
pub struct Others<T> {
    pub(super) pieces: Vec<Piece>,
    pub(super) new: Vec<T>,
}

/// Up to this many pieces are moved into place one by one; beyond it the list is rebuilt from its pieces.
pub(super) const FEW: usize = 8;

impl<T: Rebuild> Rebuild for Vec<T> {
    type Part = ListPart<T>;

    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
        prepare(touched, self.len(), |index| self.get(index))
    }

    fn rebuild(&mut self, part: Self::Part) {
        match part {
            ListPart::Whole(whole) => *self = whole,
            ListPart::Items { touched, others } => {
                for (index, part) in touched {
                    if let Some(item) = self.get_mut(index) {
                        item.rebuild(part);
                    }
                }
                if let Some(others) = others {
                    others.arrange(self);
                }
            }
        }
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        mark(touched, self.len(), |index| self.get(index), marks);
    }
}

impl<T: Rebuild> Rebuild for VecDeque<T> {
    type Part = ListPart<T>;

    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
        prepare(touched, self.len(), |index| self.get(index))
    }

    fn rebuild(&mut self, part: Self::Part) {
        // Neither way copies an item, as a rule.
        let mut items = Vec::from(mem::take(self));
        items.rebuild(part);
        *self = items.into();
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        mark(touched, self.len(), |index| self.get(index), marks);
    }
}

fn prepare<'v, T: Rebuild + 'v>(
    touched: Touched<'_>,
    len: usize,
    item: impl Fn(usize) -> Option<&'v T>,
) -> Result<ListPart<T>, Error> {
    let Some(list) = touched.list(len) else { return touched.read().map(ListPart::Whole) };
    let kept = list.kept().filter_map(|(index, touched)| Some((index, item(index)?, touched)));
    let touched = kept.map(|(index, item, touched)| Ok((index, item.prepare(touched)?)));
    let touched = touched.collect::<Result<_, Error>>()?;
    let new = list.new_items().map(Touched::read).collect::<Result<_, Error>>()?;
    let others = list.into_pieces().map(|pieces| Others { pieces, new });
    Ok(ListPart::Items { touched, others })
}

/// Items are known by their indices here: those behind one that came or went are others than they were.
fn mark<'v, T: Rebuild + 'v, M: Marks>(
    touched: Option<Touched<'_>>,
    len: usize,
    item: impl Fn(usize) -> Option<&'v T>,
    marks: &mut M,
) {
    let anew = |index, marks: &mut M| item(index).into_iter().for_each(|item| item.mark(None, marks));
    let Some(list) = touched.and_then(|touched| marks.list(touched, len)) else { return marks.anew(0..len, anew) };
    let fixed = list.fixed();
    for (index, _, touched) in list.placed().filter(|(index, ..)| *index < fixed) {
        marks.at(index, |marks| item(index).into_iter().for_each(|item| item.mark(Some(touched), marks)));
    }
    if list.is_rearranged() {
        marks.order();
        // Items that are gone get no mark: there would be nothing to read.
        let others = fixed..list.len().min(len);
        marks.covered(|marks| others.for_each(|index| marks.at(index, |marks| anew(index, marks))));
    }
}

impl<T> Others<T> {
    pub(super) fn arrange(self, items: &mut Vec<T>) {
        let mut kept: Vec<(usize, usize)> = self.pieces.iter().filter_map(|piece| run_of(*piece)).collect();
        kept.sort_unstable();
        if self.pieces.len() > FEW || kept.last().is_some_and(|(_, after)| *after > items.len()) {
            return self.put_together(items);
        }
        // First those that went, from the last one, so that the indices of the others hold.
        let mut end = items.len();
        for (start, after) in kept.iter().rev() {
            items.drain(*after..end);
            end = *start;
        }
        items.drain(..end);
        // Then the runs that are left change places, each to behind those that are in place already.
        let mut place = 0;
        let mut new = self.new.into_iter();
        let mut comes = Vec::new();
        for piece in &self.pieces {
            let Some(run) = run_of(*piece) else {
                comes.push((place, piece.len()));
                continue;
            };
            let len = run.1 - run.0;
            let Some(at) = kept.iter().position(|kept| *kept == run) else { continue };
            let before: usize = kept[..at].iter().map(|(start, end)| end - start).sum();
            if before > 0 {
                items[place..place + before + len].rotate_right(len);
            }
            kept.remove(at);
            place += len;
        }
        // At last the new ones, from the first one.
        let mut shift = 0;
        for (place, len) in comes {
            let at = place + shift;
            items.splice(at..at, new.by_ref().take(len));
            shift += len;
        }
    }

    pub(super) fn put_together(self, items: &mut Vec<T>) {
        let mut old: Vec<Option<T>> = mem::take(items).into_iter().map(Some).collect();
        let mut new = self.new.into_iter();
        items.reserve(self.pieces.iter().map(|piece| piece.len()).sum());
        for piece in self.pieces {
            match piece {
                Piece::Old { start, end } => {
                    items.extend(old.get_mut(start..end).into_iter().flatten().filter_map(Option::take));
                }
                Piece::New(len) => items.extend(new.by_ref().take(len)),
            }
        }
    }
}

/// Where the items of a piece were.
fn run_of(piece: Piece) -> Option<(usize, usize)> {
    match piece {
        Piece::Old { start, end } => Some((start, end)),
        Piece::New(_) => None,
    }
}
