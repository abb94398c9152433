//! The requests of several tabs, merged into one.

use super::cursor_set::CursorSet;
use crate::{keyed::Keyed, subscriptions::query_len};
use leptos_sse_core::protocol::{Epoch, SubscribeRequest};

/// The keys of several requests, each with the lowest of their seqs.
///
/// A stream begins at one place of each key: for those who hold something of it where that ends, for the others anew.
/// A feed that begins anew may leave out what was pushed before; so that the two are not brought together.
#[derive(Debug)]
pub(super) struct MergedRequest {
    epoch: Option<Epoch>,
    keys: Keyed<Option<u64>>,
    len: usize,
    max_len: usize,
}

impl MergedRequest {
    pub(super) fn new(epoch: Option<Epoch>, max_len: usize) -> Self {
        // That of the epoch, and of the operations that we take.
        Self { epoch, keys: Keyed::default(), len: 64, max_len }
    }

    /// Adds a request, if it goes with the others and the query has room for it. The first one has; the longest that a tab
    /// may ask with does not count here. `mixed`: even if some begin anew where others go on.
    pub(super) fn add(&mut self, cursors: &CursorSet, mixed: bool) -> bool {
        let mut epoch = &self.epoch;
        if cursors.epoch != *epoch && cursors.keys.iter().any(|(_, seq)| seq.is_some()) {
            match self.keys.iter().any(|(_, seq)| seq.is_some()) {
                // Nothing that is asked for is of an epoch yet.
                false => epoch = &cursors.epoch,
                true if !mixed => return false,
                true => {}
            }
        }
        let seq_of = |key| cursors.seq_in(epoch.as_ref(), key);
        let mut len = self.len;
        for (key, _) in cursors.keys.iter() {
            match self.keys.get(key) {
                Some(held) if !mixed && held.is_some() != seq_of(key).is_some() => return false,
                Some(_) => {}
                None => len += query_len(key, seq_of(key)),
            }
        }
        let keys = cursors.keys.keys().filter(|key| !self.keys.contains(key)).count() + self.keys.len();
        if !self.keys.is_empty() && (len > self.max_len || keys > SubscribeRequest::MAX_KEYS) {
            return false;
        }
        let epoch = epoch.clone();
        self.len = len;
        for (key, _) in cursors.keys.iter() {
            let seq = cursors.seq_in(epoch.as_ref(), key);
            let lowest = self.keys.get_or_insert_with(key, || seq);
            // None is the lowest.
            *lowest = seq.min(*lowest);
        }
        self.epoch = epoch;
        true
    }

    pub(super) fn keys(&self) -> &Keyed<Option<u64>> {
        &self.keys
    }

    pub(super) fn into_request(self) -> SubscribeRequest {
        SubscribeRequest { epoch: self.epoch, keys: self.keys.into_vec(), string_edits: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriptions::MAX_LEN;
    use leptos_sse_core::Key;

    fn cursors(query: &str) -> CursorSet {
        CursorSet::new(&SubscribeRequest::parse(query).unwrap())
    }

    fn merged(requests: &[&str]) -> (Vec<bool>, String) {
        let mut merged = MergedRequest::new(Some("e".parse().unwrap()), MAX_LEN);
        let added = requests.iter().map(|request| merged.add(&cursors(request), false)).collect();
        let query = merged.into_request().to_query();
        (added, query.trim_end_matches("ops=str").trim_end_matches('&').to_owned())
    }

    #[test]
    fn the_lowest_seq_of_each_key_is_asked_with() {
        let (added, query) = merged(&["epoch=e&s=a~5&s=b~9", "epoch=e&s=a~3&s=c~1", "epoch=e&s=b~10&s=d"]);
        assert_eq!((added, query.as_str()), (vec![true; 3], "epoch=e&s=a~3&s=b~9&s=c~1&s=d"));
    }

    #[test]
    fn who_begins_anew_is_not_brought_together_with_who_goes_on() {
        let (added, query) = merged(&["epoch=e&s=a~5", "epoch=e&s=a&s=b~1", "epoch=f&s=a~7", "epoch=f&s=c~7"]);
        assert_eq!((added, query.as_str()), (vec![true, false, false, false], "epoch=e&s=a~5"));
        let mut merged = MergedRequest::new(Some("e".parse().unwrap()), MAX_LEN);
        assert!(merged.add(&cursors("epoch=e&s=a~5"), true) && merged.add(&cursors("s=a"), true));
        assert_eq!(merged.into_request().keys, [(Key::named("a").unwrap(), None)]);
    }

    #[test]
    fn the_epoch_is_that_of_the_first_who_holds_something() {
        assert_eq!(merged(&["s=a", "epoch=f&s=b~7", "epoch=f&s=c~9"]).1, "epoch=f&s=a&s=b~7&s=c~9");
        assert_eq!(merged(&["epoch=f&s=b~7", "epoch=e&s=c~9"]), (vec![true, false], "epoch=f&s=b~7".to_owned()));
        assert_eq!(merged(&["epoch=f&s=b", "epoch=e&s=c~9"]).1, "epoch=e&s=b&s=c~9");
    }

    #[test]
    fn a_query_has_no_more_keys_than_servers_take() {
        let long = |from: u32| (from..from + 40).map(|n| format!("s={n:097}&")).collect::<String>();
        let (added, query) = merged(&[&long(0), &long(100), &long(0), &long(10)]);
        assert_eq!(added, [true, false, true, true]);
        assert!(query.len() <= MAX_LEN);
        let many = |from: u32| (from..from + 600).map(|n| format!("s={n}&")).collect::<String>();
        assert_eq!(merged(&[&many(0), &many(500)]).0, [true, false]);
        assert_eq!(merged(&[&many(0), &many(400)]).0, [true, true]);
    }
}
