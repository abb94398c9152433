//! The client's rule for signals: which updates are taken, dropped or refused.
//!
//! Pure: what the wire brings goes in, the documents and what to tell whom come out.

use crate::{keyed::Keyed, signal_status::SseSignalStatus, update::DocumentChange};
use leptos_sse_core::{
    Error,
    document::Document,
    patch::{Touch, between},
    protocol::{Cursor, Epoch, Hello, Key, Refused, Removed},
};

/// The documents of one connection, those that no signal follows yet included: the patches to come start from them.
#[derive(Debug, Default)]
pub struct Documents {
    held: Keyed<HeldDocument>,
    /// The epoch of the last hello that spoke for a whole connection.
    epoch: Option<Epoch>,
    /// Whether that was on this connection.
    begun: bool,
}

#[derive(Debug, Default)]
struct HeldDocument {
    document: Option<Document>,
    /// The seq of the document, or of its removal, in the epoch below; none when it is stale.
    seq: Option<u64>,
    epoch: Option<Epoch>,
    /// Whether a hello of this connection named the signal.
    named: bool,
    /// Whether a hello or a snapshot of this connection says what the seqs belong to.
    begun: bool,
    /// Whether a snapshot was requested on this connection.
    snapshot_requested: bool,
    /// Why the server does not give it, when it said so.
    refused: Option<String>,
    /// Whether it said so on this connection.
    refused_here: bool,
    /// Whether the server has it no more.
    removed: bool,
    /// Whether a document of it was current once.
    was_live: bool,
    /// Whether this connection has brought something of it.
    spoken: bool,
    /// Whether a subscriber could not read the document.
    unread: bool,
}

/// What an update led to.
#[derive(Debug)]
pub enum Outcome {
    /// The document changed, and where.
    Changed {
        /// The new document.
        document: Document,
        /// The places where it differs from the last one.
        touches: Vec<Touch>,
    },
    /// It was a repeat, or the signal waits for its snapshot already.
    Dropped,
    /// The document stays as it is, and is stale: ask for a snapshot.
    OutOfStep(Error),
}

impl Documents {
    /// The document that is held for a key.
    pub fn document(&self, key: &Key) -> Option<Document> {
        self.held.get(key)?.document.clone()
    }

    /// The epoch of the seqs that are asked with.
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// The seq to ask with; `None` when there is no document, or it is stale or of another epoch than the connection's. What was
    /// refused is asked for as a whole: that it comes says that it is given again, also when it has not changed.
    pub fn seq(&self, key: &Key) -> Option<u64> {
        let held = self.held.get(key).filter(|held| held.epoch.is_some() && held.epoch == self.epoch)?;
        held.seq.filter(|_| held.document.is_some() && held.refused.is_none())
    }

    /// Where a signal stands. `is_served`: the connection is open, and was asked for it; none when it is not open.
    pub fn status(&self, key: &Key, is_served: Option<bool>) -> SseSignalStatus {
        self.held.get(key).map(|held| held.status(is_served)).unwrap_or_default()
    }

    /// A subscriber cannot read the document as it is.
    pub fn unread(&mut self, key: &Key) {
        if let Some(held) = self.held.get_mut(key) {
            held.unread = true;
        }
    }

    /// The page has brought a document, as the server rendered it: it counts where no stream has told of the signal. Whether it
    /// does. The first one gives the epoch to ask with, until a stream gives its own; one of another epoch is shown, and asks
    /// for a snapshot.
    pub fn start(&mut self, key: &Key, document: &Document, cursor: &Cursor) -> bool {
        let held = self.held.get_or_insert_with(key, HeldDocument::default);
        if held.document.is_some() || held.seq.is_some() {
            return false;
        }
        let epoch = self.epoch.get_or_insert_with(|| cursor.epoch.clone());
        held.begun = self.begun && *epoch == cursor.epoch;
        held.document = Some(document.clone());
        held.seq = Some(cursor.seq);
        held.epoch = Some(cursor.epoch.clone());
        true
    }

    /// A new connection is open.
    pub fn opened(&mut self) {
        self.begun = false;
        for (_, held) in self.held.iter_mut() {
            held.named = false;
            held.begun = false;
            held.snapshot_requested = false;
            held.spoken = false;
            held.refused_here = false;
        }
    }

    /// A stream begins. What is held of an earlier epoch is shown until the snapshot comes, but patched no more.
    ///
    /// # Errors
    ///
    /// When the connection carries two streams of one signal; their patches would mix.
    pub fn hello(&mut self, hello: &Hello) -> Result<(), Error> {
        match &hello.name {
            Some(key) => {
                let held = self.held.get_or_insert_with(key, HeldDocument::default);
                let twice = std::mem::replace(&mut held.named, true);
                held.begin(&hello.epoch);
                held.spoken = true;
                if twice { Err(Error::key(key.as_str(), "two streams on one connection have it")) } else { Ok(()) }
            }
            None => {
                self.held.iter_mut().for_each(|(_, held)| held.begin(&hello.epoch));
                self.epoch = Some(hello.epoch.clone());
                self.begun = true;
                Ok(())
            }
        }
    }

