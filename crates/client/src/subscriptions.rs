//! The keys that were requested, how the keys in use differ from them, and the plan of the next request.
//!
//! Pure: it is told which keys are used and when connections are opened.

use super::{
    keyed::{Keyed, Keys},
    machine::KeyChange,
    registry::KeyKind,
};
use leptos_sse_core::protocol::{Epoch, Key, SubscribeRequest};

/// The length that the keys of a query may have. nginx takes a request line of 8 KiB by itself, and our server one of 16 KiB; the
/// rest is for the path and for a query of the app's own.
pub const MAX_LEN: usize = 7 * 1024;
/// The length that the keys of a request's body may have: our servers read no longer body.
const MAX_BODY_LEN: usize = 256 * 1024;
/// The length reserved for the seq of a feed: a feed that is requested without its seq reports a gap.
const SEQ_LEN: usize = 1 + 20;

/// The keys that the open connection was asked for.
///
/// It counts the differences to the keys in use as they arise, so that a page of many signals does not compare all of them
/// each time.
#[derive(Debug, Default)]
pub struct RequestedKeys {
    /// Whether what is too long for a query goes into a body.
    posts: bool,
    keys: Keys,
    /// Those of them that had no room in the query: another key that is let go makes room.
    left_out: Keys,
    /// The same two of the stream that is being opened beside.
    beside: (Keys, Keys),
    /// Those that were told to have no room.
    told: Keys,
    /// How many keys in use are not asked for.
    missing: usize,
    /// How many keys that are asked for are not in use.
    surplus: usize,
}

/// A key in use, as it is to be requested.
#[derive(Clone, Copy, Debug)]
pub struct KeyRequest<'a> {
    /// The key.
    pub key: &'a Key,
    /// What it is followed as.
    pub kind: KeyKind,
    /// The seq that is held.
    pub seq: Option<u64>,
}

/// A request, and the keys that it has no room for.
#[derive(Debug, Default)]
pub struct RequestPlan {
    /// The request.
    pub request: SubscribeRequest,
    /// The keys without room that were not reported before.
    pub news: Vec<Key>,
    left_out: Keys,
}

impl RequestPlan {
    fn keys(&self) -> Keys {
        self.request.keys.iter().map(|(key, _)| key).chain(self.left_out.keys()).cloned().collect()
    }
}

impl RequestedKeys {
    /// `posts`: whether keys without room in a query go into the body of a POST.
    pub fn posting(posts: bool) -> Self {
        Self { posts, ..Self::default() }
    }

    /// How the keys in use differ from the requested ones; `None`: not at all.
    pub fn change(&self) -> Option<KeyChange> {
        match (self.missing, self.surplus) {
            (0, 0) => None,
            (0, _) => Some(KeyChange::Removals),
            _ => Some(KeyChange::Additions),
        }
    }

    /// Whether the server was asked for the key.
    pub fn is_served(&self, key: &Key) -> bool {
        self.keys.contains(key) && !self.left_out.contains(key)
    }

    /// Plans a request for as many keys as have room. Keys that are served already go first, so that new keys do not displace them.
    pub fn fit(&self, epoch: Option<&Epoch>, wanted: &[KeyRequest]) -> RequestPlan {
        let mut request = SubscribeRequest { epoch: epoch.cloned(), keys: Vec::new(), string_edits: true };
        let max_len = max_len(self.posts);
        let (mut len, mut keys, mut left_out) = (request.to_query().len(), Keyed::default(), Keys::default());
        let (served, others): (Vec<KeyRequest>, Vec<KeyRequest>) =
            wanted.iter().partition(|wanted| self.is_served(wanted.key));
        for wanted in [served, others].into_iter().flatten() {
            let room = match wanted.kind {
                KeyKind::Signal => query_len(wanted.key, None),
                KeyKind::Feed => query_len(wanted.key, None) + SEQ_LEN,
            };
            if len + room <= max_len && keys.len() < SubscribeRequest::MAX_KEYS {
                len += room;
                keys.insert(wanted.key.clone(), wanted.seq);
            } else {
                left_out.insert(wanted.key.clone(), ());
            }
        }
        // A signal without its seq has a snapshot, and misses nothing.
        for KeyRequest { key, seq, .. } in wanted.iter().filter(|wanted| wanted.kind == KeyKind::Signal) {
            if let Some(requested) = keys.get_mut(key) {
                let room = query_len(key, *seq) - query_len(key, None);
                if len + room <= max_len { len += room } else { *requested = None }
            }
        }
        let news = left_out.without(&self.told).cloned().collect();
        request.keys = keys.into_vec();
        RequestPlan { request, news, left_out }
    }

