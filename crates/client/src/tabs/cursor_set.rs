//! The seqs that a request for a stream asks with, kept up to date with what the stream brings.

use super::message::About;
use crate::keyed::Keyed;
use leptos_sse_core::{
    document::Json,
    protocol::{Epoch, Hello, Key, SubscribeRequest, event_name},
};

/// The keys of a request, each with a seq that its tab holds or has passed.
///
/// It may be lower than what is held, so that something comes again, but never higher.
#[derive(Clone, Debug)]
pub(super) struct CursorSet {
    pub(super) epoch: Option<Epoch>,
    pub(super) keys: Keyed<Option<u64>>,
    string_edits: bool,
}

impl CursorSet {
    pub(super) fn new(request: &SubscribeRequest) -> Self {
        let mut keys = Keyed::default();
        for (key, seq) in &request.keys {
            keys.insert(key.clone(), *seq);
        }
        Self { epoch: request.epoch.clone(), keys, string_edits: request.string_edits }
    }

    pub(super) fn to_request(&self) -> SubscribeRequest {
        let keys = self.keys.iter().map(|(key, seq)| (key.clone(), *seq)).collect();
        SubscribeRequest { epoch: self.epoch.clone(), keys, string_edits: self.string_edits }
    }

    /// The seq of a key in an epoch; those of another one count for nothing.
    pub(super) fn seq_in(&self, epoch: Option<&Epoch>, key: &Key) -> Option<u64> {
        self.keys.get(key).copied().flatten().filter(|_| self.epoch.as_ref() == epoch)
    }

    /// Whether the tab holds something of each key.
    pub(super) fn is_full(&self) -> bool {
        self.keys.iter().all(|(_, seq)| seq.is_some())
    }

    /// The stream names the epoch of its seqs; seqs of another epoch are dropped.
    pub(super) fn begin(&mut self, epoch: &Epoch) {
        if self.epoch.as_ref() != Some(epoch) {
            self.epoch = Some(epoch.clone());
            self.keys.iter_mut().for_each(|(_, seq)| *seq = None);
        }
    }

    /// Takes note of an event of a stream that has named its epoch.
    pub(super) fn take(&mut self, name: &str, about: &About) {
        let Some(held) = about.key.as_ref().and_then(|key| self.keys.get_mut(key)) else { return };
        match name {
            event_name::MESSAGE | event_name::FEED => *held = about.to.max(*held),
            // When it comes again, so does its snapshot or its start.
            event_name::REMOVED => *held = None,
            _ => {}
        }
    }
}

/// The epoch of a `hello` that speaks for a whole stream.
pub(super) fn epoch_of(hello: &str) -> Option<Epoch> {
    Hello::parse(hello).ok().filter(|hello| hello.name.is_none()).map(|hello| hello.epoch)
}

/// What an event is about, as far as it begins with that: the patch and the item, which come after it, are left to those
/// who want them.
pub(super) fn about(name: &str, data: &str) -> About {
    let mut about = About::default();
    if ![event_name::MESSAGE, event_name::FEED, event_name::REFUSED, event_name::REMOVED].contains(&name) {
        return about;
    }
    let _ = Json::whole(data, |json| {
        json.members("an event", &mut |member, json| {
            match member {
                "name" => about.key = Some(Key::read(json)?),
                "to" => about.to = Some(json.unsigned()?),
                "from" => drop(json.optional(Json::unsigned)?),
                _ if about.key.is_some() => return Err(json.flaw("enough")),
                // Not written by us: it may come in any order.
                _ => json.skip()?,
            }
            Ok(())
        })
    });
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str) -> Key {
        Key::named(name).unwrap()
    }

    fn cursors(epoch: &str, keys: &[(&'static str, Option<u64>)]) -> CursorSet {
        let keys = keys.iter().map(|(name, seq)| (key(name), *seq)).collect();
        CursorSet::new(&SubscribeRequest { epoch: Some(epoch.parse().unwrap()), keys, string_edits: true })
    }

    #[test]
    fn the_head_of_an_event_tells_what_it_is_about() {
        let cases = [
            ("message", r#"{"name":"a","from":1,"to":2,"patch":[{"#, Some("a"), Some(2)),
            ("message", r#"{"name":"a","to":2,"patch":not read"#, Some("a"), Some(2)),
            ("message", r#"{"patch":[],"later":{},"to":2,"name":"a"}"#, Some("a"), Some(2)),
            ("feed", r#"{"name":"f\n","to":0}"#, None, None),
            ("feed", r#"{"name":"f","from":7,"to":9,"item":1}"#, Some("f"), Some(9)),
            ("refused", r#"{"name":"a","reason":"no"}"#, Some("a"), None),
            ("removed", r#"{"name":"a","to":3}"#, Some("a"), Some(3)),
            ("hello", r#"{"epoch":"e","name":"a"}"#, None, None),
            ("hb", "e.7", None, None),
            ("message", "no json", None, None),
        ];
        for (name, data, key, to) in cases {
            let About { key: found, to: led } = about(name, data);
            assert_eq!((found.as_ref().map(Key::as_str), led), (key, to), "{data}");
        }
    }

    #[test]
    fn a_holding_keeps_up_and_forgets_what_is_of_another_epoch() {
        let mut held = cursors("e", &[("a", Some(5)), ("b", None), ("f", None)]);
        let to = |name, to| About { key: Some(key(name)), to: Some(to) };
        held.take("message", &to("a", 4));
        held.take("message", &to("b", 8));
        held.take("feed", &to("f", 0));
        held.take("message", &to("of another tab", 9));
        assert_eq!(held.to_request(), cursors("e", &[("a", Some(5)), ("b", Some(8)), ("f", Some(0))]).to_request());
        assert!(held.is_full());
        held.take("removed", &to("a", 10));
        held.take("refused", &to("b", 10));
        assert_eq!(held.to_request(), cursors("e", &[("a", None), ("b", Some(8)), ("f", Some(0))]).to_request());
        held.begin(&"e".parse().unwrap());
        assert_eq!(held.seq_in(held.epoch.clone().as_ref(), &key("b")), Some(8));
        assert_eq!(held.seq_in(None, &key("b")), None);
        held.begin(&"g".parse().unwrap());
        assert_eq!(held.to_request(), cursors("g", &[("a", None), ("b", None), ("f", None)]).to_request());
    }

    #[test]
    fn the_hello_of_one_signal_names_no_epoch_for_the_whole() {
        assert_eq!(epoch_of(r#"{"epoch":"e"}"#), Some("e".parse().unwrap()));
        assert_eq!(epoch_of(r#"{"epoch":"e","name":"a"}"#), None);
        assert_eq!(epoch_of(""), None);
    }
}