    /// Takes an update of a signal.
    pub fn update(&mut self, name: &Key, change: DocumentChange) -> Outcome {
        let held = self.held.get_or_insert_with(name, || {
            let epoch = self.epoch.clone().filter(|_| self.begun);
            HeldDocument { begun: epoch.is_some(), epoch, ..HeldDocument::default() }
        });
        held.update(change)
    }

    /// A heartbeat says how far the stream of a signal has come: one that is behind has missed something, and is stale
    /// now. (A counter that many signals share goes on without each of them.)
    ///
    /// # Errors
    ///
    /// When no hello of this connection named the epoch: it was lost, and with it the sense of what followed.
    pub fn heartbeat(&mut self, cursor: &Cursor) -> Result<Vec<(Key, Error)>, Error> {
        let is_spoken_of = |held: &HeldDocument| held.named && held.epoch.as_ref() == Some(&cursor.epoch);
        let spoken = self.begun && self.epoch.as_ref() == Some(&cursor.epoch);
        if !spoken && !self.held.iter().any(|(_, held)| is_spoken_of(held)) {
            return Err(Error::malformed("a heartbeat", "no hello named its epoch", &cursor.to_string()));
        }
        if spoken {
            // A refusal comes before any heartbeat: what was refused on an earlier connection is given on this one.
            self.held.iter_mut().filter(|(_, held)| !held.refused_here).for_each(|(_, held)| held.refused = None);
        }
        let behind = self
            .held
            .iter_mut()
            .filter(|(_, held)| is_spoken_of(held) && !held.snapshot_requested && held.seq.unwrap_or(0) < cursor.seq);
        Ok(behind.map(|(key, held)| (key.clone(), held.out_of_step(Error::gap(cursor.seq, held.seq)))).collect())
    }

    /// The server has the signal no more. Its document is forgotten, but not when it went: what is older is a repeat. Whether
    /// this is none.
    pub fn removed(&mut self, removed: &Removed) -> bool {
        self.held.get_mut(&removed.name).is_some_and(|held| held.removed(removed.to))
    }

    /// The server does not give the signal, and says why. Whether that is news.
    pub fn refused(&mut self, refused: &Refused) -> bool {
        let held = self.held.get_or_insert_with(&refused.name, HeldDocument::default);
        let reason = Some(refused.reason.clone());
        let news = held.refused != reason;
        held.refused = reason;
        held.refused_here = true;
        news
    }

    /// Forgets the signals that the connection does not bring.
    pub fn retain(&mut self, is_brought: impl Fn(&Key) -> bool) {
        self.held.retain(is_brought);
    }

    /// The connection is closed for good: of those that are still in use it is kept where they stand.
    pub fn clear(&mut self, is_used: impl Fn(&Key) -> bool) {
        *self = Self { held: std::mem::take(&mut self.held), ..Self::default() };
        self.retain(is_used);
        for (_, held) in self.held.iter_mut() {
            let HeldDocument { refused, removed, was_live, .. } = std::mem::take(held);
            *held = HeldDocument { refused, removed, was_live, ..HeldDocument::default() };
        }
    }
}

impl HeldDocument {
    fn status(&self, is_served: Option<bool>) -> SseSignalStatus {
        let is_current = self.begun && self.seq.is_some() && self.document.is_some() && !self.unread;
        match &self.refused {
            Some(why) => SseSignalStatus::Refused(why.clone()),
            None if self.removed => SseSignalStatus::Removed,
            None if is_current && is_served.is_some_and(|is_served| is_served || self.spoken) => SseSignalStatus::Live,
            None if self.was_live => SseSignalStatus::Stale,
            None => SseSignalStatus::Connecting,
        }
    }

    fn begin(&mut self, epoch: &Epoch) {
        self.begun = true;
        if self.epoch.as_ref() != Some(epoch) {
            self.epoch = Some(epoch.clone());
            self.seq = None;
        }
        self.was_live |= self.seq.is_some() && self.document.is_some();
    }

    fn update(&mut self, change: DocumentChange) -> Outcome {
        self.refused = None;
        self.spoken = true;
        let held = self.seq.filter(|_| self.begun);
        if held.is_some_and(|held| change.to <= held) {
            return Outcome::Dropped;
        }
        let Some(from) = change.from else { return self.snapshot(change) };
        match held.filter(|_| self.document.is_some()) {
            Some(held) if from == held => self.patch(change),
            Some(held) => Outcome::OutOfStep(self.out_of_step(Error::gap(from, Some(held)))),
            // The snapshot that was asked for is on its way.
            None if self.snapshot_requested => Outcome::Dropped,
            None => Outcome::OutOfStep(self.out_of_step(Error::gap(from, None))),
        }
    }