    /// Whether the server was asked for the key, or the key had no room.
    pub fn contains(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// A key is in use from now on.
    pub fn came(&mut self, key: &Key) {
        if self.keys.contains(key) { self.surplus -= 1 } else { self.missing += 1 }
    }

    /// A key is no longer in use.
    pub fn went(&mut self, key: &Key) {
        if self.keys.contains(key) { self.surplus += 1 } else { self.missing -= 1 }
    }

    /// A connection is opened.
    pub fn open(&mut self, plan: &RequestPlan, used: &Keys) {
        self.open_beside(plan);
        self.settle(used);
    }

    /// The same, beside the one that is open.
    pub fn open_beside(&mut self, plan: &RequestPlan) {
        self.beside = (plan.keys(), plan.left_out.clone());
        self.told.clone_from(&plan.left_out);
    }

    /// The connection beside has replaced the open one.
    pub fn settle(&mut self, used: &Keys) {
        (self.keys, self.left_out) = std::mem::take(&mut self.beside);
        self.missing = used.without(&self.keys).count();
        self.surplus = self.keys.without(used).count();
    }
}

/// The length that all keys together may have, with POST or without.
pub(super) fn max_len(posts: bool) -> usize {
    if posts { MAX_BODY_LEN } else { MAX_LEN }
}

/// The length of one key of a query, with its separator.
pub(super) fn query_len(key: &Key, seq: Option<u64>) -> usize {
    SubscribeRequest { keys: vec![(key.clone(), seq)], ..SubscribeRequest::default() }.to_query().len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&'static str]) -> Keys {
        names.iter().map(|name| Key::named(*name).unwrap()).collect()
    }

    fn plan_of(names: &[&'static str]) -> RequestPlan {
        let keys = set(names).keys().map(|key| (key.clone(), None)).collect();
        RequestPlan { request: SubscribeRequest { keys, ..SubscribeRequest::default() }, ..RequestPlan::default() }
    }

    fn named(names: std::ops::Range<u32>, len: usize) -> Vec<Key> {
        names.map(|name| Key::named(format!("{name:0len$}")).unwrap()).collect()
    }

    fn wanted(keys: &[Key], seq: Option<u64>) -> Vec<KeyRequest<'_>> {
        keys.iter().map(|key| KeyRequest { key, kind: KeyKind::Signal, seq }).collect()
    }

    fn used(keys: &[Key]) -> Keys {
        keys.iter().cloned().collect()
    }

    #[test]
    fn a_query_has_no_more_keys_than_servers_take_and_those_served_go_first() {
        // Each is 100 bytes of the query.
        let (later, first) = (named(0..10, 97), named(100..170, 97));
        let mut requested = RequestedKeys::default();
        requested.open(&requested.fit(None, &wanted(&first, None)), &used(&first));
        let all = [&later[..], &first[..]].concat();
        let plan = requested.fit(None, &wanted(&all, None));
        assert!(plan.request.to_query().len() <= MAX_LEN);
        assert!(first.iter().all(|key| plan.request.keys.contains(&(key.clone(), None))));
        assert_eq!(plan.news, later[1..], "there was room for one more");

        requested.open_beside(&plan);
        requested.settle(&used(&all));
        assert_eq!(requested.change(), None, "nothing is asked for what has no room, until there is some");
        assert!(requested.fit(None, &wanted(&all, None)).news.is_empty(), "it is told once");
        requested.went(&first[0]);
        assert_eq!(requested.change(), Some(KeyChange::Removals));
        let plan = requested.fit(None, &wanted(&[&later[..], &first[1..]].concat(), None));
        assert!(plan.request.keys.contains(&(later[1].clone(), None)));
        assert_eq!(plan.request.keys.len(), 71);
    }