    fn snapshot(&mut self, change: DocumentChange) -> Outcome {
        self.begun = true;
        // Not onto what is held, which would be copied for those who share it only to be replaced.
        let before = self.document.replace(Document::default());
        match (self.patch(change), before) {
            (Outcome::OutOfStep(error), before) => {
                self.document = before;
                Outcome::OutOfStep(error)
            }
            // A snapshot after a reconnect is mostly what is held already.
            (Outcome::Changed { document, .. }, Some(before)) => {
                let touches = between(&before, &document);
                Outcome::Changed { document, touches }
            }
            (outcome, _) => outcome,
        }
    }

    fn removed(&mut self, to: u64) -> bool {
        let held = self.seq.filter(|_| self.begun);
        let is_news = held.is_none_or(|held| held < to);
        if is_news {
            self.document = None;
            self.removed = true;
            self.seq = Some(to).filter(|_| self.begun);
        }
        is_news
    }

    fn patch(&mut self, change: DocumentChange) -> Outcome {
        let Some(document) = &mut self.document else { return Outcome::Dropped };
        match document.apply_operations(change.operations.0) {
            Ok(touches) => {
                self.seq = Some(change.to);
                (self.was_live, self.removed, self.unread) = (true, false, false);
                Outcome::Changed { document: document.clone(), touches }
            }
            Err(error) => Outcome::OutOfStep(self.out_of_step(error)),
        }
    }

    fn out_of_step(&mut self, error: Error) -> Error {
        self.seq = None;
        self.snapshot_requested = true;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::update::Update;

    #[test]
    fn two_streams_of_one_key_on_one_connection_are_told() {
        let hello = |epoch: &str| Hello::parse(&format!(r#"{{"epoch":"{epoch}","name":"a"}}"#)).unwrap();
        let mut documents = Documents::default();
        documents.hello(&hello("e")).unwrap();
        assert!(documents.hello(&hello("f")).unwrap_err().is_invalid_key());
        documents.opened();
        documents.hello(&hello("g")).unwrap();
    }

    #[test]
    fn what_a_page_has_brought_counts_where_no_stream_has_told_of_it() {
        let (key, document) = (Key::of::<u8>(), Document::of(&5).unwrap());
        let cursor = |text: &str| text.parse::<Cursor>().unwrap();
        let mut documents = Documents::default();
        documents.hello(&Hello::parse(r#"{"epoch":"e"}"#).unwrap()).unwrap();
        assert!(documents.start(&key, &document, &cursor("e.3")));
        assert!(!documents.start(&key, &document, &cursor("e.2")));
        assert_eq!(documents.seq(&key), Some(3));
        assert_eq!(documents.status(&key, Some(false)), SseSignalStatus::Connecting, "the stream was not asked for it");
        assert!(documents.removed(&Removed { name: key.clone(), to: 4 }));
        assert!(!documents.start(&key, &document, &cursor("e.3")), "it is gone");

        let other = Key::of::<u16>();
        assert!(documents.start(&other, &document, &cursor("f.3")));
        assert_eq!((documents.seq(&other), documents.document(&other)), (None, Some(document)));
        assert_eq!(documents.status(&other, Some(true)), SseSignalStatus::Connecting, "it is of another epoch");
        let next = r#"{"name":"u16","from":3,"to":4,"patch":[{"op":"replace","path":"","value":6}]}"#;
        let next = Update::parse(next).unwrap();
        assert!(matches!(documents.update(&next.name, next.change), Outcome::OutOfStep(_)));
    }

    #[test]
    fn what_the_next_connection_does_not_bring_is_not_live() {
        let first = Update::parse(r#"{"name":"a","to":1,"patch":[{"op":"replace","path":"","value":6}]}"#).unwrap();
        let hello = Hello::parse(r#"{"epoch":"e"}"#).unwrap();
        let mut documents = Documents::default();
        documents.hello(&hello).unwrap();
        assert!(matches!(documents.update(&first.name, first.change), Outcome::Changed { .. }));
        assert_eq!(documents.status(&first.name, Some(false)), SseSignalStatus::Live, "it came, whoever asked");
        documents.opened();
        documents.hello(&hello).unwrap();
        assert_eq!(documents.status(&first.name, Some(false)), SseSignalStatus::Stale);
        assert_eq!(documents.status(&first.name, Some(true)), SseSignalStatus::Live);
    }
}