    #[test]
    fn a_key_that_is_served_is_not_left_out_for_the_length_of_seqs() {
        let keys = named(0..71, 97);
        let requested = RequestedKeys::default();
        let request = requested.fit(None, &wanted(&keys, Some(12_345_678))).request;
        assert!(request.to_query().len() <= MAX_LEN);
        assert_eq!(request.keys.len(), 71);
        assert_eq!(request.keys.iter().filter(|(_, seq)| seq.is_some()).count(), (MAX_LEN - 7_107) / 9);
    }

    #[test]
    fn a_feed_is_asked_for_with_its_seq_or_not_at_all() {
        let keys = named(0..71, 97);
        let feeds: Vec<_> =
            keys.iter().map(|key| KeyRequest { key, kind: KeyKind::Feed, seq: Some(u64::MAX) }).collect();
        let request = RequestedKeys::default().fit(None, &feeds).request;
        assert!(request.keys.iter().all(|(_, seq)| seq.is_some()));
        assert_eq!(request.keys.len(), MAX_LEN / 121);
    }

    #[test]
    fn a_body_has_room_for_more_and_no_more_than_a_server_reads() {
        let requested = RequestedKeys::posting(true);
        let keys = named(0..1_500, 97);
        let plan = requested.fit(None, &wanted(&keys, Some(12_345_678)));
        assert_eq!((plan.request.keys.len(), plan.news.len()), (1_024, 476));
        assert!(plan.request.keys.iter().all(|(_, seq)| seq.is_some()));
        let long = requested.fit(None, &wanted(&named(0..500, Key::MAX_LEN), None)).request.to_query().len();
        assert!((MAX_BODY_LEN - 1_100..=MAX_BODY_LEN).contains(&long), "{long}");
    }

    #[test]
    fn a_query_has_no_more_keys_than_a_server_reads() {
        let keys = named(0..1_500, 1);
        let request = RequestedKeys::default().fit(None, &wanted(&keys, None)).request;
        assert_eq!(SubscribeRequest::parse(&request.to_query()).unwrap().keys.len(), 1_024);
    }

    #[test]
    fn keys_that_come_and_go_are_told_until_they_are_asked_for_or_let_go() {
        let (a, b) = (Key::named("a").unwrap(), Key::named("b").unwrap());
        let mut requested = RequestedKeys::default();
        requested.came(&a);
        assert_eq!(requested.change(), Some(KeyChange::Additions));
        requested.open(&plan_of(&["a"]), &set(&["a"]));
        assert_eq!(requested.change(), None);
        requested.came(&b);
        requested.went(&a);
        assert_eq!(requested.change(), Some(KeyChange::Additions));
        requested.went(&b);
        assert_eq!(requested.change(), Some(KeyChange::Removals));
        requested.came(&a);
        assert_eq!(requested.change(), None);
    }

    #[test]
    fn what_changes_while_a_connection_is_opened_beside_is_seen_when_it_takes_over() {
        let (b, c) = (Key::named("b").unwrap(), Key::named("c").unwrap());
        let mut requested = RequestedKeys::default();
        requested.open(&plan_of(&["a"]), &set(&["a"]));
        requested.came(&b);
        requested.open_beside(&plan_of(&["a", "b"]));
        requested.went(&b);
        requested.came(&c);
        assert!(
            requested.contains(&Key::named("a").unwrap()) && !requested.contains(&b),
            "the old one serves until then"
        );
        requested.settle(&set(&["a", "c"]));
        assert_eq!(requested.change(), Some(KeyChange::Additions));
        requested.went(&c);
        assert_eq!(requested.change(), Some(KeyChange::Removals));
        requested.came(&b);
        assert_eq!(requested.change(), None);
    }
}
